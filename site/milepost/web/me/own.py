"""`/me/data.json` and `/me/erase`: all that is known of the visitor, and forgetting it."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.services.erasing import erase_person, hindrances
from milepost.services.exporting import export_person
from milepost.services.publishing import in_language
from milepost.services.signing_in import LONGEST, Visit
from milepost.storage.database import reading
from milepost.web.me.visit import (
    PRIVATE,
    language_of,
    shown,
    signed_in,
    store_here,
    take_cookie,
)
from milepost.web.public.chosen import plain
from milepost.wording.languages import translator
from milepost.wording.saying import say

DOWNLOAD = {"content-disposition": 'attachment; filename="milepost-data.json"'}


@signed_in
async def data(request: Request, visit: Visit) -> Response:
    """`GET /me/data.json`: everything, as JSON to keep."""
    site = request.state.site
    found = await export_person(site.database, visit.email, site.clock())
    body = orjson.dumps(found, option=orjson.OPT_INDENT_2)
    return Response(body, headers=PRIVATE | DOWNLOAD, media_type="application/json")


@signed_in
async def erase(request: Request, visit: Visit) -> Response:
    """`/me/erase`: what goes, what stays and why; POST with the address typed does it."""
    site, locale = request.state.site, language_of(request, visit.locale)
    typed, error, refused, status = "", "", "", 200
    if request.method == "POST":
        sent = await request.form(max_files=0, max_fields=5)
        typed = plain(str(sent.get("email", "")), LONGEST)
        if typed.strip().lower() == visit.email:
            try:
                await erase_person(site.database, visit.email, site.clock())
                return await _erased(request, locale)
            except Refusal as refusal:
                refused, status = say(refusal.sentence, locale), 409
        else:
            gettext = translator(locale).gettext
            said = gettext(
                "That is not the address that you are signed in with. Nothing was erased."
            )
            error, status = said, 422
    async with reading(site.database) as db:
        standing = await hindrances(db, visit.email)
        store = await store_here(db, locale)
    return shown(
        request,
        "me/erase.html",
        locale,
        status,
        visit=visit,
        store=store,
        typed=typed,
        error=error,
        refused=refused,
        standing=[
            {"key": h.key, "why": h.why, "reward": h.reward, "is_order": h.campaign is None,
             "title": "" if h.campaign is None else in_language(h.campaign, locale)("title")}
            for h in standing
        ],
    )  # fmt: skip


async def _erased(request: Request, locale: str) -> Response:
    async with reading(request.state.site.database) as db:
        store = await store_here(db, locale)
    response = shown(request, "me/erased.html", locale, store=store)
    take_cookie(response, request.state.site.settings)
    return response
