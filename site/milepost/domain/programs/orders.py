"""Number of orders: paid ones, net of those that went back wholly (S3, L3)."""

from milepost.domain.messages import N_, NN_
from milepost.domain.programs.kind import Measure, ProgramKind

ORDERS = Measure("orders", N_("Orders"), "order", "count", *NN_("one order", "%(count)s orders"))
KIND = ProgramKind(
    "orders",
    N_("Number of orders"),
    N_("Thank customers for ordering again, such as for their third order."),
    (ORDERS,),
    position=1,
    example=(3, 500),
)
