"""A campaign on other sites: what its element begins with, and a page of it alone, for frames."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from milepost.services.publishing import in_language
from milepost.web.embed.script import ANYWHERE
from milepost.web.public.home import reader_locale
from milepost.web.slugs import is_slug
from milepost.web.wishes import encoding
from milepost.wording.languages import CART_LOCALES, negotiate

# Any site may frame this page, and this page alone: there is nothing on it to be tricked into.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
FRAMED = {
    "content-security-policy": POLICY,
    "cache-control": "public, max-age=300",
    "vary": "accept-language",
    "x-robots-tag": "noindex",
}


async def state(request: Request) -> Response:
    """`GET /embed/c/{slug}.json`, from memory.

    404 alike for a draft and for what never was, and other sites may read that.
    """
    slug = request.path_params["slug"]
    found = await request.state.site.shelf.get(slug) if is_slug(slug) else None
    if found is None:
        headers = ANYWHERE | {"cache-control": "public, max-age=10"}
        return JSONResponse({"error": "unknown"}, 404, headers)
    packed = encoding(request.headers.get("accept-encoding", "").encode("latin-1"))
    asked = request.query_params.get("lang", "").split("-")[0].lower()
    locale = negotiate(request.headers.get("accept-language", ""), asked, CART_LOCALES)
    headers, body = found.ready("embed", locale, packed)
    has_it = _etag(headers) in request.headers.get("if-none-match", "")
    answer = Response(b"" if has_it else body, 304 if has_it else 200)
    gone = (b"content-length", b"content-type") if has_it else ()
    answer.raw_headers = [one for one in headers if one[0] not in gone]
    return answer


def _etag(headers: list[tuple[bytes, bytes]]) -> str:
    return next(value for name, value in headers if name == b"etag").decode()


async def frame(request: Request) -> Response:
    """`GET /embed/c/{slug}`: the element alone, no form, no cookie; `?compact` shows less."""
    site, locale = request.state.site, reader_locale(request)
    slug = str(request.path_params["slug"])
    found = await site.shelf.get(slug) if is_slug(slug) else None
    title = in_language(found.published.campaign, locale)("title") if found else ""
    html = site.renderer.page(
        "embed/frame.html",
        locale,
        slug=slug if is_slug(slug) else "",
        title=title,
        compact="compact" in request.query_params,
    )
    return HTMLResponse(html, 200 if found else 404, FRAMED | {"content-language": locale})
