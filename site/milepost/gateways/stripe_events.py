"""Stripe's events in our own words: the one place that knows what each means to a pledge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from milepost.domain.facts import Fact, FactKind

CAMPAIGN, PLEDGE = "milepost_campaign", "milepost_pledge"  # metadata keys on what we create


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
        return meaning(event["data"]["object"])
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
    if isinstance(payment, Mapping):
        payment = payment["id"]
    fact = Fact(
        kind,
        _number(metadata.get(PLEDGE, 0)),
        amount=_whole(amount),
        ref=ref,
        payment=payment or "",
        detail=detail or {},
    )
    campaign_id = _number(metadata.get(CAMPAIGN, 0))
    if not (fact.pledge_id and campaign_id) and not fact.payment:
        raise NotUnderstood(f"“{thing.get('id')}” names neither a pledge nor a payment")
    return Understood(fact, campaign_id)


def _number(told: Any) -> int:
    """One of our ids, as metadata has it."""
    number = int(told)
    if not 0 <= number < 2**63:
        raise NotUnderstood(f"“{told}” is not a number of ours")
    return number


def _whole(amount: Any) -> int:
    if type(amount) is not int or not -(2**53) < amount < 2**53:
        raise NotUnderstood(f"“{amount}” is not an amount in minor units")
    return amount


def _session_person(session: Mapping[str, Any]) -> dict[str, Any]:
    person = session.get("customer_details") or {}
    email = str(person.get("email") or session.get("customer_email") or "").strip().lower()
    if not email:
        raise NotUnderstood(f"checkout “{session['id']}” was completed without an e-mail address")
    return {
        "email": email[:320],
        "name": str(person.get("name") or "")[:200],
        "locale": str(session.get("locale") or "en")[:10],
    }


def _completed(session: Mapping[str, Any]) -> Understood | None:
    if session["mode"] == "subscription":
        return None
    kind: FactKind = "saved"
    if session["mode"] == "payment":
        kind = "waiting" if session["payment_status"] == "unpaid" else "paid"
    return _fact(
        kind,
        session,
        payment=session.get("payment_intent"),
        amount=session.get("amount_total") or 0,
        ref=session["id"],
        detail=_session_person(session),
    )


def _async_succeeded(session: Mapping[str, Any]) -> Understood:
    return _fact(
        "paid",
        session,
        payment=session.get("payment_intent"),
        amount=session["amount_total"],
        ref=session["id"],
        detail=_session_person(session),
    )


def _async_failed(session: Mapping[str, Any]) -> Understood:
    return _fact("failed", session, payment=session.get("payment_intent"), ref=session["id"])


def _expired(session: Mapping[str, Any]) -> Understood:
    return _fact("expired", session, ref=session["id"])


def _ours(thing: Mapping[str, Any]) -> bool:
    return PLEDGE in (thing.get("metadata") or {})


def _intent_succeeded(intent: Mapping[str, Any]) -> Understood | None:
    if not _ours(intent):
        return None  # another use of the same Stripe account
    return _fact("paying", intent, payment=intent["id"], amount=intent["amount_received"])


def _intent_failed(intent: Mapping[str, Any]) -> Understood | None:
    if not _ours(intent):
        return None
    error = intent.get("last_payment_error") or {}
    return _fact(
        "declined", intent, payment=intent["id"], detail={"code": str(error.get("code") or "")}
    )


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
        {**refund, "metadata": {}},  # a refund's own metadata may be anybody's
        payment=refund.get("payment_intent"),
        amount=0 if gone else _whole(refund["amount"]),
        ref=refund["id"],
    )


def _dispute(kind: FactKind) -> Callable[[Mapping[str, Any]], Understood]:
    def meaning(dispute: Mapping[str, Any]) -> Understood:
        return _fact(
            kind,
            {**dispute, "metadata": {}},
            payment=dispute.get("payment_intent"),
            amount=dispute["amount"],
            ref=dispute["id"],
        )

    return meaning


def _dispute_closed(dispute: Mapping[str, Any]) -> Understood:
    lost = dispute["status"] == "lost"
    return _dispute("dispute_lost" if lost else "dispute_won")(dispute)


_MEANINGS: dict[str, Callable[[Mapping[str, Any]], Understood | None]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _async_succeeded,
    "checkout.session.async_payment_failed": _async_failed,
    "checkout.session.expired": _expired,
    "payment_intent.succeeded": _intent_succeeded,
    "payment_intent.payment_failed": _intent_failed,
    "charge.refunded": _charge_refunded,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute("disputed"),
    "charge.dispute.closed": _dispute_closed,
}
