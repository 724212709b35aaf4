"""Leaving the news, by the link in each of them: a page to look at, and one click."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.services.notifying import Follows
from milepost.services.unsubscribing import Subscriptions, subscription, want_news
from milepost.web.public.follow import leaving
from milepost.web.public.home import reader_locale
from milepost.web.public.view import store_view

HEADERS = {"cache-control": "no-store", "referrer-policy": "same-origin"}
LONGEST = 200  # characters of a token


async def unsubscribe(request: Request) -> Response:
    """`/unsubscribe/{token}`: GET shows and changes nothing; POST ends the news, or begins anew.

    A mail program posts `List-Unsubscribe=One-Click`, the page's way back `news=on` (RFC 8058).
    """
    site, token = request.state.site, request.path_params["token"]
    subscriptions = Subscriptions(site.settings.secret_key)
    customer_id = subscriptions.customer(token) if len(token) <= LONGEST else None
    follower_id = None
    if customer_id is None and len(token) <= LONGEST:
        follower_id = Follows(site.settings.secret_key).follower(token, leaving=True)
    if follower_id is not None:
        return await leaving(request, follower_id)
    if customer_id is None:
        raise HTTPException(404)
    changed = request.method == "POST"
    if changed:
        sent = await request.form(max_files=0, max_fields=5)
        await want_news(site.database, customer_id, sent.get("news") == "on")
    found = await subscription(site.database, customer_id)
    if found is None:
        raise HTTPException(404)
    locale = reader_locale(request)
    html = site.renderer.page(
        "public/unsubscribe.html",
        locale,
        store=store_view(found, locale),
        token=token,
        news=found["news"],
        changed=changed,
    )
    return HTMLResponse(html, headers=HEADERS)
