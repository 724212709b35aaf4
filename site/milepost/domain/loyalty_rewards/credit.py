"""Store credit: money in the customer's account, which pays for what they order (S14)."""

from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import Money


def _make(amount: int, currency: str) -> LoyaltyReward:
    return LoyaltyReward("credit", unit=currency, worth=amount)


def _say(reward: LoyaltyReward, titles: str) -> Sentence:
    credit = Money(reward.worth or 0, reward.unit or "")
    return Sentence(N_("%(amount)s of store credit"), {"amount": credit})


KIND = RewardKind(
    "credit",
    N_("Store credit"),
    N_("Money in the customer’s account; it pays for what they order next."),
    "money",
    2,
    _make,
    _say,
)
