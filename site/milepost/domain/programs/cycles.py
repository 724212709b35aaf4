"""Subscription billing cycles: paid one after the other, until it is cancelled (S8, L7)."""

from milepost.domain.messages import N_, NN_
from milepost.domain.programs.kind import Measure, ProgramKind

CYCLES = Measure(
    "cycles",
    N_("Billing cycles"),
    "cycle",
    "streak",
    *NN_("one paid billing cycle", "%(count)s paid billing cycles"),
)
KIND = ProgramKind(
    "cycles",
    N_("Subscription billing cycles"),
    N_("Thank subscribers who stay, at the billing cycles that you choose."),
    (CYCLES,),
    position=6,
    may_repeat=False,
    example=(6, 100),
)
