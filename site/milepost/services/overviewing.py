"""The overview of a campaign: what each day brought, where from, the trend, what waits (B10)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from milepost.domain.trend import Pace, Reading, pace
from milepost.services.reckoning import STILL, reckon
from milepost.storage import overview
from milepost.storage.database import Database, reading, unit

RECENT = timedelta(days=8)  # by the hour, so that the last seven days are measured exactly enough
NEAR = 90  # percent of a target from which on a milestone is near (S58)
PAGE = 2000  # entries that are read at once for a download


@dataclass(slots=True)
class Day:
    """One day on the campaign's clock; `units` and `money` are what its entries moved, net.

    `total_units` and `total_money` are the meter at its end.
    """

    day: date
    visits: int = 0
    begun: int = 0
    confirmed: int = 0
    entries: int = 0
    units: int = 0
    money: int = 0
    total_units: int = 0
    total_money: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the overview shows; sums in the campaign's units and minor units.

    `readings` are the meter in the campaign's basis over time, beginning at its opening. `begun`
    and `confirmed` are sums over all days. `through` is the entry up to which all of it is
    reckoned: the last one, unless a great many came at once.
    """

    through: int
    days: list[Day]
    readings: list[Reading]
    pace: Pace | None
    until: datetime
    visits: int
    begun: int
    confirmed: int
    origins: list[Any]
    tallies: list[Any]
    milestones: list[Any]
    waiting: Any

    @property
    def near(self) -> list[Any]:
        """Milestones that are not reached and at least nine tenths there (S58)."""
        total = self.readings[-1][1] if self.readings else 0
        ahead = [m for m in self.milestones if m["reached_seq"] is None]
        return [m for m in ahead if total * 100 >= m["target"] * NEAR]


async def look(database: Database, campaign: dict[str, Any], now: datetime) -> Overview:
    """The overview of a campaign (its row with `id`, `track_id`, `basis`, `zone` … and totals).

    What the worker has not rolled up yet is rolled up now, one step of it. As many queries for
    100,000 pledges as for 100.
    """
    campaign_id, zone = campaign["id"], ZoneInfo(campaign["zone"])
    async with reading(database) as db:
        standing = await overview.standing(db, campaign_id, now - STILL)
    if standing["behind"]:
        async with unit(database) as db:
            await reckon(db, campaign_id, now)
            standing = await overview.standing(db, campaign_id, now - STILL)
    async with reading(database) as db:
        recent = datetime.combine((now - RECENT).astimezone(zone).date(), time())
        hours = await overview.hours(db, campaign_id, recent)
        visits = await overview.visits(db, campaign_id)
        origins = await overview.origins(db, campaign_id)
        tallies = await overview.tallies(db, campaign_id)
        milestones = await overview.milestones(db, campaign["track_id"])
        waiting = await overview.waiting(db, campaign_id, campaign["track_id"])
    until = min(now, campaign["closes_at"]) if not campaign["late_pledges"] else now
    readings = _readings(hours, campaign, zone, now)
    days = _days(hours, visits)
    return Overview(
        through=standing["seq"],
        days=days,
        readings=readings,
        pace=pace(readings, until) if campaign["published"] else None,
        until=until,
        visits=sum(day.visits for day in days),
        begun=sum(day.begun for day in days) + standing["begun"],
        confirmed=sum(day.confirmed for day in days),
        origins=origins,
        tallies=tallies,
        milestones=milestones,
        waiting=waiting,
    )


def _days(hours: Sequence[Any], visits: Sequence[Any]) -> list[Day]:
    """Each day from the first on which something happened to the last, in order."""
    found: dict[date, Day] = {}
    for row in hours:
        day = found.setdefault(row["at"].date(), Day(row["at"].date()))
        day.begun += row["begun"]
        day.confirmed += row["confirmed"]
        day.entries += row["entries"]
        day.units += row["units"]
        day.money += row["money"]
    for row in visits:
        found.setdefault(row["day"], Day(row["day"])).visits += row["seen"]
    first, last = min(found, default=date.min), max(found, default=date.min)
    calendar = [first + timedelta(days=n) for n in range((last - first).days + 1)] if found else []
    days = [found.get(day) or Day(day) for day in calendar]
    units = money = 0
    for day in days:
        units, money = units + day.units, money + day.money
        day.total_units, day.total_money = units, money
    return days


def _readings(
    hours: Sequence[Any], campaign: dict[str, Any], zone: ZoneInfo, now: datetime
) -> list[Reading]:
    """The meter at its opening and at the end of each hour or day that moved it."""
    basis, total = campaign["basis"], 0
    readings: list[Reading] = []
    for row in hours:
        if not row["entries"]:
            continue
        total += row[basis]
        long = timedelta(hours=1) if row["is_hour"] else timedelta(days=1)
        end = (row["at"] + long).replace(tzinfo=zone)
        readings.append((min(end, now), total))
    opens = campaign["opens_at"]
    begin = min(opens, readings[0][0]) if readings else opens
    return [(begin, 0), *readings] if begin <= now else []


async def all_days(database: Database, campaign: dict[str, Any], now: datetime) -> list[Day]:
    """The days of the campaign, for a download."""
    async with unit(database) as db:
        while await reckon(db, campaign["id"], now):
            pass
        hours = await overview.hours(db, campaign["id"], datetime.combine(date.max, time()))
        return _days(hours, await overview.visits(db, campaign["id"]))


async def all_entries(database: Database, campaign_id: int) -> AsyncIterator[list[Any]]:
    """The campaign's ledger, some entries at a time: it takes no more memory when it is long."""
    after = 0
    while True:
        async with reading(database) as db:
            rows = await overview.entries_page(db, campaign_id, after, PAGE)
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["seq"]
