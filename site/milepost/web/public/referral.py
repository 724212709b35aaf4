"""By a friend's link: `/r/{code}`, which the browser keeps for 30 days, or `/c/{slug}?friend=`.

A campaign's page is made for everybody at once, so it knows no code: the address carries it, and
the pledge form reads it from there.
"""

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.services.referring import FIELD, code_in, follow_link, is_code
from milepost.web.arrivals import host_of

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


def referral_of_pledge(request: Request, sent: Mapping[str, str]) -> str:
    """The code of the link by which whoever pledges has come, as far as their browser says.

    The form carries it on; before that, the address and the Referer of the page that led here do,
    and last what the browser kept.
    """
    told = sent.get(FIELD, "")
    if is_code(told):
        return told
    came = request.headers.get("referer", "")
    own = host_of(came) == request.state.site.arrivals.host
    return (
        code_in(request.url.query)
        or (code_in(came.partition("?")[2].partition("#")[0]) if own else "")
        or referral_of(request)
    )


def link_to(base_url: str, slug: str, code: str) -> str:
    """Somebody's own link to a campaign."""
    return f"{base_url}/c/{slug}?{FIELD}={code}"


def referral_of(request: Request) -> str:
    """The code of the link by which whoever asks has come; "" for none."""
    code = request.cookies.get(COOKIE, "")
    return code if is_code(code) else ""
