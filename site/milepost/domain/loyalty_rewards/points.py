"""Points (S13)."""

from milepost.domain.accounts import POINTS
from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind, Unit
from milepost.domain.messages import N_, NN_, Sentence, Several

_SAID = NN_("one point", "%(count)s points")


def _make(points: int, currency: str) -> LoyaltyReward:
    return LoyaltyReward("points", unit=POINTS, worth=points)


def _say(reward: LoyaltyReward, titles: str) -> Sentence:
    return Sentence("%(points)s", {"points": Several(*_SAID, reward.worth or 0)})


KIND = RewardKind(
    "points",
    N_("Points"),
    N_("Entered in the customer’s account."),
    "points",
    1,
    _make,
    _say,
    unit=Unit(POINTS, N_("Points"), *_SAID),
)
