"""`/studio/{store}/people`: who works in the store as what, and who is invited."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed, Role
from milepost.services import inviting, owning
from milepost.services.entering import TooOften
from milepost.services.signing_in import LONGEST
from milepost.storage import creators, invitations
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk, behind, shown, to_proof
from milepost.wording.saying import say

DONE = {
    "invited": N_("The invitation is on its way."),
    "withdrawn": N_("The invitation is withdrawn. Its link no longer works."),
    "changed": N_("The role is changed."),
    "removed": N_("They no longer work in this store."),
    "joined": N_("Welcome. You work in this store now."),
}


@behind(Deed.SEE_PEOPLE)
async def people(request: Request, desk: Desk) -> Response:
    """The members with their roles, and the open invitations."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    refusal: Refusal | None = None,
    typed: str = "",
    role: str = Role.EDITOR,
) -> Response:
    site, errors, status = request.state.site, {}, 200
    if refusal is not None:
        errors = {refusal.about: say(refusal.sentence, desk.locale)}
        is_typed = isinstance(refusal, Invalid)
        status = 429 if isinstance(refusal, TooOften) else 422 if is_typed else 409
    async with reading(site.database) as db:
        members = await creators.members(db, desk.store_id)
        invited = await invitations.open_ones(db, desk.store_id, site.clock())
    return shown(
        request,
        "studio/people.html",
        desk,
        status,
        members=members,
        invited=invited,
        roles=[str(role) for role in Role],
        minds=desk.may(Deed.MIND_PEOPLE),
        errors=errors,
        typed=typed,
        role=str(role),
        done=DONE.get(request.query_params.get("done", "")),
    )


@behind(Deed.MIND_PEOPLE)
async def invite(request: Request, desk: Desk) -> Response:
    """`POST …/people/invite`: a mailed invitation; to be an owner only after a fresh proof."""
    here = f"{desk.home}/people"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=5)
    typed, role = str(sent.get("email", "")), _role_in(str(sent.get("role", "")))
    if role is None:
        return back_to(here)
    if role is Role.OWNER and not desk.is_proved(site.clock()):
        return to_proof(here)
    try:
        await inviting.invite(
            site.database,
            site.settings.base_url,
            desk.row,
            typed,
            role,
            desk.row,
            desk.locale,
            site.clock(),
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, plain(typed, LONGEST), role)
    return back_to(f"{here}?done=invited")


@behind(Deed.MIND_PEOPLE)
async def withdraw(request: Request, desk: Desk) -> Response:
    """`POST …/people/withdraw`: an open invitation is over."""
    here = f"{desk.home}/people"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=5)
    email = plain(str(sent.get("email", "")), LONGEST)
    try:
        await inviting.withdraw(site.database, desk.store_id, email, desk.creator_id, site.clock())
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(f"{here}?done=withdrawn")


@behind(Deed.MIND_PEOPLE)
async def change_role(request: Request, desk: Desk) -> Response:
    """`POST …/people/role`: what a member is from here on; an owner only after a fresh proof."""
    here = f"{desk.home}/people"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=5)
    member, role = _member_in(str(sent.get("member", ""))), _role_in(str(sent.get("role", "")))
    if role is None:
        return back_to(here)
    if role is Role.OWNER and not desk.is_proved(site.clock()):
        return to_proof(here)
    try:
        await owning.change_role(
            site.database, desk.store_id, member, role, desk.creator_id, site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(f"{here}?done=changed")


@behind(Deed.MIND_PEOPLE)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/people/remove`: a member works here no more."""
    here = f"{desk.home}/people"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=5)
    member = _member_in(str(sent.get("member", "")))
    try:
        await owning.remove_member(
            site.database, desk.store_id, member, desk.creator_id, site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to("/studio" if member == desk.creator_id else f"{here}?done=removed")


def _role_in(typed: str) -> Role | None:
    return Role(typed) if typed in set(Role) else None


def _member_in(typed: str) -> int:
    return number_in(typed) or 0
