"""Number of reviews: approved ones (S6, L3)."""

from milepost.domain.messages import N_, NN_
from milepost.domain.programs.kind import Measure, ProgramKind

REVIEWS = Measure(
    "reviews", N_("Reviews"), "review", "count", *NN_("one review", "%(count)s reviews")
)
KIND = ProgramKind(
    "reviews",
    N_("Number of reviews"),
    N_("Thank customers for their reviews, once you have approved them."),
    (REVIEWS,),
    position=4,
    example=(3, 100),
)
