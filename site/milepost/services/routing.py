"""Routing: how orders travel, to which countries, and what that costs there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.errors import Invalid, NotFound
from milepost.domain.messages import N_
from milepost.services.discounting import amounts_written
from milepost.services.noting import note
from milepost.storage import shipping_options
from milepost.storage.database import Database, unit


@dataclass(frozen=True, slots=True)
class Route:
    """A way to send orders: to these countries, or to all that no other names.

    `prices` are minor units by currency; where a currency has none it is not offered in it.
    """

    title: str
    countries: tuple[str, ...]
    prices: Mapping[str, int]
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def check(self) -> None:
        """Raises Invalid where nobody could choose it."""
        if not self.title:
            raise Invalid(N_("Give it a name, such as “Standard, 3 to 5 days”."), about="title")
        if not self.prices:
            raise Invalid(N_("Say what it costs, in one currency at least. 0 is free."), about="")


async def save_option(
    database: Database, store_id: int, option_id: int | None, route: Route, by: int, now: datetime
) -> None:
    """A new option, or what this one is from now on. Raises Invalid or NotFound."""
    route.check()
    columns: dict[str, Any] = {**asdict(route), "countries": list(route.countries)}
    async with unit(database) as db:
        if option_id is None:
            await shipping_options.add(db, store_id, **columns)
            await note(db, store_id, by, "option_added", now, route.title, after=_told(columns))
            return
        row = (await shipping_options.hold(db, store_id)).get(option_id)
        if row is None:
            raise NotFound(N_("There is no such way to send orders."))
        await shipping_options.keep(db, option_id, **columns)
        before = {name: row[name] for name in columns if row[name] != columns[name]}
        after = {name: columns[name] for name in before}
        await note(
            db, store_id, by, "option_changed", now, row["title"], _told(before), _told(after)
        )


async def move_option(
    database: Database, store_id: int, option_id: int, up: bool, by: int, now: datetime
) -> None:
    """The option changes places with the one before it, or after. Raises NotFound."""
    async with unit(database) as db:
        held = await shipping_options.hold(db, store_id)
        if option_id not in held:
            raise NotFound(N_("There is no such way to send orders."))
        places = list(held)
        at = places.index(option_id)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(places):
            return
        places[at], places[to] = places[to], places[at]
        await shipping_options.order(db, store_id, places)
        await note(db, store_id, by, "option_moved", now, held[option_id]["title"])


async def remove_option(
    database: Database, store_id: int, option_id: int, by: int, now: datetime
) -> None:
    """The option is gone; orders keep what they were told. Raises NotFound."""
    async with unit(database) as db:
        row = (await shipping_options.hold(db, store_id)).get(option_id)
        if row is None:
            raise NotFound(N_("There is no such way to send orders."))
        await shipping_options.delete(db, store_id, option_id)
        await note(db, store_id, by, "option_removed", now, row["title"])


def _told(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the log keeps it."""
    told: dict[str, Any] = {"title": columns["title"]} if "title" in columns else {}
    if "countries" in columns:
        told["sent_to"] = columns["countries"]
    if "prices" in columns:
        told["costs"] = amounts_written(columns["prices"])
    return told
