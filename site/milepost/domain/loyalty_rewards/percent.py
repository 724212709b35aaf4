"""A percentage off the next order, by a code of the customer's own (S16)."""

from milepost.domain.carts import PercentOff
from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind
from milepost.domain.messages import N_, Sentence


def _make(hundredths: int, currency: str) -> LoyaltyReward:
    return LoyaltyReward("percent", code_as="percent", percent=hundredths)


def _say(reward: LoyaltyReward, titles: str) -> Sentence:
    return Sentence(N_("%(percent)s off an order"), {"percent": PercentOff(reward.percent or 0)})


KIND = RewardKind(
    "percent",
    N_("Percentage off"),
    N_("A code of the customer’s own that takes a percentage off one order."),
    "percent",
    4,
    _make,
    _say,
    has_code=True,
)
