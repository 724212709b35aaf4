"""A fixed amount off the next order, by a code of the customer's own (S15)."""

from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import Money


def _make(amount: int, currency: str) -> LoyaltyReward:
    return LoyaltyReward("amount", code_as="amount", amounts={currency: amount})


def _say(reward: LoyaltyReward, titles: str) -> Sentence:
    currency, amount = next(iter(reward.amounts.items()))
    return Sentence(N_("%(amount)s off an order"), {"amount": Money(amount, currency)})


KIND = RewardKind(
    "amount",
    N_("Amount off"),
    N_("A code of the customer’s own that takes a fixed amount off one order."),
    "money",
    3,
    _make,
    _say,
    has_code=True,
)
