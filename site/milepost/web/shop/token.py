"""Which cart is this browser's: a cookie's token, for our own pages alone."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.services.carting import FORGOTTEN_AFTER, LONGEST_TOKEN, merge_at_sign_in
from milepost.services.signing_in import find_visit
from milepost.settings import Settings

COOKIE = "milepost_cart"


def token_of(request: Request) -> str | None:
    """The token of this browser's cart, if it has one."""
    token = request.cookies.get(COOKIE, "")
    return token if 0 < len(token) <= LONGEST_TOKEN else None


def give_token(response: Response, settings: Settings, token: str) -> None:
    """Let the browser keep the cart, for our own pages alone."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(FORGOTTEN_AFTER.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def take_token(response: Response, settings: Settings) -> None:
    """Let the browser forget the cart."""
    response.delete_cookie(
        COOKIE, path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


async def bring_cart(request: Request, response: Response, visit: str) -> None:
    """Whoever has just signed in, by the token of the `visit`, finds their cart in this browser."""
    site, token = request.state.site, token_of(request)
    found = await find_visit(site.database, visit, site.clock())
    if found is None:
        return
    kept = await merge_at_sign_in(site.database, token, found.email, site.clock())
    if kept is not None:
        give_token(response, site.settings, kept)
    elif token is not None:
        take_token(response, site.settings)
