"""Payment pages and payments: completed, expired, declined, and the cards that they save."""

from collections.abc import Mapping
from typing import Any

from milepost.domain.facts import FactKind
from milepost.gateways.marks import ORDER, PLEDGE, SUBSCRIPTION
from milepost.gateways.stripe_facts import (
    Meaning,
    NotUnderstood,
    Understood,
    fact_about,
    id_of,
    is_subscribed,
    purpose_of,
    whole,
)


def _person(session: Mapping[str, Any]) -> dict[str, Any]:
    person = session.get("customer_details") or {}
    email = str(person.get("email") or session.get("customer_email") or "").strip().lower()
    if not email:
        if purpose_of(session) != "checkout":
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
    return {"tax": whole((session.get("total_details") or {}).get("amount_tax") or 0)}


def _page(kind: FactKind, session: Mapping[str, Any]) -> Understood:
    return fact_about(
        kind,
        session,
        payment=session.get("payment_intent"),
        amount=session.get("amount_total") or 0,
        ref=session["id"],
        detail=_person(session) | _address(session) | _tax(session),
    )


_PAID: dict[str, FactKind] = {"checkout": "paid", "mend": "paid", "change": "topped_up"}


def _completed(session: Mapping[str, Any]) -> Understood | None:
    purpose = purpose_of(session)
    if session["mode"] == "subscription":
        return _begun(session) if is_subscribed(session) else None
    if session["mode"] == "setup":
        return _page("saved", session) if purpose == "checkout" else _card_page(session)
    if session["payment_status"] == "unpaid":
        return _page("waiting" if purpose == "checkout" else "paying", session)
    return _page(_PAID[purpose], session)


def _begun(session: Mapping[str, Any]) -> Understood:
    """A subscription's page was completed: who pays, and where it is sent."""
    told = {
        "subscription": id_of(session["subscription"]),
        "payer": id_of(session["customer"]),
    }
    detail = _person(session) | _address(session) | told
    return fact_about("begun", session, ref=session["id"], detail=detail)


def _card_page(session: Mapping[str, Any]) -> Understood:
    """Nothing yet, unless the session says itself what `setup_intent.succeeded` does."""
    setup = session.get("setup_intent")
    card = _card_in(setup) if isinstance(setup, Mapping) else None
    return fact_about("card" if card else "paying", session, ref=session["id"], detail=card)


def _async_succeeded(session: Mapping[str, Any]) -> Understood:
    return _page(_PAID[purpose_of(session)], session)


def _async_failed(session: Mapping[str, Any]) -> Understood:
    kind: FactKind = "failed" if purpose_of(session) == "checkout" else "turned_back"
    return fact_about(kind, session, payment=session.get("payment_intent"), ref=session["id"])


def _expired(session: Mapping[str, Any]) -> Understood:
    if purpose_of(session) == "checkout":
        return fact_about("expired", session, ref=session["id"])
    return fact_about(
        "turned_back", session, payment=session.get("payment_intent"), ref=session["id"]
    )


def _ours(thing: Mapping[str, Any]) -> bool:
    return not {PLEDGE, ORDER, SUBSCRIPTION}.isdisjoint(thing.get("metadata") or {})


def _card_in(setup: Mapping[str, Any]) -> dict[str, Any] | None:
    customer, method = id_of(setup.get("customer")), id_of(setup.get("payment_method"))
    return {"customer": customer, "method": method} if customer and method else None


def _setup_succeeded(setup: Mapping[str, Any]) -> Understood | None:
    if not _ours(setup):
        return None
    card = _card_in(setup)
    if card is None:
        raise NotUnderstood(f"“{setup['id']}” saved no card, or saved it to no customer")
    return fact_about("card", setup, ref=setup["id"], detail=card)


def _intent_succeeded(intent: Mapping[str, Any]) -> Understood | None:
    if not _ours(intent):
        return None  # another use of the same Stripe account
    kind: FactKind = "paid" if purpose_of(intent) == "charge" else "paying"
    return fact_about(kind, intent, payment=intent["id"], amount=intent["amount_received"])


def _intent_failed(intent: Mapping[str, Any]) -> Understood | None:
    if not _ours(intent):
        return None
    if purpose_of(intent) not in ("checkout", "charge"):
        return fact_about("paying", intent, payment=intent["id"])  # its page is still open
    error = intent.get("last_payment_error") or {}
    code = str(error.get("decline_code") or error.get("code") or "")
    return fact_about("declined", intent, payment=intent["id"], detail={"code": code})


MEANINGS: dict[str, Meaning] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _async_succeeded,
    "checkout.session.async_payment_failed": _async_failed,
    "checkout.session.expired": _expired,
    "setup_intent.succeeded": _setup_succeeded,
    "payment_intent.succeeded": _intent_succeeded,
    "payment_intent.payment_failed": _intent_failed,
}
