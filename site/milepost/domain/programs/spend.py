"""Amount spent: on goods, without shipping and tax, net of refunds (S4, L3)."""

from milepost.domain.messages import N_
from milepost.domain.programs.kind import Measure, ProgramKind

SPEND = Measure("spend", N_("Amount spent"), "order", "amount")
KIND = ProgramKind(
    "spend",
    N_("Amount spent"),
    N_("Thank customers for what they have spent in your shop, all orders together."),
    (SPEND,),
    position=2,
    example=(50_000, 500),
)
