"""Programs as a creator draws them up, before anybody has earned anything (L1, S11, S12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from milepost.domain.errors import Invalid
from milepost.domain.loyalty_rewards import REWARDS, LoyaltyReward
from milepost.domain.messages import N_
from milepost.domain.programs import KINDS, MEASURES, Measure, ProgramKind

LONGEST_NAME, LONGEST_TEXT = 80, 300
MOST_STEPS = 50
LARGEST_TARGET = 10**12
LONGEST_SPELL = {"days": 3650, "months": 120}


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of a program: what it measures, its target, what it gives; `id` once it is kept.

    The target is in the measure's own unit: a count, points, minor units of the program's currency.
    `text` is in the store's language, `texts` are by the others'.
    """

    measure: str
    target: int
    reward: LoyaltyReward
    text: str = ""
    id: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """A program's rule; `every` repeats its milestones after so many of its unit (L5).

    `name` is in the store's language, `names` are by the others'.
    """

    kind: str
    name: str
    steps: tuple[Step, ...]
    starts_at: datetime
    ends_at: datetime | None = None
    currency: str | None = None
    every: int | None = None
    zone: str = "UTC"
    names: Mapping[str, str] = field(default_factory=dict)

    def spoken(self, locale: str) -> "ProgramPlan":
        """The same in that language; what nobody has translated stays as it was first written."""
        steps = (
            replace(one, text=one.texts.get(locale) or one.text) if one.text else one
            for one in self.steps
        )
        return replace(self, name=self.names.get(locale) or self.name, steps=tuple(steps))


def check(plan: ProgramPlan) -> None:
    """Raises Invalid, about the field, for a plan that can't be kept; steps are `step-0`, …"""
    kind = KINDS.get(plan.kind)
    if kind is None:
        raise Invalid(N_("There is no such kind of program."), about="kind")
    if not plan.name or len(plan.name) > LONGEST_NAME:
        raise Invalid(
            N_("Give it a name of up to %(most)s characters."), about="name", most=LONGEST_NAME
        )
    if plan.ends_at is not None and plan.ends_at <= plan.starts_at:
        raise Invalid(N_("It ends before it starts. Choose a later end."), about="ends_at")
    if len(plan.steps) > MOST_STEPS:
        raise Invalid(N_("A program has %(most)s milestones at most."), most=MOST_STEPS)
    for place, step in enumerate(plan.steps):
        _check_step(kind, plan, step, f"step-{place}")
    _check_order(kind, plan)
    _check_laps(kind, plan)


def _check_step(kind: ProgramKind, plan: ProgramPlan, step: Step, about: str) -> None:
    measure = MEASURES.get(step.measure)
    if measure not in kind.measures:
        raise Invalid(N_("This kind of program does not count that."), about=f"{about}-measure")
    longest = LONGEST_SPELL.get(measure.sums, LARGEST_TARGET)
    if not 1 <= step.target <= longest:
        raise Invalid(
            N_("Write a whole number from 1 to %(most)s."), about=f"{about}-target", most=longest
        )
    if measure.sums == "amount" and plan.currency is None:
        raise Invalid(N_("Say in which currency amounts are counted."), about="currency")
    if len(step.text) > LONGEST_TEXT:
        raise Invalid(
            N_("This may have %(most)s characters."), about=f"{about}-text", most=LONGEST_TEXT
        )
    _check_reward(step.reward, about)


def _check_reward(reward: LoyaltyReward, about: str) -> None:
    kind = REWARDS.get(reward.kind)
    if kind is None:
        raise Invalid(N_("There is no such reward."), about=f"{about}-reward")
    if kind.asks == "products" and not reward.products:
        raise Invalid(N_("Pick the product that it gives."), about=f"{about}-products")
    if kind.asks in ("points", "money"):
        worth = reward.worth or sum(reward.amounts.values())
        if not 0 < worth <= LARGEST_TARGET:
            raise Invalid(N_("Say how much it gives."), about=f"{about}-worth")
    if kind.asks == "percent" and not 1 <= (reward.percent or 0) <= 10_000:
        raise Invalid(N_("Write a percentage from 0.01 to 100."), about=f"{about}-worth")
    if reward.days is not None and not 1 <= reward.days <= 3650:
        raise Invalid(N_("A code is good for 1 to 3,650 days."), about=f"{about}-days")


def _check_order(kind: ProgramKind, plan: ProgramPlan) -> None:
    if kind.in_steps:
        return
    seen: dict[tuple[Measure, int], int] = {}
    for place, step in enumerate(plan.steps):
        key = MEASURES[step.measure], step.target
        if key in seen:
            raise Invalid(
                N_("Another milestone has this target. Give this one a target of its own."),
                about=f"step-{place}-target",
            )
        seen[key] = place


def _check_laps(kind: ProgramKind, plan: ProgramPlan) -> None:
    if plan.every is None:
        return
    if not kind.may_repeat:
        raise Invalid(N_("This kind of program does not repeat."), about="every")
    highest = max((step.target for step in plan.steps), default=1)
    if not highest <= plan.every <= LARGEST_TARGET:
        raise Invalid(
            N_("It can begin again after its last milestone at the earliest."), about="every"
        )
