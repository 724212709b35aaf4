"""Inactivity: no paid order for so long, once in each spell (S7, L6)."""

from milepost.domain.messages import N_, NN_
from milepost.domain.programs.kind import Measure, ProgramKind

MONTHS = Measure(
    "months",
    N_("Months without an order"),
    "order",
    "months",
    *NN_("one month without an order", "%(count)s months without an order"),
)
DAYS = Measure(
    "days",
    N_("Days without an order"),
    "order",
    "days",
    *NN_("one day without an order", "%(count)s days without an order"),
)
KIND = ProgramKind(
    "inactivity",
    N_("Inactivity"),
    N_("Invite customers back after a while without an order. Their next order starts it anew."),
    (MONTHS, DAYS),
    position=5,
    may_repeat=False,
    example=(3, 100),
)
