"""The course of a campaign: its meter and its backers after each entry, from entries alone (N3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STRIDE = 500  # entries between two waypoints: no replay reads more
Entry = Mapping[str, Any]  # seq, customer_id, pledge_id, units, money


@dataclass(slots=True)
class Course:
    """The meter after entry `seq`: `units`, `money` (minor units), and how many backers it has.

    To go on from a waypoint it must know what the customers of the entries ahead counted for
    before; of others it need not hear.
    """

    seq: int = 0
    units: int = 0
    money: int = 0
    backers: int = 0
    _worth: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict)

    def know(self, worths: Iterable[Entry]) -> None:
        """What pledges counted for until now; each customer is a backer while one does."""
        for row in worths:
            own = self._worth.setdefault(row["customer_id"], {})
            own[row["pledge_id"]] = row["units"], row["money"]

    def take(self, entry: Entry) -> None:
        """Go one entry on."""
        own = self._worth.setdefault(entry["customer_id"], {})
        was = self._is_backer(own)
        units, money = own.get(entry["pledge_id"], (0, 0))
        own[entry["pledge_id"]] = units + entry["units"], money + entry["money"]
        self.seq = entry["seq"]
        self.units += entry["units"]
        self.money += entry["money"]
        self.backers += self._is_backer(own) - was

    @staticmethod
    def _is_backer(own: Mapping[int, tuple[int, int]]) -> bool:
        return any(units or money for units, money in own.values())
