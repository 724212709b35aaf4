"""`/studio/{store}/tokens`: keys to the API for the store's other programs."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.domain.scopes import SCOPES
from milepost.services.api_tokens import MOST_TOKENS, make_token, revoke_token
from milepost.storage import api
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, errors_of, numbered, status_of, typed_in

DONE = {"revoked": N_("The token is revoked. It opens nothing any more.")}

EXAMPLE = 'curl "%(address)s/grants?state=owed" -H "Authorization: Bearer mp_…"'


@behind(Deed.EDIT_CAMPAIGN)
async def tokens(request: Request, desk: Desk) -> Response:
    """`GET`: those there are; `POST`: a new one, which is shown in the answer and never again."""
    if request.method != "POST":
        return await _page(request, desk)
    site, typed = request.state.site, await typed_in(request)
    name, scopes = typed.get("name", ""), [scope for scope in SCOPES if scope in typed]
    try:
        made = await make_token(site.database, desk.author, name, scopes, site.clock())
    except Refusal as refusal:
        return await _page(request, desk, typed=name, chosen=scopes, refusal=refusal)
    return await _page(request, desk, made=made)


@behind(Deed.EDIT_CAMPAIGN)
async def revoke(request: Request, desk: Desk) -> Response:
    """`POST …/revoke`."""
    here, token_id = f"{desk.home}/tokens", numbered(request, "api_token")
    if request.method == "POST":
        site = request.state.site
        await revoke_token(site.database, desk.author, token_id, site.clock())
        return back_to(f"{here}?done=revoked")
    return back_to(here)


async def _page(
    request: Request,
    desk: Desk,
    *,
    made: str = "",
    typed: str = "",
    chosen: Sequence[str] = (),
    refusal: Refusal | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        rows = await api.tokens(db, desk.store_id, 2 * MOST_TOKENS)
    return shown(
        request,
        "studio/tokens.html",
        desk,
        status_of(refusal),
        tokens=rows,
        made=made,
        typed=typed,
        chosen=chosen,
        scopes=SCOPES,
        errors=errors_of(refusal, desk.locale),
        example=EXAMPLE % {"address": f"{site.settings.base_url}/api/v1"},
        document=f"{site.settings.base_url}/api/v1/openapi.json",
        done=DONE.get(asked(request, "done")),
    )
