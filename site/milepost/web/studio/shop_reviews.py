"""`…/shop/reviews`: what buyers say; the creator shows it, or hides it."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import NotFound, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.publishing import in_language
from milepost.services.reviewing import hide_review, show_review
from milepost.storage import reviews as storage
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import status_of
from milepost.web.studio.parts import asked, errors_of, numbered, question
from milepost.wording.prose import remark

PAGE = 24
STATES = {"waiting": N_("Waiting"), "shown": N_("Shown"), "hidden": N_("Hidden")}
ACTS = {"show": show_review, "hide": hide_review}
DONE = {
    "show": N_("Everybody can read it."),
    "hide": N_("Nobody but its writer can read it."),
}


@behind(Deed.SEE_STORE)
async def reviews(request: Request, desk: Desk) -> Response:
    """`GET …/shop/reviews`: those that wait, or of a `?state=`; newest first, `?before=` below."""
    return await _page(request, desk)


async def _page(request: Request, desk: Desk, refusal: Refusal | None = None) -> Response:
    state, before = asked(request, "state"), number_in(asked(request, "before"))
    state = state if state in STATES else "waiting"
    async with reading(request.state.site.database) as db:
        rows = await storage.in_studio(db, desk.store_id, state, before, PAGE + 1)
        waiting = await storage.waiting(db, desk.store_id)
    return shown(
        request,
        "studio/shop/reviews.html",
        desk,
        404 if isinstance(refusal, NotFound) else status_of(refusal),
        reviews=[
            {
                **dict(row),
                "title": in_language(row, desk.locale)("title"),
                "body": remark(row["text"]) if row["text"] else "",
            }
            for row in rows[:PAGE]
        ],
        states=STATES,
        state=state,
        waiting=waiting,
        older=question(state=state, before=rows[PAGE - 1]["id"]) if len(rows) > PAGE else "",
        is_first=before is None,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(asked(request, "done")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def decide(request: Request, desk: Desk) -> Response:
    """`POST …/shop/reviews/{review}`: `show` it, or `hide` it."""
    site, review_id = request.state.site, numbered(request, "review")
    here = f"{desk.home}/shop/reviews"
    if request.method != "POST":
        return back_to(here)
    sent = await forms.sent_to(request)
    do, state = str(sent.get("do", "")), str(sent.get("state", ""))
    act = ACTS.get(do)
    if act is None:
        return back_to(here)
    try:
        await act(site.database, desk.author, review_id, site.clock())
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(here + question(state=state if state in STATES else "", done=do))
