"""Pages that a payment page leads back to: whoever has the address sees what became of it (P9)."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.storage.database import Connection, reading
from milepost.web.public.checkout import PRIVATE
from milepost.web.public.home import reader_locale
from milepost.web.public.view import store_view
from milepost.web.slugs import is_key
from milepost.wording.languages import LOCALES

View = Callable[[Any, str], dict[str, Any]]


async def own_page_of(
    request: Request,
    by_key: Callable[[Connection, str], Awaitable[Any | None]],
    template: str,
    name: str,
    view: View,
) -> Response:
    """The page of the row `by_key`, which `template` knows as `name`, in the language it has.

    Another language may be asked for. Raises 404.
    """
    site, key, row = request.state.site, request.path_params["key"], None
    if is_key(key):
        async with reading(site.database) as db:
            row = await by_key(db, key)
    if row is None:
        raise HTTPException(404)
    asked = request.query_params.get("lang")
    known = row["locale"] if row["locale"] in LOCALES else reader_locale(request)
    locale = asked if asked in LOCALES else known
    shown = {"store": store_view(row, locale), name: view(row, locale)}
    return HTMLResponse(site.renderer.page(template, locale, **shown), headers=PRIVATE)
