"""Free shipping of the next order, by a code of the customer's own (S17)."""

from typing import Any

from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind
from milepost.domain.messages import N_, Sentence


def _make(asked: Any, currency: str) -> LoyaltyReward:
    return LoyaltyReward("shipping", code_as="shipping")


def _say(reward: LoyaltyReward, titles: str) -> Sentence:
    return Sentence(N_("free shipping of an order"))


KIND = RewardKind(
    "shipping",
    N_("Free shipping"),
    N_("A code of the customer’s own that ships one order free."),
    "nothing",
    5,
    _make,
    _say,
    has_code=True,
)
