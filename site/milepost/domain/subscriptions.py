"""Subscriptions: what each fact does to one, and the cycles that were paid (P1, L7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from milepost.domain.facts import Fact
from milepost.domain.messages import NN_, Several

SubscriptionState = Literal["open", "expired", "active", "past_due", "unpaid", "ended"]
EveryUnit = Literal["week", "month", "year"]
MOST_EVERY: Mapping[str, int] = {"week": 36, "month": 36, "year": 3}
"""Three years, as Stripe allows; of weeks fewer. Source: API reference, "Prices"."""
_EVERY = {
    "week": NN_("every week", "every %(count)s weeks"),
    "month": NN_("every month", "every %(count)s months"),
    "year": NN_("every year", "every %(count)s years"),
}


def every(count: int, unit: str) -> Several:
    """How often it is paid, in the middle of a sentence: “every month”, “every 2 weeks”."""
    return Several(*_EVERY[unit], count)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A period that was paid: by which invoice, how much, from when until when."""

    invoice: str
    amount: int
    start: datetime
    end: datetime


@dataclass(slots=True)
class Subscription:
    """A subscription as facts move it.

    `cancels`: it ends with its period. `told_at`: when the event was made that its state is of.
    `new_cycles` are those that these facts paid; `failures` are (invoice, attempt) that failed.
    """

    id: int
    key: str
    state: SubscriptionState
    provider_id: str = ""
    payer: str = ""
    cancels: bool = False
    period_end: datetime | None = None
    told_at: datetime | None = None
    begun_at: datetime | None = None
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    invoices: set[str] = field(default_factory=set)
    new_cycles: list[Cycle] = field(default_factory=list)
    failures: list[tuple[str, int]] = field(default_factory=list)
    method: str = ""  # a card that its holder put in the place of the one before


def moment(seconds: Any) -> datetime:
    """An instant as Stripe tells it."""
    return datetime.fromtimestamp(seconds, UTC)


def hear(subscription: Subscription, fact: Fact) -> str:
    """Apply a fact, which may come twice, late and in any order; why it is unlawful, else "" (P1).

    Facts of one that has not begun wait for the fact that it has: whoever calls sees to that.
    """
    told, named = fact.detail, str(fact.detail.get("subscription", ""))
    if named and subscription.provider_id and named != subscription.provider_id:
        return f"it is about “{named}”, and this page began “{subscription.provider_id}”"
    match fact.kind:
        case "begun" if not subscription.provider_id:
            subscription.provider_id, subscription.payer = named, str(told["payer"])
            subscription.state, subscription.begun_at = "active", moment(told["at"])
        case "expired" if subscription.state == "open":
            subscription.state = "expired"
        case "card":
            subscription.method = str(told["method"])
        case "cycle" if fact.ref not in subscription.invoices:
            cycle = Cycle(fact.ref, fact.amount, moment(told["start"]), moment(told["end"]))
            subscription.invoices.add(cycle.invoice)
            subscription.new_cycles.append(cycle)
            subscription.period_end = max(subscription.period_end or cycle.end, cycle.end)
        case "cycle_failed":
            subscription.failures.append((fact.ref, int(told["attempt"])))
        case "stands" if subscription.state != "ended":
            _stand(subscription, told)
        case "ended":
            subscription.state, subscription.ended_at = "ended", moment(told["ended_at"])
            subscription.told_at = moment(told["at"])
    return ""


def _stand(subscription: Subscription, told: Mapping[str, Any]) -> None:
    at = moment(told["at"])
    if subscription.told_at is not None and at < subscription.told_at:
        return
    subscription.told_at = at
    subscription.state, subscription.cancels = told["state"], told["cancels"]
    cancelled = told.get("cancelled_at")
    subscription.cancelled_at = moment(cancelled) if cancelled and told["cancels"] else None
    end = moment(told["period_end"])
    subscription.period_end = max(subscription.period_end or end, end)
