"""Stripe's events in our words: the one place that knows what each means to a pledge or order."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from milepost.domain.facts import Fact, FactKind
from milepost.gateways.marks import (
    ATTEMPT,
    CAMPAIGN,
    FOR,
    GOODS,
    ORDER,
    PLEDGE,
    SUBSCRIPTION,
    TIERS,
    UNITS,
    Purpose,
)

PURPOSES = frozenset({*get_args(Purpose)})
A_NUMBER = re.compile(r"[0-9]{1,15}")
A_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class NotUnderstood(Exception):
    """The event is of a kind that we act on, but lacks what it must have; the message says what."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A fact and its campaign; the ids of both are 0 when the event names only a payment."""

    fact: Fact
    campaign_id: int


def created_at(event: Mapping[str, Any]) -> datetime:
    """When Stripe made the event. Raises NotUnderstood when it does not say."""
    created = event.get("created")
    if not isinstance(created, int) or not 0 <= created < 2**33:
        raise NotUnderstood("“created” is not a Unix time")
    return datetime.fromtimestamp(created, UTC)


def understand(event: Mapping[str, Any]) -> Understood | None:
    """The fact in `event`, or None for a type that changes nothing here.

    Raises NotUnderstood. Source: Stripe, "Types of events".
    """
    meaning = _MEANINGS.get(event["type"])
    if meaning is None:
        return None
    try:
        understood = meaning(event["data"]["object"])
        if understood is not None and understood.fact.kind in ("begun", "stands", "ended"):
            understood.fact.detail["at"] = _instant(event["created"])
        return understood
    except NotUnderstood:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotUnderstood(f"{event['type']} lacks or misstates {error}") from None


def _fact(
    kind: FactKind,
    thing: Mapping[str, Any],
    *,
    payment: Any = "",
    amount: int = 0,
    ref: str = "",
    detail: dict[str, Any] | None = None,
) -> Understood:
    metadata = thing.get("metadata") or {}
    told = dict(detail or {})
    if attempt := _number(metadata.get(ATTEMPT, 0)):
        told["attempt"] = attempt
    fact = Fact(
        kind,
        _number(metadata.get(PLEDGE, 0)),
        amount=_whole(amount),
        ref=ref,
        payment=_id(payment),
        detail=told,
        order=_key(metadata.get(ORDER, "")),
        subscription=_key(metadata.get(SUBSCRIPTION, "")),
    )
    campaign_id = _number(metadata.get(CAMPAIGN, 0))
    named = (fact.pledge_id and campaign_id) or fact.order or fact.subscription
    if not named and not fact.payment:
        raise NotUnderstood(f"“{thing.get('id')}” names no pledge, no order and no payment")
    return Understood(fact, campaign_id)


def _number(told: Any) -> int:
    """One of our ids, as metadata has it."""
    number = int(told)
    if not 0 <= number < 2**63:
        raise NotUnderstood(f"“{told}” is not a number of ours")
    return number


def _key(told: Any) -> str:
    """The key of an order or a subscription, as metadata has it."""
    key = str(told)
    if key and not A_KEY.fullmatch(key):
        raise NotUnderstood(f"“{key}” is not a key of ours")
    return key


def _whole(amount: Any) -> int:
    if type(amount) is not int or not -(2**53) < amount < 2**53:
        raise NotUnderstood(f"“{amount}” is not an amount in minor units")
    return amount


def _id(told: Any) -> str:
    """The id of a thing that may be expanded, or "" for none."""
    return str(told["id"] if isinstance(told, Mapping) else told or "")


def _purpose(thing: Mapping[str, Any]) -> str:
    purpose: str = (thing.get("metadata") or {}).get(FOR, "checkout")
    if purpose not in PURPOSES:
        raise NotUnderstood(f"“{thing.get('id')}” is for “{purpose}”, which nobody here knows")
    return purpose


def _person(session: Mapping[str, Any]) -> dict[str, Any]:
    person = session.get("customer_details") or {}
    email = str(person.get("email") or session.get("customer_email") or "").strip().lower()
    if not email:
        if _purpose(session) != "checkout":
            return {}  # whose pledge it is was told by its own checkout
        raise NotUnderstood(f"checkout “{session['id']}” was completed without an e-mail address")
    return {
        "email": email[:320],
        "name": str(person.get("name") or "")[:200],
        "locale": str(session.get("locale") or "en")[:10],
    }


def _address(session: Mapping[str, Any]) -> dict[str, Any]:
    """Where it is sent, if the page asked for that."""
    collected = session.get("collected_information") or {}
    sent_to = collected.get("shipping_details") or session.get("shipping_details") or {}
    where = sent_to.get("address")
    if not where:
        return {}
    known = {"name": sent_to.get("name"), "region": where.get("state")}
    known["phone"] = sent_to.get("phone")
    names = ("line1", "line2", "city", "postal_code", "country")
    known |= {name: where.get(name) for name in names}
    return {"address": {name: str(told or "")[:200] for name, told in known.items()}}


