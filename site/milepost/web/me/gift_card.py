"""`/me/gift-card`: whoever has the code of a gift card turns it into store credit."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.numbers import number_in
from milepost.services.cart_limits import count_code
from milepost.services.gift_cards import ask_for_link, redeem, redeemed
from milepost.services.signing_in import LONGEST, Asking, TooOften, Visit
from milepost.storage.database import reading
from milepost.web.me.visit import back_to, client_of, language_of, shown, store_here, visit_of
from milepost.web.public.chosen import plain
from milepost.wording.saying import say

HERE = "/me/gift-card"
LONGEST_TYPED = 60
DONE = N_("%(amount)s is yours. It pays for what you order next.")


async def gift_card(request: Request) -> Response:
    """`GET` asks for the code, `POST` redeems it; who is not signed in gets a link to do so."""
    site, visit = request.state.site, await visit_of(request)
    locale = language_of(request, visit.locale if visit is not None else "")
    if request.method != "POST":
        return await _page(request, visit, locale)
    sent = await request.form(max_files=0, max_fields=5)
    typed = plain(str(sent.get("card", "")), LONGEST_TYPED)
    email = plain(str(sent.get("email", "")), LONGEST)
    base_url, now = site.settings.base_url, site.clock()
    try:
        await count_code(site.database, client_of(request), now)
        if visit is not None:
            card_id = await redeem(site.database, visit.email, typed, now)
            return back_to(f"{HERE}?done={card_id}&lang={locale}")
        asking = Asking(client_of(request), locale, HERE)
        await ask_for_link(site.database, base_url, typed, email, asking, now)
    except Refusal as refusal:
        return await _page(request, visit, locale, typed, email, refusal)
    return await _page(request, visit, locale, sent_to=email)


async def _page(
    request: Request,
    visit: Visit | None,
    locale: str,
    typed: str = "",
    email: str = "",
    refusal: Refusal | None = None,
    sent_to: str = "",
) -> Response:
    done = number_in(request.query_params.get("done", ""))
    async with reading(request.state.site.database) as db:
        store = await store_here(db, locale)
        worth = None
        if visit is not None and done is not None:
            worth = await redeemed(db, visit.email, done)
    status = (429 if isinstance(refusal, TooOften) else 422) if refusal is not None else 200
    about = (refusal.about if refusal.about == "email" else "card") if refusal is not None else ""
    return shown(
        request,
        "me/gift_card.html",
        locale,
        status,
        visit=visit,
        store=store,
        typed=typed,
        email=email,
        errors={about: say(refusal.sentence, locale)} if refusal is not None else {},
        sent_to=sent_to,
        mails_are_here=request.state.site.settings.keeps_mails,
        done=say(Sentence(DONE, {"amount": worth}), locale) if worth is not None else "",
    )
