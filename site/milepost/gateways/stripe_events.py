"""Stripe's events in our words: here it is known what each means to a pledge, order, subscription.

What its parts mean stands in `stripe_pages`, `stripe_returns` and `stripe_subscriptions`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from milepost.gateways import stripe_pages, stripe_returns, stripe_subscriptions
from milepost.gateways.stripe_facts import Meaning, NotUnderstood, Understood, instant

__all__ = ["NotUnderstood", "Understood", "created_at", "understand"]

MEANINGS: dict[str, Meaning] = {
    **stripe_pages.MEANINGS,
    **stripe_returns.MEANINGS,
    **stripe_subscriptions.MEANINGS,
}
"""By the event's type."""


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
    meaning = MEANINGS.get(event["type"])
    if meaning is None:
        return None
    try:
        understood = meaning(event["data"]["object"])
        if understood is not None and understood.fact.kind in ("begun", "stands", "ended"):
            understood.fact.detail["at"] = instant(event["created"])
        return understood
    except NotUnderstood:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotUnderstood(f"{event['type']} lacks or misstates {error}") from None
