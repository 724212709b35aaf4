"""Mixed journey: steps of different kinds, each after the one before it (S9, L8)."""

from milepost.domain.messages import N_, NN_
from milepost.domain.programs.cycles import CYCLES
from milepost.domain.programs.kind import Measure, ProgramKind
from milepost.domain.programs.orders import ORDERS
from milepost.domain.programs.points import POINTS
from milepost.domain.programs.reviews import REVIEWS
from milepost.domain.programs.spend import SPEND

REFERRALS = Measure(
    "referrals",
    N_("Friends referred"),
    "referral",
    "count",
    *NN_("one friend’s first order", "%(count)s friends’ first orders"),
)
KIND = ProgramKind(
    "mixed",
    N_("Mixed journey"),
    N_("Lead customers step by step: orders, spending, points, reviews, friends, cycles."),
    (ORDERS, SPEND, POINTS, REVIEWS, REFERRALS, CYCLES),
    position=7,
    in_steps=True,
    may_repeat=False,
    is_new=True,
    example=(1, 50),
)
