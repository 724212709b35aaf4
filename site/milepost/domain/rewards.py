"""Rewards: an existing product, or a reveal (R1–R3), and the life of a grant (A8, A9)."""

from dataclasses import dataclass
from typing import Literal

RewardKind = Literal["product", "reveal"]
CodeKind = Literal["none", "shared", "pool"]
GrantState = Literal["provisional", "owed", "held", "void", "fulfilled"]
Reveal = Literal["automatic", "manual"]


@dataclass(frozen=True, slots=True)
class Reward:
    """One version of what a milestone gives (A12). `finite`: stock or codes can run out."""

    id: int
    kind: RewardKind
    finite: bool = False


def settled_grant(present: GrantState | None, wanted: GrantState | None) -> GrantState | None:
    """The state that a grant takes when the rules want `wanted` (None: nothing is owed).

    A fulfilled grant stays fulfilled, for what was shipped can't be unshipped (A8).
    """
    if present == "fulfilled":
        return "fulfilled"
    if wanted is None:
        return None if present is None else "void"
    if wanted == "held" and present is None:
        return None  # a dispute holds what exists; it makes nothing new
    return wanted
