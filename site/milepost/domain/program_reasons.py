"""Why a customer has what a program gave, and what is still to go (R5): one sentence from the rule.

Days come in as instants in the zone in which they are said.
"""

from dataclasses import dataclass
from datetime import datetime

from milepost.domain.messages import N_, Sentence
from milepost.domain.money import Money
from milepost.domain.programs import Measure

# A lost fact, in the words of what it was.
_FELL = {
    "order": N_(
        "Taken back: an order was refunded, so it is not %(target)s any more (%(program)s)."
    ),
    "review": N_(
        "Taken back: a review is not shown any more, so it is not %(target)s any more"
        " (%(program)s)."
    ),
    "referral": N_(
        "Taken back: a friend’s order was refunded, so it is not %(target)s any more (%(program)s)."
    ),
    "cycle": N_(
        "Taken back: a billing cycle was refunded, so it is not %(target)s any more (%(program)s)."
    ),
}
_FELL_OTHERWISE = N_(
    "Taken back: what earned points was taken back, so it is not %(target)s any more (%(program)s)."
)


@dataclass(frozen=True, slots=True)
class Given:
    """A grant of a program, with the rule that made it.

    `since` is when the program began to count; `step` is 1 for the first of a journey, None where
    there is no order; `lap` counts from 0 where the program gives again after `every`. `idle_since`
    is the last order before a spell without orders.
    """

    program: str
    measure: Measure
    target: int
    currency: str | None
    since: datetime
    step: int | None = None
    lap: int = 0
    every: int | None = None
    idle_since: datetime | None = None
    is_void: bool = False


def why(given: Given) -> Sentence:
    """Why it was given, or why it was taken back (L2, L5, L6, L8, L9)."""
    reached = given.target + given.lap * (given.every or 0)
    target = given.measure.said(reached, given.currency)
    fields = {"target": target, "program": given.program, "since": given.since}
    if given.is_void:
        return Sentence(_FELL.get(given.measure.fact, _FELL_OTHERWISE), fields)
    if given.idle_since is not None:
        since = max(given.idle_since, given.since)
        return Sentence(
            N_("For %(target)s after %(since)s (%(program)s)."), fields | {"since": since}
        )
    if given.step is not None:
        step = {"step": given.step}
        return Sentence(_step_of(given.measure), fields | step)
    if given.lap:
        every = given.measure.said(given.every or 0, given.currency)
        return Sentence(_lap_of(given.measure), fields | {"every": every})
    if given.measure.sums == "amount":
        return Sentence(N_("For %(target)s spent since %(since)s (%(program)s)."), fields)
    return Sentence(N_("For %(target)s since %(since)s (%(program)s)."), fields)


def _step_of(measure: Measure) -> str:
    if measure.sums == "amount":
        return N_("For step %(step)s, %(target)s spent (%(program)s).")
    return N_("For step %(step)s, %(target)s (%(program)s).")


def _lap_of(measure: Measure) -> str:
    if measure.sums == "amount":
        return N_(
            "For %(target)s spent since %(since)s; it gives again after each %(every)s"
            " (%(program)s)."
        )
    return N_("For %(target)s since %(since)s; it gives again after each %(every)s (%(program)s).")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A milestone that a customer has not reached: where they stand, in the measure's unit."""

    measure: Measure
    target: int
    reading: int
    currency: str | None
    step: int | None = None  # as in `Given`
    steps: int = 0


def why_not(ahead: Ahead) -> Sentence:
    """Why it is not theirs yet: how far they are, and how much more it takes."""
    missing = max(ahead.target - ahead.reading, 0)
    is_money = ahead.measure.sums == "amount"
    have = Money(ahead.reading, ahead.currency or "") if is_money else ahead.reading
    fields = {
        "have": have,
        "target": ahead.measure.said(ahead.target, ahead.currency),
        "more": Money(missing, ahead.currency or "") if is_money else missing,
    }
    if ahead.step is not None:
        steps = {"step": ahead.step, "steps": ahead.steps}
        return Sentence(
            N_("Step %(step)s of %(steps)s: %(have)s of %(target)s, %(more)s more."), fields | steps
        )
    return Sentence(N_("%(have)s of %(target)s, %(more)s more."), fields)
