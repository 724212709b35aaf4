"""A free gift: one or more products, added to the customer's next order (S18)."""

from collections.abc import Iterable

from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind
from milepost.domain.messages import N_, Sentence


def _make(products: Iterable[int], currency: str) -> LoyaltyReward:
    return LoyaltyReward("gift", products=tuple(products))


def _say(reward: LoyaltyReward, titles: str) -> Sentence:
    return Sentence(N_("%(gift)s, free"), {"gift": titles})


KIND = RewardKind(
    "gift",
    N_("Free gift"),
    N_("One or more of your products, added to the customer’s next order in the shop."),
    "products",
    6,
    _make,
    _say,
)
