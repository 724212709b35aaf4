"""Passkeys, for browsers that know them: what `static/js/passkeys.js` asks and answers."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Refusal
from milepost.domain.roles import Deed
from milepost.services import passkeys
from milepost.services.entering import TooOften, studio_page
from milepost.web.me.visit import PRIVATE, back_to, language_of
from milepost.web.public.chosen import plain
from milepost.web.studio.account import ACCOUNT
from milepost.web.studio.desk import (
    Desk,
    behind,
    caller_of,
    give_cookie,
    to_proof,
)
from milepost.wording.saying import say


def _house(request: Request) -> passkeys.House:
    return passkeys.House(request.state.site.settings.base_url)


def _json(body: str) -> Response:
    return Response(body, 200, PRIVATE, "application/json")


def _no(refusal: Refusal, locale: str) -> Response:
    status = 429 if isinstance(refusal, TooOften) else 422
    return JSONResponse({"error": say(refusal.sentence, locale)}, status, PRIVATE)


async def begin_entering(request: Request) -> Response:
    """`POST /studio/sign-in/passkey`: what a passkey is to sign."""
    site = request.state.site
    try:
        return _json(
            await passkeys.begin_entering(
                site.database, _house(request), caller_of(request), site.clock()
            )
        )
    except Refusal as refusal:
        return _no(refusal, language_of(request))


async def enter(request: Request) -> Response:
    """`POST /studio/sign-in/passkey/answer`: signed in, and where to go on."""
    site, answer = request.state.site, (await request.body()).decode("utf-8", "replace")
    try:
        token = await passkeys.enter(
            site.database, _house(request), answer, caller_of(request), site.clock()
        )
    except Refusal as refusal:
        return _no(refusal, language_of(request))
    leads_to = studio_page(request.query_params.get("next", "")) or "/studio"
    response = JSONResponse({"location": leads_to}, 200, PRIVATE)
    give_cookie(response, site.settings, token)
    return response


@behind(Deed.MIND_ACCOUNT)
async def begin_adding(request: Request, desk: Desk) -> Response:
    """`POST /studio/account/passkeys`: what a new passkey is made from."""
    site = request.state.site
    if not desk.is_proved(site.clock()):
        return JSONResponse({"location": to_proof(ACCOUNT).headers["location"]}, 403, PRIVATE)
    who = (desk.creator_id, desk.email, desk.name)
    try:
        return _json(
            await passkeys.begin_adding(site.database, _house(request), *who, site.clock())
        )
    except Refusal as refusal:
        return _no(refusal, desk.locale)


@behind(Deed.MIND_ACCOUNT)
async def add(request: Request, desk: Desk) -> Response:
    """`POST /studio/account/passkeys/answer`: the passkey is kept."""
    site, answer = request.state.site, (await request.body()).decode("utf-8", "replace")
    if not desk.is_proved(site.clock()):
        return JSONResponse({"location": to_proof(ACCOUNT).headers["location"]}, 403, PRIVATE)
    typed = plain(request.query_params.get("name", ""), passkeys.LONGEST_NAME)
    name = typed or caller_of(request).browser or "Passkey"
    try:
        await passkeys.add(
            site.database, _house(request), desk.creator_id, answer, name, site.clock()
        )
    except Refusal as refusal:
        return _no(refusal, desk.locale)
    return JSONResponse({"location": f"{ACCOUNT}?done=passkey"}, 200, PRIVATE)


@behind(Deed.MIND_ACCOUNT)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST /studio/account/passkeys/remove`: it opens nothing any more."""
    if request.method != "POST":
        return back_to(ACCOUNT)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=5)
    try:
        credential_id = bytes.fromhex(str(sent.get("passkey", "")))
    except ValueError:
        return back_to(ACCOUNT)
    await passkeys.remove(site.database, desk.creator_id, credential_id, site.clock())
    return back_to(f"{ACCOUNT}?done=removed")
