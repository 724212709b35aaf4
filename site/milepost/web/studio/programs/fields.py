"""The rule of a program as its form holds it (S11–S18)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from milepost.domain.cart_plans import shown_percent, typed_percent
from milepost.domain.errors import Invalid
from milepost.domain.loyalty_rewards import REWARDS, LoyaltyReward
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.program_plans import (
    LARGEST_TARGET,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_STEPS,
    ProgramPlan,
    Step,
    check,
)
from milepost.domain.programs import KINDS, MEASURES
from milepost.web.studio.editor import forms

MOST_GIFTS = 20
MOST_DAYS = 3650
PICKED = re.compile(r"(m\d{1,3})-product-(\d{1,18})")
_KEY = re.compile(r"m(\d{1,3})")
_STEP = re.compile(r"step-(\d+)(?:-(\w+))?")


def step_keys(typed: Mapping[str, str]) -> list[str]:
    """What the form's milestones are called, in their order."""
    return sorted((name for name in typed if _KEY.fullmatch(name)), key=lambda key: int(key[1:]))


def products_of(typed: Mapping[str, str], key: str) -> list[int]:
    """The gifts that are ticked for a milestone."""
    found = (PICKED.fullmatch(name) for name in typed)
    return sorted(int(m[2]) for m in found if m and m[1] == key)[:MOST_GIFTS]


def plan_typed(
    typed: Mapping[str, str], was: ProgramPlan, currencies: list[str], zone: str
) -> ProgramPlan:
    """The rule that was typed; what may not change is as it was. Raises Invalid about a field."""
    kind, keys = KINDS[was.kind], step_keys(typed)[:MOST_STEPS]
    asked = [*currencies, was.currency]
    currency = next((c for c in asked if c and c == typed.get("currency")), was.currency)
    starts_at = forms.moment_in(typed, "starts_at", zone) or was.starts_at
    plan = ProgramPlan(
        was.kind,
        forms.line(typed, "name", LONGEST_NAME),
        tuple(_step(typed, key, was, currency or currencies[0]) for key in keys),
        was.starts_at if _is_minute(starts_at, was.starts_at) else starts_at,
        forms.moment_in(typed, "ends_at", zone),
        currency or currencies[0],
        _every(typed, was, currency or currencies[0]) if kind.may_repeat else None,
        zone,
    )
    try:
        check(plan)
    except Invalid as refusal:
        raise about_field(refusal, keys, typed) from None
    return plan


def _is_minute(typed: Any, was: Any) -> bool:
    """A form holds whole minutes: the same minute is the same time."""
    return bool(typed == was.replace(second=0, microsecond=0))


def about_field(refusal: Any, keys: list[str], typed: Mapping[str, str]) -> Any:
    """The same refusal, about the form's own field."""
    found = _STEP.fullmatch(refusal.about)
    if found and int(found[1]) < len(keys):
        key, field = keys[int(found[1])], found[2] or "target"
        if field == "worth":
            kind = REWARDS.get(typed.get(f"{key}-reward", ""))
            field = kind.asks if kind is not None else "reward"
        refusal.about = f"{key}-{field}"
    return refusal


def _every(typed: Mapping[str, str], was: ProgramPlan, currency: str) -> int | None:
    if KINDS[was.kind].measures[0].sums == "amount":
        found = forms.amount(typed, "every", currency)
    else:
        found = forms.whole(typed, "every", LARGEST_TARGET)
    return found or None


def _step(typed: Mapping[str, str], key: str, was: ProgramPlan, currency: str) -> Step:
    kind = KINDS[was.kind]
    measure = next(
        (m for m in kind.measures if m.key == typed.get(f"{key}-measure")), kind.measures[0]
    )
    name = f"{key}-target"
    if measure.sums == "amount":
        target = forms.amount(typed, name, currency)
    else:
        target = forms.whole(typed, name, LARGEST_TARGET)
    if target is None:
        raise Invalid(N_("Say at which target it gives."), about=name)
    return Step(
        measure.key,
        target,
        _reward(typed, key, currency),
        forms.text(typed, f"{key}-text", LONGEST_TEXT),
        number_in(typed[key]) or None,
    )


def _reward(typed: Mapping[str, str], key: str, currency: str) -> LoyaltyReward:
    kind = REWARDS.get(typed.get(f"{key}-reward", ""))
    if kind is None:
        raise Invalid(N_("Choose what it gives."), about=f"{key}-reward")
    name, asked = f"{key}-{kind.asks}", None
    match kind.asks:
        case "points":
            asked = forms.whole(typed, name, LARGEST_TARGET)
        case "money":
            asked = forms.amount(typed, name, currency)
        case "percent":
            asked = typed_percent(typed.get(name, ""), name)
        case "products":
            return kind.make(products_of(typed, key), currency)
    if kind.asks != "nothing" and not asked:
        raise Invalid(N_("Say how much it gives."), about=name)
    made = kind.make(asked, currency)
    if not kind.has_code:
        return made
    days = forms.whole(typed, f"{key}-days", MOST_DAYS)
    return replace(made, days=days or None)


def saved_plan(plan: ProgramPlan) -> dict[str, str]:
    """The fields of the form as the plan fills them."""
    first, currency = KINDS[plan.kind].measures[0], plan.currency or ""
    typed = {
        "name": plan.name,
        "starts_at": forms.shown_time(plan.starts_at, plan.zone),
        "ends_at": forms.shown_time(plan.ends_at, plan.zone),
        "currency": currency,
        "every": _shown(plan.every, first.sums == "amount", currency),
        "find": "",
    }
    for place, step in enumerate(plan.steps):
        typed |= _saved_step(f"m{place}", step, currency)
    return typed


def _saved_step(key: str, step: Step, currency: str) -> dict[str, str]:
    kind, reward = REWARDS[step.reward.kind], step.reward
    found = {
        key: str(step.id or "new"),
        f"{key}-measure": step.measure,
        f"{key}-target": _shown(step.target, MEASURES[step.measure].sums == "amount", currency),
        f"{key}-text": step.text,
        f"{key}-reward": reward.kind,
        f"{key}-days": str(reward.days or ""),
    }
    match kind.asks:
        case "points":
            found[f"{key}-points"] = str(reward.worth)
        case "money":
            own, worth = next(iter(reward.amounts.items()), (reward.unit or "", reward.worth))
            found[f"{key}-money"] = forms.shown_amount(worth, own)
        case "percent":
            found[f"{key}-percent"] = shown_percent(reward.percent or 0)
        case "products":
            found |= {f"{key}-product-{one}": "on" for one in reward.products}
    return found


def _shown(value: int | None, is_amount: bool, currency: str) -> str:
    if value is None:
        return ""
    return forms.shown_amount(value, currency) if is_amount else str(value)
