"""`/studio/account`: a creator's own name, password, passkeys, and where they are signed in."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.entering import (
    LONGEST_NAME,
    TooOften,
    introduce,
    prove,
    set_password,
    sign_out,
    studio_page,
)
from milepost.services.passkeys import known_passkeys
from milepost.services.passwords import LONGEST, SHORTEST
from milepost.settings import Settings
from milepost.storage import sittings
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk, behind, caller_of, give_cookie, shown, to_proof
from milepost.wording.languages import LOCALES
from milepost.wording.saying import say

ACCOUNT = "/studio/account"
PASSWORD = f"{ACCOUNT}/password"
DONE = {
    "about": N_("Saved."),
    "password": N_("Your new password is set. Everywhere else you are signed out."),
    "passkey": N_("The passkey is added. It signs you in from now on."),
    "removed": N_("The passkey is removed."),
    "ended": N_("That device is signed out."),
}


@behind(Deed.MIND_ACCOUNT)
async def account(request: Request, desk: Desk) -> Response:
    """The account: everything that lets this creator in."""
    site = request.state.site
    async with reading(site.database) as db:
        standing = await sittings.of_creator(db, desk.creator_id, site.clock())
    return shown(
        request,
        "studio/account.html",
        desk,
        sittings=standing,
        passkeys=await known_passkeys(site.database, desk.creator_id),
        done=DONE.get(request.query_params.get("done", "")),
        longest=LONGEST_NAME,
    )


@behind(Deed.MIND_ACCOUNT)
async def about(request: Request, desk: Desk) -> Response:
    """`POST /studio/account/about`: what the others call them, and the studio's language."""
    if request.method != "POST":
        return back_to(ACCOUNT)
    sent = await request.form(max_files=0, max_fields=5)
    asked = str(sent.get("locale", ""))
    locale = asked if asked in LOCALES else desk.locale
    name = plain(str(sent.get("name", "")), LONGEST_NAME)
    await introduce(request.state.site.database, desk.creator_id, name, locale)
    return back_to(f"{ACCOUNT}?done=about")


@behind(Deed.MIND_ACCOUNT)
async def password(request: Request, desk: Desk) -> Response:
    """`/studio/account/password`: a new one, by whoever has just shown that it is they."""
    site, errors, status = request.state.site, {}, 200
    if not desk.is_proved(site.clock()):
        return to_proof(PASSWORD)
    if request.method == "POST":
        sent = await request.form(max_files=0, max_fields=5)
        try:
            typed = str(sent.get("password", ""))
            who = (desk.creator_id, desk.email)
            token = await set_password(site.database, *who, typed, desk.sitting_id, site.clock())
            return _with(token, f"{ACCOUNT}?done=password", site.settings)
        except Refusal as refusal:
            errors, status = {refusal.about: say(refusal.sentence, desk.locale)}, 422
    return shown(
        request,
        "studio/password.html",
        desk,
        status,
        errors=errors,
        shortest=SHORTEST,
        longest=LONGEST,
    )


@behind(Deed.MIND_ACCOUNT)
async def proof(request: Request, desk: Desk) -> Response:
    """`/studio/account/proof`: the password again, or a fresh link, before what is grave."""
    site, errors, status = request.state.site, {}, 200
    next_ = studio_page(request.query_params.get("next", "")) or ACCOUNT
    if request.method == "POST":
        sent = await request.form(max_files=0, max_fields=5)
        next_ = studio_page(str(sent.get("next", ""))) or ACCOUNT
        try:
            typed, caller = str(sent.get("password", "")), caller_of(request, desk.locale)
            who = (desk.sitting_id, desk.email)
            token = await prove(site.database, *who, typed, caller, site.clock())
            return _with(token, next_, site.settings)
        except Refusal as refusal:
            errors = {refusal.about: say(refusal.sentence, desk.locale)}
            status = 429 if isinstance(refusal, TooOften) else 422
    return shown(request, "studio/proof.html", desk, status, errors=errors, next=next_)


def _with(token: str, path: str, settings: Settings) -> Response:
    """On to `path`, with the sitting's new token."""
    response = back_to(path)
    give_cookie(response, settings, token)
    return response


@behind(Deed.MIND_ACCOUNT)
async def end_sitting(request: Request, desk: Desk) -> Response:
    """`POST /studio/account/sittings/end`: one of the creator's own sittings is over."""
    if request.method != "POST":
        return back_to(ACCOUNT)
    sent = await request.form(max_files=0, max_fields=5)
    if sitting := number_in(str(sent.get("sitting", ""))):
        await sign_out(request.state.site.database, desk.creator_id, sitting)
    return back_to(f"{ACCOUNT}?done=ended")
