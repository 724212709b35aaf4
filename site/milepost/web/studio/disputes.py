"""`…/disputes`: payments that backers dispute at their bank, what each holds, where to answer."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.storage import pledge_list
from milepost.storage.database import reading
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, question

PAGE = 50


@behind(Deed.MIND_PLEDGES)
async def disputes(request: Request, desk: Desk) -> Response:
    """The open ones, or with `?all=1` every one there ever was; newest first."""
    site, every = request.state.site, asked(request, "all") == "1"
    before = number_in(asked(request, "before"))
    async with reading(site.database) as db:
        rows = await pledge_list.disputes(
            db, desk.campaign_id, desk.row["track_id"], every, before, PAGE + 1
        )
        banks = await pledge_list.known_disputes(db, [row["id"] for row in rows])
    test = "test/" if "_test_" in site.settings.stripe_secret_key else ""
    older = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
    here = f"{desk.campaign_home}/disputes"
    told = [
        {
            "pledge": row,
            "ref": ref,
            "state": state,
            "bank": banks.get(ref),
            "url": f"https://dashboard.stripe.com/{test}payments/{row['origins'].get(ref, '')}",
        }
        for row in rows[:PAGE]
        for ref, state in row["disputes"].items()
        if every or state == "open"
    ]
    return shown(
        request,
        "studio/pledges/disputes.html",
        desk,
        disputes=told,
        every=every,
        now=site.clock(),
        older_href=here + question(all=every and "1", before=older) if older else None,
    )
