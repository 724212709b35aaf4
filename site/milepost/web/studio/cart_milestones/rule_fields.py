"""The rule of a campaign as its form holds it (S25, S38–S40)."""

import re
from collections.abc import Mapping

from milepost.domain.cart_plans import (
    ITEMS,
    KINDS,
    MOST_TIERS,
    TRIGGERS,
    Rule,
    TierPlan,
    check,
    shown_percent,
    typed_percent,
)
from milepost.domain.numbers import number_in
from milepost.web.studio.editor import forms

NAME = 80
MOST_EXCLUDED = 200
EXCLUDED = re.compile(r"x-(product|collection)-(\d{1,18})")
_KEY = re.compile(r"t(\d{1,3})")


def tier_keys(typed: Mapping[str, str]) -> list[str]:
    """What the form's tiers are called, in their order."""
    return sorted((name for name in typed if _KEY.fullmatch(name)), key=lambda key: int(key[1:]))


def rule_typed(typed: Mapping[str, str], currencies: list[str]) -> Rule:
    """The rule that was typed. Raises Invalid about a field."""
    trigger = next((one for one in TRIGGERS if one == typed.get("trigger")), TRIGGERS[0])
    excluded: dict[str, list[int]] = {"product": [], "collection": []}
    for name in typed:
        if found := EXCLUDED.fullmatch(name):
            excluded[found[1]].append(int(found[2]))
    made = Rule(
        forms.line(typed, "name", NAME),
        trigger,
        tuple(_tier(typed, key, trigger, currencies) for key in tier_keys(typed)[:MOST_TIERS]),
        typed.get("adds_up") != "highest",
        typed.get("after_codes") == "after",
        tuple(sorted(excluded["product"])[:MOST_EXCLUDED]),
        tuple(sorted(excluded["collection"])[:MOST_EXCLUDED]),
    )
    check(made, currencies)
    return made


def _tier(typed: Mapping[str, str], key: str, trigger: str, currencies: list[str]) -> TierPlan:
    kind = next((one for one in KINDS if one == typed.get(f"{key}-kind")), KINDS[0])
    targets: dict[str, int] = {}
    if trigger == "items":
        if (pieces := forms.whole(typed, f"{key}-target-{ITEMS}", 100_000)) is not None:
            targets[ITEMS] = pieces
    else:
        targets = _amounts(typed, f"{key}-target", currencies, charged=False)
    return TierPlan(
        key,
        kind,
        targets,
        number_in(typed[key]) or None,
        typed_percent(typed.get(f"{key}-percent", ""), f"{key}-percent")
        if kind == "percent"
        else None,
        _amounts(typed, f"{key}-amount", currencies) if kind == "amount" else {},
        (number_in(typed.get(f"{key}-product", "")) or None) if kind == "gift" else None,
    )


def _amounts(
    typed: Mapping[str, str], name: str, currencies: list[str], *, charged: bool = True
) -> dict[str, int]:
    found = {one: forms.amount(typed, f"{name}-{one}", one, charged=charged) for one in currencies}
    return {one: amount for one, amount in found.items() if amount is not None}


def saved_rule(rule: Rule) -> dict[str, str]:
    """The fields of the form as the rule fills them."""
    typed = {
        "name": rule.name,
        "trigger": rule.trigger,
        "adds_up": "all" if rule.adds_up else "highest",
        "after_codes": "after" if rule.after_codes else "before",
        "find": "",
    }
    typed |= {f"x-product-{one}": "on" for one in rule.excluded_products}
    typed |= {f"x-collection-{one}": "on" for one in rule.excluded_collections}
    for tier in rule.tiers:
        typed |= {tier.key: str(tier.id or "new"), f"{tier.key}-kind": tier.kind}
        for unit, target in tier.targets.items():
            shown = str(target) if unit == ITEMS else forms.shown_amount(target, unit)
            typed[f"{tier.key}-target-{unit}"] = shown
        for currency, amount in tier.amounts.items():
            typed[f"{tier.key}-amount-{currency}"] = forms.shown_amount(amount, currency)
        if tier.percent is not None:
            typed[f"{tier.key}-percent"] = shown_percent(tier.percent)
        if tier.product_id is not None:
            typed[f"{tier.key}-product"] = str(tier.product_id)
    return typed
