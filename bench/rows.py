"""One measured row: our figure, the floor's in the same run, their ratio, and the goal."""

import statistics
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass
class Row:
    """Figures of `unit`, one for each round; the floor may be missing where a goal is absolute."""

    what: str
    unit: str
    goal: str
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    better: Literal["more", "less"] = "more"
    reach: float | None = None  # the ratio, or without a floor the figure, that the goal asks

    @property
    def figure(self) -> float:
        """Our median."""
        return statistics.median(self.ours)

    @property
    def ratio(self) -> float | None:
        """Our median over the floor's."""
        return self.figure / statistics.median(self.floor) if self.floor else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None when it asks nothing that can be compared."""
        if self.reach is None:
            return None
        measured = self.figure if self.ratio is None else self.ratio
        return measured >= self.reach if self.better == "more" else measured <= self.reach

    def line(self, width: int) -> str:
        """The row of the table."""
        floor = _short(statistics.median(self.floor)) if self.floor else "–"
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "–"
        mark = {True: "met", False: "NOT MET", None: ""}[self.is_met]
        ours = f"{_short(self.figure)} {self.unit}"
        return f"{self.what:{width}}  {ours:>12}  {floor:>12}  {ratio:>7}  {self.goal} {mark}"

    def told(self) -> dict[str, Any]:
        """The row as JSON."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": [round(x, 4) for x in self.ours],
            "floor": [round(x, 4) for x in self.floor],
            "ratio": round(self.ratio, 3) if self.ratio is not None else None,
            "goal": self.goal,
            "met": self.is_met,
        }


def _short(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
