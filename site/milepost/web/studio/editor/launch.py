"""`…/launch`: what is still missing, the preview, the announcement, and publishing."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services import launching
from milepost.storage import editing, notifying
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import status_of
from milepost.wording.saying import say

DONE = {
    "published": N_("Published. What it promises is written down from here on."),
    "announced": N_("Announced. Its page is public."),
    "withdrawn": N_("The announcement is taken back. Whoever follows is kept."),
    "renewed": N_("The preview has another link. The one before shows nothing any more."),
}


@behind(Deed.EDIT_CAMPAIGN)
async def launch(request: Request, desk: Desk) -> Response:
    """GET shows how the draft stands; POST previews anew, announces, withdraws or publishes."""
    if request.method != "POST":
        return await _page(request, desk)
    site, sent = request.state.site, await forms.sent_to(request)
    author, now = desk.author, site.clock()
    act = str(sent.get("do", ""))
    try:
        if act == "publish":
            at_once = sent.get("when") != "later"
            await launching.publish_campaign(site.database, author, now, at_once=at_once)
        elif act == "announce":
            await launching.announce(site.database, author, now)
        elif act == "withdraw":
            await launching.withdraw(site.database, author, now)
        elif act == "renew":
            await launching.renew_preview(site.database, author, now)
        else:
            return back_to(f"{desk.campaign_home}/launch")
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    done = {"publish": "published", "announce": "announced", "withdraw": "withdrawn"}
    return back_to(f"{desk.campaign_home}/launch?done={done.get(act, 'renewed')}")


async def _page(request: Request, desk: Desk, refusal: Refusal | None = None) -> Response:
    site = request.state.site
    now = site.clock()
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        checks = await launching.checks(db, row, now)
        followers = await notifying.counts(db, desk.campaign_id)
        unsaved = await editing.unsaved(db, desk.store_id, desk.campaign_id, desk.creator_id)
    settings = site.settings
    return shown(
        request,
        "studio/edit/launch.html",
        desk,
        status_of(refusal),
        row=row,
        c={"state": "live", **{name: row[name] for name in _PROMISED}},
        checks=[
            {
                "is_there": check.is_there,
                "needed": check.needed,
                "said": say(check.said, desk.locale),
                "more": say(check.more, desk.locale),
                "where": check.where,
            }
            for check in checks
        ],
        ready=all(check.is_there or not check.needed for check in checks),
        opens_later=row["opens_at"] > now,
        followers=followers,
        unsaved=len(unsaved),
        preview_at=f"{settings.base_url}/preview/{row['preview_key']}",
        mails_wait=not settings.smtp_url and not settings.keeps_mails,
        errors={"": say(refusal.sentence, desk.locale)} if refusal else {},
        tab_part="launch",
        done=DONE.get(request.query_params.get("done", "")),
    )


_PROMISED = ("funding_model", "basis", "currency", "goal", "zone", "opens_at", "closes_at")