def _tax(session: Mapping[str, Any]) -> dict[str, int]:
    """The tax that the page has added, also when that is none."""
    if not (session.get("automatic_tax") or {}).get("enabled"):
        return {}
    return {"tax": _whole((session.get("total_details") or {}).get("amount_tax") or 0)}


def _page(kind: FactKind, session: Mapping[str, Any]) -> Understood:
    return _fact(
        kind,
        session,
        payment=session.get("payment_intent"),
        amount=session.get("amount_total") or 0,
        ref=session["id"],
        detail=_person(session) | _address(session) | _tax(session),
    )


_PAID: dict[str, FactKind] = {"checkout": "paid", "mend": "paid", "change": "topped_up"}


def _completed(session: Mapping[str, Any]) -> Understood | None:
    purpose = _purpose(session)
    if session["mode"] == "subscription":
        return _begun(session) if _is_subscribed(session) else None
    if session["mode"] == "setup":
        return _page("saved", session) if purpose == "checkout" else _card_page(session)
    if session["payment_status"] == "unpaid":
        return _page("waiting" if purpose == "checkout" else "paying", session)
    return _page(_PAID[purpose], session)


def _card_page(session: Mapping[str, Any]) -> Understood:
    """Nothing yet, unless the session says itself what `setup_intent.succeeded` does."""
    setup = session.get("setup_intent")
    card = _card_in(setup) if isinstance(setup, Mapping) else None
    return _fact("card" if card else "paying", session, ref=session["id"], detail=card)


def _async_succeeded(session: Mapping[str, Any]) -> Understood:
    return _page(_PAID[_purpose(session)], session)


def _async_failed(session: Mapping[str, Any]) -> Understood:
    kind: FactKind = "failed" if _purpose(session) == "checkout" else "turned_back"
    return _fact(kind, session, payment=session.get("payment_intent"), ref=session["id"])


def _expired(session: Mapping[str, Any]) -> Understood:
    if _purpose(session) == "checkout":
        return _fact("expired", session, ref=session["id"])
    return _fact("turned_back", session, payment=session.get("payment_intent"), ref=session["id"])


def _ours(thing: Mapping[str, Any]) -> bool:
    return not {PLEDGE, ORDER, SUBSCRIPTION}.isdisjoint(thing.get("metadata") or {})


def _card_in(setup: Mapping[str, Any]) -> dict[str, Any] | None:
    customer, method = _id(setup.get("customer")), _id(setup.get("payment_method"))
    return {"customer": customer, "method": method} if customer and method else None


def _setup_succeeded(setup: Mapping[str, Any]) -> Understood | None:
    if not _ours(setup):
        return None
    card = _card_in(setup)
    if card is None:
        raise NotUnderstood(f"“{setup['id']}” saved no card, or saved it to no customer")
    return _fact("card", setup, ref=setup["id"], detail=card)


def _intent_succeeded(intent: Mapping[str, Any]) -> Understood | None:
    if not _ours(intent):
        return None  # another use of the same Stripe account
    kind: FactKind = "paid" if _purpose(intent) == "charge" else "paying"
    return _fact(kind, intent, payment=intent["id"], amount=intent["amount_received"])


def _intent_failed(intent: Mapping[str, Any]) -> Understood | None:
    if not _ours(intent):
        return None
    if _purpose(intent) not in ("checkout", "charge"):
        return _fact("paying", intent, payment=intent["id"])  # its page is still open
    error = intent.get("last_payment_error") or {}
    code = str(error.get("decline_code") or error.get("code") or "")
    return _fact("declined", intent, payment=intent["id"], detail={"code": code})


def _charge_refunded(charge: Mapping[str, Any]) -> Understood:
    return _fact(
        "refunded_total",
        charge,
        payment=charge.get("payment_intent"),
        amount=charge["amount_refunded"],
    )


def _refund(refund: Mapping[str, Any]) -> Understood:
    gone = refund["status"] in ("failed", "canceled")
    return _fact(
        "refund",
        {**refund, "metadata": {}},  # a refund's own metadata may be anybody's: it routes nothing
        payment=refund.get("payment_intent"),
        amount=0 if gone else _whole(refund["amount"]),
        ref=refund["id"],
        detail=_goods(refund.get("metadata")),
    )


def _goods(metadata: Any) -> dict[str, Any]:
    """Which goods a refund takes back, if it says so in our words; nothing when it misstates it."""
    if not isinstance(metadata, Mapping) or GOODS not in metadata:
        return {}
    tiers = str(metadata.get(TIERS, ""))  # Stripe keeps no empty value
    numbers = [str(metadata.get(name, "")).strip() for name in (GOODS, UNITS)]
    numbers += [tier.strip() for tier in tiers.split(",")] if tiers.strip() else []
    if not all(A_NUMBER.fullmatch(number) for number in numbers):
        return {}
    goods, units, *rest = map(int, numbers)
    return {"goods": goods, "units": units, "tiers": rest}


def _dispute(kind: FactKind) -> Callable[[Mapping[str, Any]], Understood]:
    def meaning(dispute: Mapping[str, Any]) -> Understood:
        return _fact(
            kind,
            {**dispute, "metadata": {}},
            payment=dispute.get("payment_intent"),
            amount=dispute["amount"],
            ref=dispute["id"],
            detail=_terms(dispute) if kind == "disputed" else {},
        )

    return meaning


