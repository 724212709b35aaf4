"""`/oembed`: a campaign's address becomes its live card wherever it is pasted (oembed.com, 1.0)."""

import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.numbers import number_in
from milepost.services.publishing import in_language
from milepost.web.embed.script import ANYWHERE
from milepost.web.public.card import HEIGHT, WIDTH, WIDTHS
from milepost.web.public.home import reader_locale

_PAGE = re.compile(r"/c/([a-z0-9][a-z0-9-]{0,79})/?")
AGE = 3600  # seconds for which whoever embeds may keep the answer
WIDEST, WIDE = 640, 544  # pixels: where nothing is asked for; from where picture and words part
TALL, LOW, COMPACT = 1080, 840, 380  # pixels: what the card takes if narrow, wide, or `compact`


async def oembed(request: Request) -> Response:
    """`?url=…&maxwidth=&maxheight=&format=json`; what is no campaign of ours is 404, XML is 501."""
    site, asked = request.state.site, request.query_params
    if asked.get("format", "json") != "json":
        return _answer({"error": "Only format=json is spoken here."}, 501)
    slug = _slug(asked.get("url", ""), site.settings.base_url)
    found = await site.shelf.get(slug) if slug else None
    if found is None:
        return _answer({"error": "There is no public campaign at this url."}, 404)
    widest = number_in(asked.get("maxwidth", "")) or WIDEST
    highest = number_in(asked.get("maxheight", ""))
    row, locale = found.published.campaign, reader_locale(request)
    base_url = site.settings.base_url
    told = {
        "version": "1.0",
        "type": "rich",
        "title": in_language(row, locale)("title"),
        "author_name": in_language(row, locale, "store_")("name"),
        "author_url": f"{base_url}/",
        "provider_name": urlsplit(base_url).hostname,
        "provider_url": f"{base_url}/",
        "cache_age": AGE,
    }
    told |= _frame(f"{base_url}/embed/c/{slug}", str(told["title"]), locale, widest, highest)
    if row["published"]:
        told |= _picture(f"{base_url}/c/{slug}/card.png?lang={locale}", asked)
    return _answer(
        told, 200, {"cache-control": f"public, max-age={AGE}", "vary": "accept-language"}
    )


def _slug(url: str, base_url: str) -> str | None:
    """The slug in the address of a campaign's page here, by http or https."""
    try:
        asked, own = urlsplit(url), urlsplit(base_url)
    except ValueError:
        return None
    page = _PAGE.fullmatch(asked.path.removeprefix(own.path.rstrip("/")))
    here = asked.scheme in ("http", "https") and asked.netloc.lower() == own.netloc.lower()
    return page[1] if page and here else None


def _frame(src: str, title: str, locale: str, widest: int, highest: int | None) -> dict[str, Any]:
    """The frame, as large as it may be; where that is too low for all of it, it shows less."""
    width = min(widest, WIDEST)
    whole = LOW if width >= WIDE else TALL
    is_low = highest is not None and highest < whole
    height = min(highest, COMPACT) if is_low and highest else whole
    query = f"?lang={locale}" + ("&compact" if is_low else "")
    html = Markup(
        '<iframe src="{}" title="{}" width="{}" height="{}" frameborder="0" loading="lazy">'
        "</iframe>"
    ).format(src + query, title, width, height)
    return {"html": str(html), "width": width, "height": height}


def _picture(address: str, asked: Any) -> dict[str, Any]:
    """The share picture, no larger than what was asked for; none where none is so small."""
    for width in WIDTHS:
        height = width * HEIGHT // WIDTH
        if width <= (number_in(asked.get("maxwidth", "")) or WIDTH) and height <= (
            number_in(asked.get("maxheight", "")) or HEIGHT
        ):
            return {
                "thumbnail_url": f"{address}&width={width}",
                "thumbnail_width": width,
                "thumbnail_height": height,
            }
    return {}


def _answer(told: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(told, status, ANYWHERE | (headers or {}))
