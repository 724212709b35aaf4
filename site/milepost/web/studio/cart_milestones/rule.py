"""`…/cart-milestones/{cart}/rule`: the trigger, the tiers, and what stays out (S25, S38–S40)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.cart_plans import (
    ITEMS,
    KINDS,
    MOST_TIERS,
    SECOND_SHIPPING,
    TRIGGERS,
    Rule,
    TierPlan,
    check,
    shown_percent,
    typed_percent,
)
from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.cart_campaigns import ResetAsked, part, rule_of, save_rule
from milepost.services.editing import part_held
from milepost.services.publishing import in_language
from milepost.storage import cart_campaigns
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.public.chosen import plain
from milepost.web.studio.cart_milestones.frame import HOME, NAME, campaign_of, show_step
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.wording.languages import translator

PICKED = 24  # variants to choose from at once
MOST_EXCLUDED = 200
_KEY = re.compile(r"t(\d{1,3})")
_EXCLUDED = re.compile(r"x-(product|collection)-(\d{1,18})")
LABELS = {
    "name": N_("Name"),
    "trigger": N_("What it counts"),
    "adds_up": N_("When several tiers are reached"),
    "after_codes": N_("With a discount code"),
}
VALUES = {
    "value": N_("The cart’s value"),
    "items": N_("How many items"),
    "all": N_("Their rewards add up"),
    "highest": N_("Only the highest gives"),
    "before": N_("Count the value before the code"),
    "after": N_("Count the value after the code"),
    "percent": N_("A percentage off"),
    "amount": N_("An amount off"),
    "shipping": N_("Free shipping"),
    "gift": N_("A free gift"),
}


@behind(Deed.SEE_STORE)
async def rule(request: Request, desk: Desk) -> Response:
    """GET shows the step; the form's own buttons change what is typed, and only Save saves."""
    row = await campaign_of(request, desk)
    if request.method != "POST" or not desk.may(Deed.EDIT_CAMPAIGN):
        return await show_rule(request, desk, row)
    site, sent = request.state.site, await forms.sent_to(request)
    typed, base, do = forms.typed_in(sent), forms.base_of(sent), str(sent.get("do", ""))
    if do not in ("save", "reset"):
        return await show_rule(request, desk, row, typed=_changed(typed, do), base=base)
    try:
        found = rule_typed(typed, row["currencies"])
        await save_rule(
            site.database, desk.author, row["id"], base, found, site.clock(), reset=do == "reset"
        )
    except Refusal as refusal:
        return await show_rule(request, desk, row, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.home}{HOME}/{row['id']}/rule?done=saved")


def _changed(typed: dict[str, str], do: str) -> dict[str, str]:
    """What is typed after a button of the form: a tier more, or one less."""
    keys = tier_keys(typed)
    if do == "add" and len(keys) < MOST_TIERS:
        key = f"t{max((int(key[1:]) for key in keys), default=-1) + 1}"
        kinds = {typed.get(f"{one}-kind", "") for one in keys}
        free = [kind for kind in KINDS if kind not in kinds]
        return typed | {key: "new", f"{key}-kind": free[0] if free else "amount"}
    if do.startswith("remove-") and (key := do.removeprefix("remove-")) in keys:
        return {n: v for n, v in typed.items() if n != key and not n.startswith(f"{key}-")}
    return typed


def tier_keys(typed: Mapping[str, str]) -> list[str]:
    """What the form's tiers are called, in their order."""
    return sorted((name for name in typed if _KEY.fullmatch(name)), key=lambda key: int(key[1:]))


def rule_typed(typed: Mapping[str, str], currencies: list[str]) -> Rule:
    """The rule that was typed. Raises Invalid about a field."""
    trigger = next((one for one in TRIGGERS if one == typed.get("trigger")), TRIGGERS[0])
    excluded: dict[str, list[int]] = {"product": [], "collection": []}
    for name in typed:
        if found := _EXCLUDED.fullmatch(name):
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
        targets = _amounts(typed, f"{key}-target", currencies)
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


def _amounts(typed: Mapping[str, str], name: str, currencies: list[str]) -> dict[str, int]:
    found = {one: forms.amount(typed, f"{name}-{one}", one) for one in currencies}
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


async def show_rule(
    request: Request,
    desk: Desk,
    row: Any,
    *,
    typed: dict[str, str] | None = None,
    base: int | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The step's page."""
    site, step = request.state.site, part(row["id"], "rule")
    held = await part_held(site.database, desk.author, step, site.clock())
    async with reading(site.database) as db:
        kept = await cart_campaigns.tiers(db, row["track_id"])
        saved = saved_rule(rule_of(row, kept))
        values = saved if typed is None and held.typed is None else typed or held.typed or {}
        find = plain(values.get("find", ""), 80).strip()
        collections = await cart_campaigns.collections(db, desk.store_id)
        goods = await cart_campaigns.goods(db, desk.store_id, find, _named(values), PICKED)
    labels = _labels(saved | values, row["currencies"], desk.locale)
    context: dict[str, Any] = {
        "collections": collections,
        "goods": [{**dict(p), "title": in_language(p, desk.locale)("title")} for p in goods],
        "most_picked": PICKED,
        "most_tiers": MOST_TIERS,
        "second_shipping": SECOND_SHIPPING,
        "ask_reset": isinstance(refusal, ResetAsked),
        "tier_keys": tier_keys,
        "leaves_out": lambda typed: any(_EXCLUDED.fullmatch(name) for name in typed),
    }
    says = _read_as({str(p["id"]): p["title"] for p in context["goods"]}, desk.locale)
    return await show_step(
        request,
        desk,
        row,
        "rule",
        saved,
        labels,
        context,
        says=says,
        typed=typed,
        base=base,
        refusal=refusal,
    )


def _read_as(goods: Mapping[str, str], locale: str) -> Callable[[str, str], str]:
    """What a field's value means, for whoever compares two people's texts."""
    _ = translator(locale).gettext

    def says(name: str, value: str) -> str:
        if name.endswith("-product"):
            return goods.get(value, value)
        return _(VALUES[value]) if value in VALUES else value

    return says


def _named(typed: Mapping[str, str]) -> list[int]:
    """The products that the form names, as gifts or as left out."""
    gifts = [number_in(typed.get(f"{key}-product", "")) or 0 for key in tier_keys(typed)]
    left_out = [
        int(m[2]) for name in typed if (m := _EXCLUDED.fullmatch(name)) and m[1] != "collection"
    ]
    return [*gifts, *left_out][:MOST_EXCLUDED]


def _labels(typed: Mapping[str, str], currencies: list[str], locale: str) -> dict[str, str]:
    """What the fields are called where two people's texts are put side by side."""
    _ = translator(locale).gettext
    found = {name: _(label) for name, label in LABELS.items()}
    for place, key in enumerate(tier_keys(typed), 1):
        tier = _("Tier %(place)s") % {"place": place}
        found[f"{key}-kind"] = f"{tier}: {_('reward')}"
        found[f"{key}-product"] = f"{tier}: {_('gift')}"
        found[f"{key}-percent"] = f"{tier}: {_('percent off')}"
        for unit in (ITEMS, *currencies):
            found[f"{key}-target-{unit}"] = f"{tier}: {_('from')} ({unit})"
            found[f"{key}-amount-{unit}"] = f"{tier}: {_('amount off')} ({unit})"
    return found
