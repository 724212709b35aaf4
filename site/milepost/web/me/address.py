"""`/me/pledges/{key}/address`: where the pledge is sent, until the creator locks it (B5)."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.shipping import COUNTRIES
from milepost.services.addressing import (
    Address,
    WrongAddress,
    read_address,
    send_to,
    show_address,
)
from milepost.services.publishing import in_language
from milepost.services.signing_in import Visit
from milepost.storage.database import reading
from milepost.web.me import next as coming
from milepost.web.me.visit import back_to, language_of, said, shown, signed_in, the_pledge
from milepost.web.public.chosen import plain
from milepost.web.public.destinations import options, select
from milepost.web.public.view import store_view
from milepost.wording.format import written_in
from milepost.wording.saying import say

FIELDS = tuple(Address.model_fields)


@signed_in
async def address(request: Request, visit: Visit) -> Response:
    """GET: the form, filled in with what is known. POST: 303 back, or the form with what is wrong.

    The country is the one that shipping was paid to, where that is known: no other is taken.
    """
    site = request.state.site
    async with reading(site.database) as db:
        own = await the_pledge(db, request, visit)
        if not own["ships"]:
            raise HTTPException(404)
        known = await show_address(db, own["id"])
    locale = language_of(request, own["locale"])
    if request.method != "POST":
        typed = {"name": own["customer_name"], "country": own["country"] or ""} | known
        return _form(request, visit, own, typed, {}, locale)
    typed = await typed_address(request, own["country"])
    try:
        await send_to(site.database, own["id"], read_address(typed), site.clock())
    except WrongAddress as wrong:
        return _form(request, visit, own, typed, said(wrong.errors, locale), locale, 422)
    except Refusal as refusal:
        errors = {"": say(refusal.sentence, locale)}
        return _form(request, visit, own, typed, errors, locale, 409)
    return back_to(f"/me/pledges/{own['key']}?done=address")


async def typed_address(request: Request, country: str | None) -> dict[str, str]:
    """What the form sent, to the `country` that shipping was paid to where that is known."""
    sent = await request.form(max_files=0, max_fields=20)
    typed = {name: plain(str(sent.get(name, ""))) for name in FIELDS}
    return typed | ({"country": country} if country else {})


def _form(
    request: Request,
    visit: Visit,
    own: Any,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    locale: str,
    status: int = 200,
) -> Response:
    return address_form(
        request,
        visit,
        own,
        typed,
        errors,
        locale,
        status,
        here=f"/me/pledges/{own['key']}",
        own=dict(own),
        title=in_language(own, locale)("title"),
        is_again=False,
        locked=coming.is_locked(own, request.state.site.clock()),
    )


def address_form(
    request: Request,
    visit: Visit,
    row: Any,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    locale: str,
    status: int,
    **shown_too: Any,
) -> Response:
    """The form, for whatever `row` is sent; the country that it is sent to already is fixed."""
    country = row["country"]
    return shown(
        request,
        "me/address.html",
        locale,
        status,
        visit=visit,
        store=store_view(row, locale),
        typed=typed,
        errors=errors,
        fixed=written_in(locale).country(country) if country else None,
        countries=select(options(locale, frozenset(COUNTRIES)), typed.get("country", "").upper()),
        **shown_too,
    )
