"""`…/updates/comments`: what backers said, and what the creator does about it (B7)."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.talking import LONGEST_COMMENT, REASONS
from milepost.services.moderating import (
    answer_comment,
    block_commenter,
    hide_comment,
    set_comments,
    show_comment,
    unblock_commenter,
)
from milepost.storage import comments
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.updates import MOST_FIELDS, home_of
from milepost.web.studio.writing import text_of
from milepost.wording.prose import remark
from milepost.wording.saying import say

PAGE = 30
MOST_BLOCKED = 50
ONLY = ("waiting", "reported", "hidden", "all")
DONE = {
    "shown": N_("Everybody sees the comment now."),
    "hidden": N_("The comment is hidden."),
    "answered": N_("Your answer stands below the comment."),
    "blocked": N_("They comment in this campaign no more."),
    "unblocked": N_("They may comment again."),
    "set": N_("From the next comment on it is like that."),
}


@behind(Deed.SEE_CAMPAIGN)
async def comments_page(request: Request, desk: Desk) -> Response:
    """`GET …/updates/comments`: `?only=` what waits, was reported or is hidden; newest first.

    Whoever may not decide reads what everybody reads.
    """
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    refusal: Refusal | None = None,
    about: int | None = None,
    typed: str = "",
) -> Response:
    """The queue; with a `refusal` about one of the comments, beside it with what was typed."""
    asked = request.query_params
    before = number_in(asked.get("before", ""))
    async with reading(request.state.site.database) as db:
        counts = await comments.counts(db, desk.campaign_id)
        only = asked.get("only", "")
        if not desk.may(Deed.EDIT_CAMPAIGN):
            only = "shown"  # what waits or was hidden is read by those who decide about it
        elif only not in ONLY:
            only = "waiting" if counts["waiting"] else "all"
        if about is not None:
            only, before = "all", about + 1
        rows = await comments.in_studio(db, desk.campaign_id, only, before, PAGE + 1)
        blocked = await comments.blocked(db, desk.campaign_id, MOST_BLOCKED)
    errors, status = {}, 200
    if refusal is not None:
        errors = {refusal.about or "": say(refusal.sentence, desk.locale)}
        status = 422 if isinstance(refusal, Invalid) else 409
    return shown(
        request,
        "studio/comments.html",
        desk,
        status,
        comments=[_shown(row) for row in rows[:PAGE]],
        older=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        is_first=before is None,
        only=only,
        counts=counts,
        blocked=blocked,
        reasons=REASONS,
        errors=errors,
        about=about,
        typed=typed,
        longest=LONGEST_COMMENT,
        done=DONE.get(asked.get("done", "")),
    )


def _shown(row: Any) -> dict[str, Any]:
    return {**dict(row), "body": remark(row["text"])}


Act = Callable[[Request, Desk, int, dict[str, str]], Awaitable[str]]


def _acting(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """`POST` to one comment of the campaign; back to the list it was pressed in."""

    @behind(Deed.EDIT_CAMPAIGN)
    async def page(request: Request, desk: Desk) -> Response:
        here = f"{home_of(desk)}/comments"
        comment_id = number_in(request.path_params["comment"])
        if comment_id is None:
            raise HTTPException(404)
        if request.method != "POST":
            return back_to(here)
        sent = await request.form(max_files=0, max_fields=MOST_FIELDS)
        typed = {name: str(value) for name, value in sent.items()}
        only = typed.get("only", "")
        try:
            done = await act(request, desk, comment_id, typed)
        except Refusal as refusal:
            return await _page(request, desk, refusal, comment_id, typed.get("text", ""))
        return back_to(f"{here}?only={only if only in ONLY else 'all'}&done={done}")

    page.__doc__ = act.__doc__
    return page


@_acting
async def show(request: Request, desk: Desk, comment_id: int, typed: dict[str, str]) -> str:
    """`POST …/comments/{comment}/show`: everybody may see it."""
    site = request.state.site
    await show_comment(site.database, desk.author, comment_id, site.clock())
    return "shown"


@_acting
async def hide(request: Request, desk: Desk, comment_id: int, typed: dict[str, str]) -> str:
    """`POST …/comments/{comment}/hide`: nobody else sees it, for a `reason`."""
    site, reason = request.state.site, typed.get("reason", "")
    await hide_comment(site.database, desk.author, comment_id, reason, site.clock())
    return "hidden"


@_acting
async def answer(request: Request, desk: Desk, comment_id: int, typed: dict[str, str]) -> str:
    """`POST …/comments/{comment}/answer`: in the creator's name, below it."""
    site, text = request.state.site, text_of(typed.get("text", ""))
    await answer_comment(site.database, desk.author, comment_id, text, site.clock())
    return "answered"


@_acting
async def block(request: Request, desk: Desk, comment_id: int, typed: dict[str, str]) -> str:
    """`POST …/comments/{comment}/block`: whoever wrote it comments here no more."""
    site = request.state.site
    await block_commenter(site.database, desk.author, comment_id, site.clock())
    return "blocked"


@behind(Deed.EDIT_CAMPAIGN)
async def unblock(request: Request, desk: Desk) -> Response:
    """`POST …/comments/unblock`: a `person` of the list may comment again."""
    here = f"{home_of(desk)}/comments"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=MOST_FIELDS)
    person = number_in(str(sent.get("person", "")))
    if person is None:
        return back_to(here)
    await unblock_commenter(site.database, desk.author, person, site.clock())
    return back_to(f"{here}?done=unblocked")


@behind(Deed.EDIT_CAMPAIGN)
async def setting(request: Request, desk: Desk) -> Response:
    """`POST …/comments/setting`: whose comments are shown when."""
    here = f"{home_of(desk)}/comments"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=MOST_FIELDS)
    try:
        await set_comments(site.database, desk.author, str(sent.get("setting", "")), site.clock())
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(f"{here}?done=set")
