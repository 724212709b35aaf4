"""Points earned: in a lifetime, not the balance, and none that a milestone gave (S5, L3)."""

from milepost.domain.messages import N_, NN_
from milepost.domain.programs.kind import Measure, ProgramKind

POINTS = Measure(
    "points", N_("Points earned"), "", "points", *NN_("one point earned", "%(count)s points earned")
)
KIND = ProgramKind(
    "points",
    N_("Points earned"),
    N_("Give something extra for points earned, whether they were spent or not."),
    (POINTS,),
    position=3,
    example=(1000, 500),
)