def _terms(dispute: Mapping[str, Any]) -> dict[str, Any]:
    """Why it was opened, and until when it can be answered (Unix seconds), where that is said."""
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    told = {"reason": str(dispute.get("reason") or "")[:100]}
    return told | ({"due_by": due_by} if type(due_by) is int and 0 < due_by < 2**33 else {})


def _dispute_closed(dispute: Mapping[str, Any]) -> Understood:
    lost = dispute["status"] == "lost"
    return _dispute("dispute_lost" if lost else "dispute_won")(dispute)


def _begun(session: Mapping[str, Any]) -> Understood:
    """A subscription's page was completed: who pays, and where it is sent."""
    told = {
        "subscription": _id(session["subscription"]),
        "payer": _id(session["customer"]),
    }
    detail = _person(session) | _address(session) | told
    return _fact("begun", session, ref=session["id"], detail=detail)


def _subscription_of(invoice: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What an invoice says of its subscription, if that is one of ours."""
    details = (invoice.get("parent") or {}).get("subscription_details")
    return details if details and _is_subscribed(details) else None


def _is_subscribed(thing: Mapping[str, Any]) -> bool:
    return SUBSCRIPTION in (thing.get("metadata") or {})


OF_A_PERIOD = ("subscription_create", "subscription_cycle")


def _invoice_paid(invoice: Mapping[str, Any]) -> Understood | None:
    details = _subscription_of(invoice)
    if details is None:
        return None
    if invoice["billing_reason"] not in OF_A_PERIOD:
        raise NotUnderstood(f"invoice “{invoice['id']}” is for {invoice['billing_reason']}")
    periods = [line["period"] for line in invoice["lines"]["data"]]
    detail = {
        "subscription": _id(details["subscription"]),
        "start": min(_instant(period["start"]) for period in periods),
        "end": max(_instant(period["end"]) for period in periods),
    }
    amount = invoice["amount_paid"]
    return _fact("cycle", details, amount=amount, ref=invoice["id"], detail=detail)


def _invoice_failed(invoice: Mapping[str, Any]) -> Understood | None:
    details = _subscription_of(invoice)
    if details is None or invoice["billing_reason"] == OF_A_PERIOD[0]:
        return None  # a first payment is declined on its page, which says so
    detail = {
        "subscription": _id(details["subscription"]),
        "attempt": _whole(invoice["attempt_count"]),
    }
    return _fact("cycle_failed", details, ref=invoice["id"], detail=detail)


def _invoice_payment(payment: Mapping[str, Any]) -> Understood | None:
    """What an invoice was paid with, which it doesn't say itself; finds the order by its `ref`."""
    intent = payment["payment"].get("payment_intent")
    return intent and _fact("paying", {}, payment=intent, ref=_id(payment["invoice"]))


STATES = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "paused": "unpaid",
}


def _subscription_stands(subscription: Mapping[str, Any]) -> Understood | None:
    if not _is_subscribed(subscription) or subscription["status"] in (
        "incomplete",
        "incomplete_expired",
    ):
        return None  # nothing has begun that way
    if subscription["status"] == "canceled":
        return _subscription_ended(subscription)
    if subscription["status"] not in STATES:
        raise NotUnderstood(f"“{subscription['id']}” is {subscription['status']}")
    items = subscription["items"]["data"]
    detail = {
        "subscription": subscription["id"],
        "state": STATES[subscription["status"]],
        "cancels": bool(subscription["cancel_at_period_end"] or subscription["cancel_at"]),
        "cancelled_at": subscription["canceled_at"],
        "period_end": max(_instant(item["current_period_end"]) for item in items),
    }
    return _fact("stands", subscription, detail=detail)


def _subscription_ended(subscription: Mapping[str, Any]) -> Understood | None:
    if not _is_subscribed(subscription):
        return None
    why = (subscription.get("cancellation_details") or {}).get("reason")
    detail = {
        "subscription": subscription["id"],
        "ended_at": _instant(subscription["ended_at"]),
        "reason": str(why or "")[:100],
    }
    return _fact("ended", subscription, detail=detail)


def _instant(told: Any) -> int:
    if type(told) is not int or not 0 <= told < 2**33:
        raise NotUnderstood(f"“{told}” is not a Unix time")
    return told


_MEANINGS: dict[str, Callable[[Mapping[str, Any]], Understood | None]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _async_succeeded,
    "checkout.session.async_payment_failed": _async_failed,
    "checkout.session.expired": _expired,
    "setup_intent.succeeded": _setup_succeeded,
    "payment_intent.succeeded": _intent_succeeded,
    "payment_intent.payment_failed": _intent_failed,
    "charge.refunded": _charge_refunded,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute("disputed"),
    "charge.dispute.closed": _dispute_closed,
    "invoice.paid": _invoice_paid,
    "invoice.payment_failed": _invoice_failed,
    "invoice_payment.paid": _invoice_payment,
    "customer.subscription.updated": _subscription_stands,
    "customer.subscription.deleted": _subscription_ended,
}
