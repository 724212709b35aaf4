"""Replay: a campaign as it stood at an entry, from the ledger alone (N3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Invalid, NotFound
from milepost.domain.messages import N_
from milepost.storage import audit, campaigns, milestones
from milepost.storage.database import Database, unit


@dataclass(frozen=True, slots=True)
class Replayed:
    """The meter after entry `seq`, and each milestone's target with the entry that reached it."""

    slug: str
    basis: str
    currency: str
    seq: int
    at: datetime | None
    units: int
    money: int
    backers: int
    last: Any | None
    milestones: list[tuple[int, int, int | None]]  # id, target, reached by entry


async def replay(database: Database, slug: str, seq: int | None) -> Replayed:
    """The campaign as of entry `seq`; None means the last.

    Raises NotFound for an unknown campaign, Invalid for an entry that it does not have.
    """
    async with unit(database) as db:
        campaign = await campaigns.by_slug(db, slug)
        if campaign is None:
            raise NotFound(N_("There is no campaign at “%(slug)s”."), slug=slug)
        until = campaign["seq"] if seq is None else seq
        if not 0 <= until <= campaign["seq"]:
            raise Invalid(
                N_("“%(slug)s” has entries 1 to %(last)s; %(seq)s is not one of them."),
                slug=slug,
                last=campaign["seq"],
                seq=until,
            )
        entries = await audit.entries_until(db, campaign["id"], until)
        track = await milestones.of_track(db, campaign["track_id"])
    units = money = 0
    worth: dict[int, list[int]] = {}
    reached: dict[int, int] = {}
    for entry in entries:
        units, money = units + entry["units"], money + entry["money"]
        counted = worth.setdefault(entry["pledge_id"], [entry["customer_id"], 0, 0])
        counted[1] += entry["units"]
        counted[2] += entry["money"]
        total = units if campaign["basis"] == "units" else money
        for milestone in track:
            due = total >= milestone.target and entry["seq"] >= milestone.since_seq
            if due and milestone.id not in reached:
                reached[milestone.id] = entry["seq"]
    return Replayed(
        slug=slug,
        basis=campaign["basis"],
        currency=campaign["currency"],
        seq=until,
        at=entries[-1]["made_at"] if entries else None,
        units=units,
        money=money,
        backers=len({who for who, u, m in worth.values() if u or m}),
        last=entries[-1] if entries else None,
        milestones=[(m.id, m.target, reached.get(m.id)) for m in track],
    )
