"""`…/cart-milestones/{cart}/rule`: the trigger, the tiers, and what stays out (S25, S38–S40)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.cart_advice import DAYS, PRESET, PRESET_PERCENT, thresholds
from milepost.domain.cart_plans import (
    ITEMS,
    KINDS,
    MOST_TIERS,
    SECOND_SHIPPING,
    shown_percent,
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
from milepost.web.studio.cart_milestones.frame import HOME, campaign_of, read_as, show_step
from milepost.web.studio.cart_milestones.preview import beside, numbers_of
from milepost.web.studio.cart_milestones.rule_fields import (
    EXCLUDED,
    MOST_EXCLUDED,
    rule_typed,
    saved_rule,
    tier_keys,
)
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.wording.languages import translator

PICKED = 24  # variants to choose from at once
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
    if do == "preset":
        typed |= await _preset(request, desk, row, typed)
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


async def _preset(
    request: Request, desk: Desk, row: Any, typed: Mapping[str, str]
) -> dict[str, str]:
    """The fields of three tiers: a percentage, free shipping, a gift (S29).

    Thresholds are filled in where the store's own orders say where they should stand.
    """
    site, items = request.state.site, typed.get("trigger") == "items"
    async with reading(site.database) as db:
        since = site.clock() - timedelta(days=DAYS)
        averages = await cart_campaigns.average_orders(db, desk.store_id, since)
    found: dict[str, str] = {}
    for place, kind in enumerate(PRESET):
        found |= {f"t{place}": "new", f"t{place}-kind": kind}
    found["t0-percent"] = shown_percent(PRESET_PERCENT)
    for currency in row["currencies"]:
        numbers = numbers_of(averages, "items" if items else "value", currency)
        if not numbers.are_enough:
            continue
        for place, target in enumerate(thresholds(numbers, len(PRESET))):
            shown = str(target) if items else forms.shown_amount(target, currency)
            found[f"t{place}-target-{numbers.unit}"] = shown
    return found


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
        **await beside(request, desk, row, "rule", typed),
        "leaves_out": lambda typed: any(EXCLUDED.fullmatch(name) for name in typed),
    }
    titles = {str(p["id"]): p["title"] for p in context["goods"]}
    return await show_step(
        request,
        desk,
        row,
        "rule",
        saved,
        labels,
        context,
        says=read_as(VALUES, desk.locale, titles),
        typed=typed,
        base=base,
        refusal=refusal,
    )


def _named(typed: Mapping[str, str]) -> list[int]:
    """The products that the form names, as gifts or as left out."""
    gifts = [number_in(typed.get(f"{key}-product", "")) or 0 for key in tier_keys(typed)]
    left_out = [
        int(m[2]) for name in typed if (m := EXCLUDED.fullmatch(name)) and m[1] != "collection"
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
