"""Somebody's pledges: the list of them, one of them whole, its receipt."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.services.addressing import show_address
from milepost.services.publishing import in_language
from milepost.services.referring import Friends, friends_in, own_code
from milepost.services.showing import ShownPledge, show_pledge
from milepost.services.signing_in import Visit
from milepost.storage import orders, own_rewards, people, refunds, subscriptions, surveys
from milepost.storage.database import Connection, reading
from milepost.web.me import next as coming
from milepost.web.me.view import answers_view, receipt_view
from milepost.web.me.visit import language_of, shown, signed_in, store_here, the_pledge
from milepost.web.public.order import order_view
from milepost.web.public.referral import link_to
from milepost.web.public.shown import pledge_view, rewards_view
from milepost.web.public.subscription import subscription_view
from milepost.web.public.view import campaign_view, store_view
from milepost.wording.languages import translator

MOST = 20  # pledges on one page
DONE = {
    "changed": N_("Your pledge is changed."),
    "cancelled": N_("Your pledge is cancelled."),
    "address": N_("Your address is saved."),
    "answers": N_("Your answers are saved."),
}


@signed_in
async def all_of_them(request: Request, visit: Visit) -> Response:
    """`GET /me`: the visitor's pledges with what to do, subscriptions, orders; six queries."""
    site, locale = request.state.site, language_of(request, visit.locale)
    now, asked = site.clock(), request.query_params.get("before", "")
    before = number_in(asked)
    async with reading(site.database) as db:
        rows = await people.own_pledges(db, visit.email, before, MOST + 1)
        older = number_in(request.query_params.get("orders", ""))
        bought = await orders.own(db, visit.email, None, older, MOST + 1)
        subscribed = await subscriptions.own(db, visit.email, None, MOST)
        store = await store_here(db, locale)
        has_rewards = await own_rewards.has_any(db, visit.email)
    if store is None and rows:
        store = store_view(rows[0], locale)
    return shown(
        request,
        "me/pledges.html",
        locale,
        visit=visit,
        store=store,
        pledges=[
            {
                "key": own["key"],
                "title": in_language(own, locale)("title"),
                "state": _state(own),
                "sum": coming.due(own),
                "currency": own["currency"],
                "made_at": own["started_at"],
                "zone": own["zone"],
                "wants": coming.wants(own, now),
            }
            for own in rows[:MOST]
        ],
        subscriptions=[subscription_view(one, locale) for one in subscribed],
        orders=[order_view(one, locale) for one in bought[:MOST]],
        older_orders=bought[MOST - 1]["id"] if len(bought) > MOST else None,
        later=before is not None,
        has_rewards=has_rewards,
        before=rows[MOST - 1]["id"] if len(rows) > MOST else None,
    )


def _state(own: Any) -> str:
    if own["outcome"] == "failed" and own["state"] == "confirmed":
        return "failed"
    return "processing" if own["processing"] else str(own["state"])


async def whole(
    db: Connection, request: Request, visit: Visit
) -> tuple[Any, ShownPledge, dict[str, Any]]:
    """The visitor's pledge, all that is shown of it, and its campaign as pages know it."""
    site = request.state.site
    own = await the_pledge(db, request, visit)
    locale = language_of(request, own["locale"])
    found = await show_pledge(db, own["key"], lambda _: locale, site.clock())
    if found is None:
        raise HTTPException(404)
    return own, found, campaign_view(found.published, locale, site.clock(), site.settings.base_url)


@signed_in
async def one(request: Request, visit: Visit) -> Response:
    """`GET /me/pledges/{key}`: all of one pledge, and what can be done with it."""
    site = request.state.site
    now = site.clock()
    async with reading(site.database) as db:
        own, found, c = await whole(db, request, visit)
        address = await show_address(db, own["id"])
        questions = await surveys.of_pledge(db, own["id"])
        friends = await friends_in(db, own["customer_id"], own["campaign_id"], now)
    shares = c["can_pledge"] and own["state"] in coming.LIVE
    code = friends.code
    if shares and not code:
        code = await own_code(site.database, own["customer_id"], found.row["store_id"])
    locale = found.locale
    done = DONE.get(request.query_params.get("done", ""))
    return shown(
        request,
        "me/pledge.html",
        locale,
        visit=visit,
        c=c,
        store=store_view(own, locale),
        p=pledge_view(found, c, locale) | {"state": _state(own)},
        **rewards_view(found, locale),
        own=dict(own),
        next=coming.what_next(own, found.refunded, locale, now),
        wants=coming.wants(own, now),
        done=translator(locale).gettext(done) if done else None,
        address=address,
        answers=answers_view(questions, locale),
        open=coming.is_open(own, now),
        locked=coming.is_locked(own, now),
        over=coming.is_over(own),
        can_pay=coming.can_pay(own),
        paid=sum(own["paid"].values()),
        link=link_to(site.settings.base_url, own["slug"], code) if shares else "",
        friends=_came(friends, c),
    )


def _came(friends: Friends, c: dict[str, Any]) -> dict[str, Any]:
    """What came of somebody's link, in the campaign's basis, and the milestone that comes next."""
    return {
        "count": friends.count,
        "sum": friends.units if c["basis"] == "units" else friends.money,
        "rewarded": friends.rewarded,
        "next": next((m for m in c["milestones"] if m["state"] == "ahead"), None),
    }


@signed_in
async def receipt(request: Request, visit: Visit) -> Response:
    """`GET /me/pledges/{key}/receipt`: to print, once something was charged."""
    async with reading(request.state.site.database) as db:
        own, found, c = await whole(db, request, visit)
        if not own["paid"]:
            raise HTTPException(404)
        payments = await people.payments(db, own["id"])
        given_back = await refunds.of_pledge(db, own["id"])
    locale = found.locale
    return shown(
        request,
        "me/receipt.html",
        locale,
        visit=visit,
        c=c,
        store=store_view(own, locale),
        own=dict(own),
        p=pledge_view(found, c, locale),
        r=receipt_view(own, payments, given_back, found.refunded),
    )
