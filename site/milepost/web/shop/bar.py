"""The bar of the cart's milestones for templates: drawn from the evaluation alone (N8, S24)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from milepost.domain.cart_looks import Look, TierLook
from milepost.domain.cart_words import LACKING, Messages, Name, lacking, message, reward_sentence
from milepost.domain.cart_words import say as fill_in
from milepost.domain.carts import CartReward, Evaluation, FreeGift, TierNow, Trigger
from milepost.services.shop_cart import ShopCart, title_of
from milepost.wording.format import written_in
from milepost.wording.saying import say

LENGTH = 10_000  # of the whole bar, in hundredths of a percent
View = dict[str, Any]


def bar_of(cart: ShopCart, locale: str) -> View | None:
    """The bar of the cart; None while the store has no active milestones for its currency."""
    if cart.campaign is None or not cart.campaign.tiers:
        return None
    row = cart.row
    return bar_view(
        cart.evaluation,
        Look.of(row["design"]),
        cart.tiers,
        cart.products,
        row["messages"],
        cart.campaign.trigger,
        cart.currency,
        locale,
        row["store_locale"],
    )


def bar_view(
    found: Evaluation,
    look: Look,
    rows: Mapping[int, Mapping[str, Any]],
    products: Mapping[int, Mapping[str, Any]],
    messages: Messages,
    trigger: Trigger,
    currency: str,
    locale: str,
    store_locale: str,
) -> View:
    """All that `shop/parts/milestones.html` needs.

    Each tier takes as much room as any other; within it the bar runs in proportion. `fill` and a
    tier's own `part` are shares of 100. `message` says what is next, `won` what was reached last.
    """
    tiers = [_tier(now, rows, products, trigger, currency, locale) for now in found.tiers]
    before = 0
    for tier, now in zip(tiers, found.tiers, strict=True):
        tier["part"] = _share(found.reading - before, now.tier.target - before)
        before = now.tier.target
    told = _Words(messages, trigger, locale, store_locale)
    won = next((tier for tier in reversed(tiers) if tier["reached"] and is_theirs(tier)), None)
    following = next((tier for tier in tiers if not tier["reached"]), None)
    without = lacking([now.gift for now in found.tiers]) if following is None else None
    aim = following or tiers[-1]
    own = rows[aim["id"]]["messages"]
    line = told.of("before", following, own) if following else told.of("after", None, {})
    if without is not None:
        line = say(without, locale)
    alone = _share(found.reading, found.next.tier.target) if found.next else "100"
    return {
        "layout": look.layout,
        "places": look.places,
        "done": look.done,
        "shimmer": look.shimmer,
        "colour": look.colour.removeprefix("#"),
        "fill": alone if look.layout == "single" else _mean(tier["part"] for tier in tiers),
        "tiers": tiers,
        "aim": aim,
        "all": following is None,
        "message": line,
        "won": told.of("reward", won, rows[won["id"]]["messages"]) if won and following else "",
        "reached": sum(tier["reached"] for tier in tiers),
    }


def is_theirs(tier: View) -> bool:
    """True for a reached tier but one whose gift does not come along."""
    return tier["gift"] not in LACKING


def _tier(
    now: TierNow,
    rows: Mapping[int, Mapping[str, Any]],
    products: Mapping[int, Mapping[str, Any]],
    trigger: Trigger,
    currency: str,
    locale: str,
) -> View:
    tier, row = now.tier, rows[now.tier.id]
    gift = products.get(tier.reward.product_id) if isinstance(tier.reward, FreeGift) else None
    look = TierLook.of(row["design"], row["kind"])
    title = title_of(gift, locale) if gift is not None else ""
    return {
        "id": tier.id,
        "kind": row["kind"],
        "target": tier.target,
        "goal": _amount(tier.target, trigger, currency, locale),
        "left": now.left,
        "left_said": _amount(now.left, trigger, currency, locale),
        "reached": now.is_reached,
        "applies": now.applies,
        "gift": now.gift,
        "product": tier.reward.product_id if isinstance(tier.reward, FreeGift) else None,
        "reward": _reward(tier.reward, currency, title, locale),
        "icon": look.icon,
        "done_icon": look.done_icon,
        "picture": look.picture(row["kind"], gift["image"] if gift is not None else ""),
    }


@lru_cache(4096)
def _reward(reward: CartReward, currency: str, title: str, locale: str) -> str:
    """What a tier gives; a cart's every change says it of each tier."""
    return say(reward_sentence(reward, currency, title), locale)


class _Words:
    """The campaign's messages, for one reader (K8)."""

    def __init__(
        self, messages: Messages, trigger: Trigger, locale: str, store_locale: str
    ) -> None:
        self._messages, self._trigger = messages, trigger
        self._locale, self._store_locale = locale, store_locale

    def of(self, name: Name, tier: View | None, own: Messages) -> str:
        """The message of that name, the tier's own before the campaign's."""
        values = {}
        if tier is not None:
            values = {"reward": tier["reward"], "goal": tier["goal"]}
            values["items_left" if self._trigger == "items" else "amount_left"] = tier["left_said"]
        found = message(own, name, self._locale, self._store_locale, self._trigger)
        if not isinstance(found, str):
            found = message(self._messages, name, self._locale, self._store_locale, self._trigger)
        return fill_in(say(found, self._locale), values)


def _amount(value: int, trigger: Trigger, currency: str, locale: str) -> str:
    shown = written_in(locale)
    return shown.number(value) if trigger == "items" else shown.money(value, currency)


def _share(part: int, whole: int) -> str:
    """The share of 100 that `part` is of `whole`, to the hundredth; never less or more than all."""
    if whole <= 0:
        return "100" if part >= 0 else "0"
    return _written(max(0, min(LENGTH, part * LENGTH // whole)))


def _mean(shares: Any) -> str:
    """The mean of such shares."""
    parts = [round(float(share) * 100) for share in shares]
    return _written(sum(parts) // len(parts))


def _written(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".")
