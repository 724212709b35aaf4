"""A program as its customers see it: an ordered trail with what each milestone gives, and the next.

The studio's preview and the customer's page draw the same (`templates/loyalty/parts/trail.html`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from milepost.domain.loyalty_rewards import say_reward
from milepost.domain.messages import N_, Sentence
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.domain.programs import KINDS, MEASURES
from milepost.web.trail import Leg, leg
from milepost.wording.format import written_in
from milepost.wording.saying import say

State = Literal["passed", "next", "ahead"]
_SPELLS = {"days": 1, "months": 30}  # in days, to put spells of both in one order
_WHOLE = 1000  # of a step's leg, where legs are of different measures


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands in a program.

    `readings` are by the measure's key, in its own unit; of a mixed journey only that of the
    present step, counted since the step before it. `given` are the ids of milestones that have
    given to them.
    """

    readings: Mapping[str, int] = field(default_factory=dict)
    given: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ProgramStop:
    """A milestone on the trail; all that is said is in the reader's language.

    `left` is what is still to go, of the next one alone; `filled` is 0–100 of the way to it.
    """

    id: int | None
    number: int
    state: State
    mark: str
    target: str
    reward: str
    text: str
    left: str
    filled: int
    leg: Leg | None


@dataclass(frozen=True, slots=True)
class ProgramTrail:
    """A program's stops in their order. `again` says after how much it begins anew."""

    key: str
    first: Leg | None
    stops: tuple[ProgramStop, ...]
    in_steps: bool
    again: str
    lap: int

    @property
    def next(self) -> ProgramStop | None:
        """The milestone that comes next."""
        return next((stop for stop in self.stops if stop.state == "next"), None)


def program_trail(
    plan: ProgramPlan,
    standing: Standing,
    titles: Mapping[int, str],
    locale: str,
    key: str = "program",
) -> ProgramTrail:
    """The trail of a program for whoever stands there.

    `titles` are of the products that it gives, in the reader's language; `key` tells the trail from
    the others of its page.
    """
    kind = KINDS[plan.kind]
    steps = list(plan.steps) if kind.in_steps else sorted(plan.steps, key=_place)
    lap, so_far = _lap(plan, steps, standing)
    passed = [_is_passed(step, plan, standing, so_far) for step in steps]
    if kind.in_steps and False in passed:  # one after the other (L8)
        passed[passed.index(False) :] = [False] * (len(steps) - passed.index(False))
    following = passed.index(False) if False in passed else None
    ends, walked = _road(steps, passed, so_far, following)
    stops = tuple(
        _stop(
            plan,
            step,
            index + 1,
            "passed" if passed[index] else "next" if index == following else "ahead",
            so_far.get(step.measure, 0),
            leg(ends, index + 1, walked),
            say_reward(step.reward, _listed(step, titles)),
            locale,
        )
        for index, step in enumerate(steps)
    )
    return ProgramTrail(
        key, leg(ends, 0, walked), stops, kind.in_steps, _again(plan, steps, locale), lap + 1
    )


def _place(step: Step) -> int:
    """Where a milestone stands among those of a program that has no order of its own."""
    return step.target * _SPELLS.get(MEASURES[step.measure].sums, 1)


def _is_spell(step: Step) -> bool:
    return MEASURES[step.measure].sums in _SPELLS


def _lap(
    plan: ProgramPlan, steps: Sequence[Step], standing: Standing
) -> tuple[int, Mapping[str, int]]:
    """Which time around it is, from 0, and what is counted in it (L5)."""
    if not plan.every or not steps:
        return 0, standing.readings
    measure = steps[0].measure
    lap, so_far = divmod(standing.readings.get(measure, 0), plan.every)
    return lap, {measure: so_far}


def _is_passed(
    step: Step, plan: ProgramPlan, standing: Standing, so_far: Mapping[str, int]
) -> bool:
    """Given stays passed, and so does what is counted; a repeating program counts its lap alone."""
    if step.id in standing.given and not plan.every:
        return True
    if KINDS[plan.kind].in_steps or _is_spell(step):
        return False
    return so_far.get(step.measure, 0) >= step.target


def _road(
    steps: Sequence[Step], passed: Sequence[bool], so_far: Mapping[str, int], following: int | None
) -> tuple[list[int], int]:
    """Where the stops stand along the road, and how far it is walked."""
    if (
        len({step.measure for step in steps}) == 1
        and not _is_spell(steps[0])
        and True
        not in [
            is_passed and so_far.get(step.measure, 0) < step.target
            for step, is_passed in zip(steps, passed, strict=True)
        ]
    ):
        return [step.target for step in steps], so_far.get(steps[0].measure, 0)
    ends = [_WHOLE * (index + 1) for index in range(len(steps))]
    if following is None:
        return ends, _WHOLE * len(steps)
    return ends, _WHOLE * following + _filled(steps[following], so_far) * _WHOLE // 100


def _filled(step: Step, so_far: Mapping[str, int]) -> int:
    """How far it is to the milestone alone, in hundredths; nowhere in a spell without orders."""
    if _is_spell(step):
        return 0
    return min(100, 100 * so_far.get(step.measure, 0) // step.target)


def _stop(
    plan: ProgramPlan,
    step: Step,
    number: int,
    state: State,
    reading: int,
    onward: Leg | None,
    reward: Sentence,
    locale: str,
) -> ProgramStop:
    measure = MEASURES[step.measure]
    target = written_in(locale).field(measure.said(step.target, plan.currency))
    is_counted = state == "next" and not _is_spell(step)
    left = Sentence(
        N_("%(left)s to go"), {"left": measure.said(step.target - reading, plan.currency)}
    )
    where = {"basis": "money" if measure.sums == "amount" else "units", "currency": plan.currency}
    return ProgramStop(
        id=step.id,
        number=number,
        state=state,
        mark=written_in(locale).compact(step.target, where),
        target=target,
        reward=capital(say(reward, locale)),
        text=step.text,
        left=say(left, locale) if is_counted else "",
        filled=_filled(step, {step.measure: reading}) if is_counted else 0,
        leg=onward,
    )


def _again(plan: ProgramPlan, steps: Sequence[Step], locale: str) -> str:
    if not plan.every or not steps:
        return ""
    every = MEASURES[steps[0].measure].said(plan.every, plan.currency)
    return say(Sentence(N_("It begins again after %(every)s."), {"every": every}), locale)


def _listed(step: Step, titles: Mapping[int, str]) -> str:
    """The titles of what it gives, those that are known."""
    return ", ".join(titles[one] for one in step.reward.products if one in titles)


def capital(words: str) -> str:
    """The words as they begin a line."""
    return words[:1].upper() + words[1:]
