"""What one pledge more would reach on its campaign's trail, by the kernel that reaches it (N7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from milepost.domain.lines import Line, goods_of
from milepost.domain.tracks import Basis, Stone, reached


@dataclass(frozen=True, slots=True)
class Ahead:
    """A milestone that is not reached."""

    id: int
    target: int


def unlocked(
    ahead: Iterable[Stone],
    total: int,
    basis: Basis,
    lines: Sequence[Line],
    review_limit: int | None = None,
) -> tuple[Stone, ...]:
    """Those `ahead` that these lines take a meter at `total` to, the lowest first (C1, C4).

    None while it would be held for review, for then it counts nothing (C6).
    """
    goods = goods_of(lines)
    if review_limit is not None and goods > review_limit:
        return ()
    return reached(ahead, total + (sum(x.units for x in lines) if basis == "units" else goods))
