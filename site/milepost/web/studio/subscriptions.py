"""`/studio/{store}/subscriptions`: who has subscribed to what, each with its cycles and its end."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.subscribing import cancel_for
from milepost.storage import subscriptions as storage
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, numbered, question
from milepost.wording.often import every_words
from milepost.wording.saying import say

PAGE = 50
STATES = ("active", "past_due", "unpaid", "ended")
MOST = 200  # cycles on the page of one
DONE = {"ended": N_("It is over. Nothing is charged any more.")}


@behind(Deed.SEE_PLEDGES)
async def subscriptions(request: Request, desk: Desk) -> Response:
    """`GET …/subscriptions`: newest first, fifty a page; `?show=` those in one state."""
    minds, show = desk.may(Deed.MIND_PLEDGES), asked(request, "show")
    show = show if show in STATES else ""
    before = number_in(asked(request, "before"))
    async with reading(request.state.site.database) as db:
        rows = await storage.of_store(db, desk.store_id, show or None, before, PAGE + 1)
        counts = await storage.counts(db, desk.store_id)
    here = f"{desk.home}/subscriptions"
    older = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
    return shown(
        request,
        "studio/subscriptions/list.html",
        desk,
        subscriptions=[_view(row, desk, minds) | {"cycles": row["cycles"]} for row in rows[:PAGE]],
        counts=counts,
        states=STATES,
        show=show,
        minds=minds,
        first_href=here + question(show=show) if before is not None else None,
        older_href=here + question(show=show, before=older) if older else None,
    )


def _view(row: Any, desk: Desk, minds: bool) -> dict[str, Any]:
    """What is shown of one; `next`: when it is paid again; `ends`: when it runs out instead."""
    runs_until = row["period_end"] if row["state"] == "active" else None
    return {
        "id": row["id"],
        "who": row["name"] or (row["email"] if minds else ""),
        "email": row["email"] if minds else "",
        "title": row["line"]["title"],
        "state": row["state"],
        "cancels": row["cancels"],
        "total": row["goods"] + row["shipping"] if minds else None,
        "currency": row["currency"],
        "every": every_words(row["every_count"], row["every_unit"], desk.locale),
        "next": None if row["cancels"] else runs_until,
        "ends": runs_until if row["cancels"] else None,
        "begun_at": row["begun_at"],
        "ended_at": row["ended_at"],
    }


async def _one(request: Request, desk: Desk) -> Any:
    """The store's subscription. Raises 404."""
    number = numbered(request, "subscription")
    async with reading(request.state.site.database) as db:
        row = await storage.one_of_store(db, desk.store_id, number)
    if row is None:
        raise HTTPException(404)
    return row


@behind(Deed.SEE_PLEDGES)
async def one(request: Request, desk: Desk) -> Response:
    """`GET …/subscriptions/{subscription}`: one with its cycles."""
    return await _page(request, desk, await _one(request, desk))


async def _page(
    request: Request, desk: Desk, row: Any, refused: Sentence | None = None, status: int = 200
) -> Response:
    minds = desk.may(Deed.MIND_PLEDGES)
    async with reading(request.state.site.database) as db:
        cycles = await storage.cycles(db, row["id"], MOST)
    return shown(
        request,
        "studio/subscriptions/one.html",
        desk,
        status,
        s=_view(row, desk, minds),
        row=dict(row),
        cycles=[dict(cycle) for cycle in cycles],
        minds=minds,
        done=DONE.get(asked(request, "done")),
        refused=say(refused, desk.locale) if refused is not None else "",
    )


@behind(Deed.MIND_PLEDGES)
async def end(request: Request, desk: Desk) -> Response:
    """`…/end`: GET asks once more; POST ends it at once."""
    row = await _one(request, desk)
    here = f"{desk.home}/subscriptions/{row['id']}"
    if request.method != "POST":
        if row["state"] == "ended":
            return back_to(here)
        view = _view(row, desk, True)
        return shown(request, "studio/subscriptions/end.html", desk, s=view)
    site = request.state.site
    try:
        await cancel_for(
            site.database, site.gateway, desk.store_id, desk.creator_id, row["id"], site.clock
        )
    except Refusal as refusal:
        return await _page(request, desk, row, refusal.sentence, 409)
    except PaymentUnavailable as error:
        return await _page(request, desk, row, Sentence(error.sentence), 503)
    return back_to(f"{here}?done=ended")
