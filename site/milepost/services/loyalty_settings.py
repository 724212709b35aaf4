"""The settings of reward programs: what earns points, what points make, what is pending."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.storage import loyalty, programs
from milepost.storage.database import Connection, Database, enqueue, unit

MOST_DAYS = 365
LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Settings:
    """How a store counts. By currency: `earns`, so many points for so many minor units that are
    spent; `buys`, so many points for so many minor units of credit."""

    counts_pledges: bool = True
    earns: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    buys: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    pending_days: int = 0


def settings_of(row: Any | None) -> Settings:
    """The settings that a row keeps, or those of a store that has none yet."""
    if row is None:
        return Settings()
    return Settings(
        row["counts_pledges"],
        {currency: (int(a), int(b)) for currency, (a, b) in row["earns"].items()},
        {currency: (int(a), int(b)) for currency, (a, b) in row["buys"].items()},
        row["pending_days"],
    )


async def save_settings(
    database: Database, author: Author, wanted: Settings, now: datetime
) -> None:
    """Save them; they hold for what happens from now on. Raises Invalid.

    Pledges that were charged while they did not count are counted once they do.
    """
    _check(wanted)
    async with unit(database) as db:
        is_first = await programs.keep_facts(db, author.store_id, now)
        was = settings_of(await loyalty.hold_settings_to_change(db, author.store_id))
        await loyalty.keep_settings(
            db,
            author.store_id,
            counts_pledges=wanted.counts_pledges,
            earns={c: list(pair) for c, pair in wanted.earns.items()},
            buys={c: list(pair) for c, pair in wanted.buys.items()},
            pending_days=wanted.pending_days,
        )
        await note(
            db, author.store_id, author.creator_id, "loyalty_saved", now, "",
            _told(was), _told(wanted),
        )  # fmt: skip
        if is_first or (wanted.counts_pledges and not was.counts_pledges):
            await _keep_past(db, author.store_id)


def _check(wanted: Settings) -> None:
    if not 0 <= wanted.pending_days <= MOST_DAYS:
        raise Invalid(
            N_("Points are pending for 0 to %(most)s days."), about="pending_days", most=MOST_DAYS
        )
    for name, pairs in (("earns", wanted.earns), ("buys", wanted.buys)):
        for currency, pair in pairs.items():
            if not all(0 < one <= LARGEST for one in pair):
                raise Invalid(
                    N_("Fill both in, with more than nothing, or leave both empty."),
                    about=f"{name}-{currency}",
                )


def _told(settings: Settings) -> dict[str, Any]:
    return {
        "counts_pledges": settings.counts_pledges,
        "earns": [f"{p} / {Money(a, c)}" for c, (p, a) in settings.earns.items()],
        "buys": [f"{p} / {Money(a, c)}" for c, (p, a) in settings.buys.items()],
        "pending_days": settings.pending_days,
    }


async def _keep_past(db: Connection, store_id: int) -> None:
    await enqueue(db, "keep_past_facts", {"store_id": store_id}, f"keep_past_facts:{store_id}")
