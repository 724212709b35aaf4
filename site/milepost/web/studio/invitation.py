"""`/studio/invitations/{token}`: somebody is invited into a store, and comes, or does not."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import NotFound, Refusal
from milepost.services.entering import LONGEST_NAME
from milepost.services.inviting import accept, accept_as_new, look_at
from milepost.services.passwords import LONGEST, SHORTEST
from milepost.web.me.visit import LONGEST_TOKEN, back_to, language_of
from milepost.web.public.chosen import plain
from milepost.web.public.view import store_view
from milepost.web.studio.desk import Desk, caller_of, desk_of, shown
from milepost.web.studio.entrance import entered, outside
from milepost.wording.saying import say


async def invitation(request: Request) -> Response:
    """GET: into which store, as what, by whom. POST: 303 into the store, or what is wrong.

    Whoever has no account yet makes one here: that they have the link shows that they read the
    address. A creator signs in first, since an invitation lasts longer than a link that lets in.
    """
    site, token = request.state.site, request.path_params["token"]
    found = None
    if len(token) <= LONGEST_TOKEN:
        found = await look_at(site.database, token, site.clock())
    if found is None:
        return await outside(request, "studio/invitation_over.html", 410)
    desk = await desk_of(request)
    if request.method != "POST":
        return _page(request, desk, found)
    sent = await request.form(max_files=0, max_fields=5)
    name = plain(str(sent.get("name", "")), LONGEST_NAME)
    try:
        if desk is not None:
            who = (desk.creator_id, desk.email)
            slug = await accept(site.database, token, *who, site.clock())
            return back_to(f"/studio/{slug}/people?done=joined")
        typed, caller = str(sent.get("password", "")), caller_of(request)
        sitting, slug = await accept_as_new(site.database, token, name, typed, caller, site.clock())
        return entered(request, sitting, f"/studio/{slug}/people?done=joined")
    except NotFound:
        return await outside(request, "studio/invitation_over.html", 410)
    except Refusal as refusal:
        return _page(request, desk, found, refusal, name)


def _page(
    request: Request,
    desk: Desk | None,
    found: Any,
    refusal: Refusal | None = None,
    name: str = "",
) -> Response:
    locale = desk.locale if desk is not None else language_of(request)
    errors = {refusal.about: say(refusal.sentence, locale)} if refusal is not None else {}
    status = 200 if refusal is None else 422 if refusal.about else 409
    return shown(
        request,
        "studio/invitation.html",
        None,
        status,
        store=store_view(found, locale),
        here=request.url.path,
        invited=dict(found),
        signed_in_as=desk.email if desk is not None else "",
        errors=errors,
        name=name,
        shortest=SHORTEST,
        longest=LONGEST,
        longest_name=LONGEST_NAME,
    )
