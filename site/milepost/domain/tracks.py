"""Tracks: rows of milestones over one meter, and what reaching means (C4, C5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from milepost.domain.audience import Audience
from milepost.domain.rewards import Reward

Basis = Literal["units", "money"]
EVERYBODY = 2**63 - 1  # `granted_through` once no backer is left to grant


@dataclass(slots=True)
class Milestone:
    """A target on a track, in the track's own unit, its audience and its one reward.

    `since_seq` is the entry after which the target stood as it stands (A10, A11).
    `granted_through` is the last `first_seq` that the fan-out has judged; None before the reach.
    """

    id: int
    target: int
    audience: Audience
    reward: Reward
    since_seq: int = 0
    reached_seq: int | None = None
    granted_through: int | None = None
    is_rationed: bool = False  # stock or codes of its reward, or of an earlier version, can run out
    is_archived: bool = False  # nothing new is granted; what was, follows its pledges (A8, A13)

    @property
    def is_reached(self) -> bool:
        """True from the reach on, for ever (C5)."""
        return self.reached_seq is not None

    def reach(self, seq: int) -> None:
        """Latch at `seq` (C5). Only those who backed before need the fan-out."""
        self.reached_seq = seq
        self.granted_through = 0 if self.audience.kind == "all_backers" else EVERYBODY


class _Stone(Protocol):
    """Whatever stands on a track."""

    @property
    def id(self) -> int: ...
    @property
    def target(self) -> int: ...


Stone = TypeVar("Stone", bound=_Stone)


def ahead(milestones: Iterable[Milestone]) -> list[Milestone]:
    """The milestones not reached yet, lowest target first."""
    return sorted(
        (m for m in milestones if not (m.is_reached or m.is_archived)),
        key=lambda m: (m.target, m.id),
    )


def reached(milestones: Iterable[Stone], reading: int) -> tuple[Stone, ...]:
    """Those that a `reading`, in the track's own unit, has reached, lowest target first (C4)."""
    return tuple(
        sorted((m for m in milestones if m.target <= reading), key=lambda m: (m.target, m.id))
    )
