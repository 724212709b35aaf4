"""What Stripe's events say becomes facts: the words that every meaning is made of."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from milepost.domain.facts import Fact, FactKind
from milepost.gateways.marks import ATTEMPT, CAMPAIGN, FOR, ORDER, PLEDGE, SUBSCRIPTION, Purpose

PURPOSES = frozenset({*get_args(Purpose)})
A_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class NotUnderstood(Exception):
    """The event is of a kind that we act on, but lacks what it must have; the message says what."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A fact and its campaign; the ids of both are 0 when the event names only a payment."""

    fact: Fact
    campaign_id: int


Meaning = Callable[[Mapping[str, Any]], Understood | None]
"""What an event says of its object, or None when that concerns nobody here."""


def fact_about(
    kind: FactKind,
    thing: Mapping[str, Any],
    *,
    payment: Any = "",
    amount: int = 0,
    ref: str = "",
    detail: dict[str, Any] | None = None,
) -> Understood:
    """A fact about what the metadata of `thing` names. Raises NotUnderstood when it names nothing.

    Its payment may name it instead.
    """
    metadata = thing.get("metadata") or {}
    told = dict(detail or {})
    if attempt := _number(metadata.get(ATTEMPT, 0)):
        told["attempt"] = attempt
    fact = Fact(
        kind,
        _number(metadata.get(PLEDGE, 0)),
        amount=whole(amount),
        ref=ref,
        payment=id_of(payment),
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


def whole(amount: Any) -> int:
    """An amount in minor units."""
    if type(amount) is not int or not -(2**53) < amount < 2**53:
        raise NotUnderstood(f"“{amount}” is not an amount in minor units")
    return amount


def id_of(told: Any) -> str:
    """The id of a thing that may be expanded, or "" for none."""
    return str(told["id"] if isinstance(told, Mapping) else told or "")


def purpose_of(thing: Mapping[str, Any]) -> str:
    """What a page or payment is for."""
    purpose: str = (thing.get("metadata") or {}).get(FOR, "checkout")
    if purpose not in PURPOSES:
        raise NotUnderstood(f"“{thing.get('id')}” is for “{purpose}”, which nobody here knows")
    return purpose


def is_subscribed(thing: Mapping[str, Any]) -> bool:
    """True for what belongs to one of our subscriptions."""
    return SUBSCRIPTION in (thing.get("metadata") or {})


def instant(told: Any) -> int:
    """A Unix time."""
    if type(told) is not int or not 0 <= told < 2**33:
        raise NotUnderstood(f"“{told}” is not a Unix time")
    return told
