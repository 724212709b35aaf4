"""What only the demo shows: the mails that it keeps instead of sending them."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.domain.numbers import number_in
from milepost.storage import mails
from milepost.storage.database import reading
from milepost.web.guard import page_headers
from milepost.web.public.home import reader_locale

NOT_KEPT = {"cache-control": "no-store"}
# A mail brings its own styles and nothing that runs; nobody but our own page may frame it.
OF_A_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'; sandbox allow-popups"
    " allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)


async def all_mails(request: Request) -> Response:
    """`GET /dev/mail`: the demo's mails, newest first."""
    site = _demo(request)
    async with reading(site.database) as db:
        kept = await mails.composed(db)
    html = site.renderer.page(
        "dev/mails.html", reader_locale(request), mails=[dict(row) for row in kept]
    )
    return HTMLResponse(html, headers=NOT_KEPT)


async def one_mail(request: Request) -> Response:
    """`GET /dev/mail/{mail_id}`: its headers, its HTML in a frame, its text."""
    site, mail = _demo(request), await _mail(request)
    html = site.renderer.page("dev/mail.html", reader_locale(request), mail=dict(mail))
    policy = dict(page_headers(site.settings))[b"content-security-policy"].decode()
    framing = {"content-security-policy": f"{policy}; frame-src 'self'"}
    return HTMLResponse(html, headers=NOT_KEPT | framing)


async def html_of_mail(request: Request) -> Response:
    """`GET /dev/mail/{mail_id}/html`: the HTML part as a mail program would show it."""
    mail = await _mail(request)
    return HTMLResponse(mail["html"], headers=NOT_KEPT | {"content-security-policy": OF_A_MAIL})


def _demo(request: Request) -> Any:
    """The site, where it keeps mails; anywhere else there is no such page."""
    site = request.state.site
    if not site.settings.keeps_mails:
        raise HTTPException(404)
    return site


async def _mail(request: Request) -> Any:
    site, mail_id = _demo(request), number_in(request.path_params["mail_id"])
    if mail_id is None:
        raise HTTPException(404)
    async with reading(site.database) as db:
        found = await mails.composed_mail(db, mail_id)
    if found is None:
        raise HTTPException(404)
    return found
