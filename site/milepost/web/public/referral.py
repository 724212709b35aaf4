"""`/r/{code}`: somebody comes by a friend's link, which their browser keeps for 30 days."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.services.referring import follow_link, is_code

COOKIE = "milepost_friend"
KEPT = timedelta(days=30)
HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex"}


async def come(request: Request) -> Response:
    """`GET /r/{code}`: 303 to the shop, or to the campaigns where there is none.

    The cookie holds the code alone, which says nothing of whoever comes.
    """
    site, code = request.state.site, request.path_params["code"]
    found = await follow_link(site.database, code)
    asked = f"?{request.url.query}" if request.url.query else ""
    to = "/shop" if found is not None and found["has_shop"] else "/"
    response = RedirectResponse(to + asked, 303, HEADERS)
    if found is not None:
        response.set_cookie(
            COOKIE,
            code,
            max_age=int(KEPT.total_seconds()),
            path="/",
            secure=site.settings.is_https,
            httponly=True,
            samesite="lax",
        )
    return response


def referral_of(request: Request) -> str:
    """The code of the link by which whoever asks has come; "" for none."""
    code = request.cookies.get(COOKIE, "")
    return code if is_code(code) else ""
