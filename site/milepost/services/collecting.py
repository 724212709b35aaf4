"""Collecting: the shop's collections and what it sells in; each change is one deed (B21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.listings import LONGEST_TITLE, MOST_COLLECTIONS, MOST_CURRENCIES
from milepost.domain.messages import N_
from milepost.domain.money import check_currency
from milepost.services.arranging import LONGEST_SLUG, slug_from
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.services.offering import moved
from milepost.services.preparing import Translations
from milepost.storage import listings
from milepost.storage.database import Connection, Database, reading, unit


async def add_collection(
    database: Database, author: Author, title: str, translations: Translations, now: datetime
) -> int:
    """One more, the last; its address is made from its title and stays. Returns its id."""
    async with unit(database) as db:
        there = await _hold(db, author, title)
        if len(there) >= MOST_COLLECTIONS:
            raise Conflict(N_("A shop has at most %(most)s collections."), most=MOST_COLLECTIONS)
        taken = {row["slug"] for row in there}
        slug = slug_from(title, "collection")
        numbered = (f"{slug[: LONGEST_SLUG - 4]}-{number}" for number in range(2, 100))
        free = next(one for one in (slug, *numbered) if one not in taken)
        made = await listings.add_collection(
            db, author.store_id, slug=free, title=title, translations=translations
        )
        await _note(db, author, "collection_added", now, title)
    return made


async def rename_collection(
    database: Database,
    author: Author,
    collection_id: int,
    title: str,
    translations: Translations,
    now: datetime,
) -> None:
    """It is called something else; its address stays, for links lead there."""
    async with unit(database) as db:
        row = _one(await _hold(db, author, title, collection_id), collection_id)
        await listings.rename_collection(db, collection_id, title=title, translations=translations)
        if (row["title"], row["translations"]) != (title, translations):
            before, after = {"title": row["title"]}, {"title": title}
            await _note(db, author, "collection_renamed", now, title, before, after)


async def move_collection(
    database: Database, author: Author, collection_id: int, up: bool, now: datetime
) -> None:
    """One place up or down in the shop."""
    async with unit(database) as db:
        there = await listings.hold_collections(db, author.store_id)
        row = _one(there, collection_id)
        order = [one["id"] for one in there]
        if moved(order, collection_id, up):
            await listings.place_collections(db, order)
            await _note(db, author, "collection_moved", now, row["title"])


async def remove_collection(
    database: Database, author: Author, collection_id: int, now: datetime
) -> None:
    """It is gone; what was in it stays in the shop."""
    async with unit(database) as db:
        row = _one(await listings.hold_collections(db, author.store_id), collection_id)
        await listings.remove_collection(db, collection_id)
        await _note(db, author, "collection_removed", now, row["title"])


@dataclass(frozen=True, slots=True)
class Losing:
    """What stays behind when the store sells in a currency no more."""

    currency: str
    priced: int
    has_bar: bool


async def losses(
    database: Database, store_id: int, present: Sequence[str], wanted: Sequence[str]
) -> list[Losing]:
    """The currencies among the `present` that are not `wanted` and that something is priced in."""
    async with reading(database) as db:
        return await _losses(db, store_id, present, wanted)


async def _losses(
    db: Connection, store_id: int, present: Sequence[str], wanted: Sequence[str]
) -> list[Losing]:
    gone = [currency for currency in present if currency not in wanted]
    rows = await listings.currency_uses(db, store_id, gone) if gone else []
    found = [Losing(row["currency"], row["priced"], row["has_bar"]) for row in rows]
    return [loss for loss in found if loss.priced or loss.has_bar]


async def save_currencies(
    database: Database,
    author: Author,
    currencies: Sequence[str],
    accepted: Sequence[str],
    now: datetime,
) -> None:
    """The store sells in these from now on; the first is its own (M1).

    Prices in one that is left out are kept, and are there again with it. Raises Conflict where such
    a loss was not `accepted`.
    """
    wanted = list(dict.fromkeys(currencies))
    if not wanted:
        raise Invalid(N_("A shop sells in one currency at least."), about="currencies")
    if len(wanted) > MOST_CURRENCIES:
        raise Invalid(
            N_("A shop sells in %(most)s currencies at most."),
            about="currencies",
            most=MOST_CURRENCIES,
        )
    for currency in wanted:
        check_currency(currency, "currencies")
    async with unit(database) as db:
        was = list(await listings.hold_currencies(db, author.store_id))
        lost = await _losses(db, author.store_id, was, wanted)
        if {loss.currency for loss in lost} - set(accepted):
            raise Conflict(N_("Something is priced in what you leave out. See below."))
        if was != wanted:
            await listings.keep_currencies(db, author.store_id, wanted)
            before, after = {"currencies": was}, {"currencies": wanted}
            await _note(db, author, "currencies_saved", now, "", before, after)


async def save_zone(database: Database, author: Author, zone: str, now: datetime) -> None:
    """The store dates its orders, and what else belongs to no campaign, by this clock."""
    async with unit(database) as db:
        was = await listings.keep_zone(db, author.store_id, zone)
        if was is not None:
            await _note(db, author, "clock_set", now, "", {"zone": was}, {"zone": zone})


async def _hold(
    db: Connection, author: Author, title: str, collection_id: int | None = None
) -> list[Any]:
    """The store's collections, locked. Raises Invalid for a title that is none, or another's."""
    if not title:
        raise Invalid(N_("Give the collection a title."), about="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(N_("This may have %(most)s characters."), about="title", most=LONGEST_TITLE)
    there = await listings.hold_collections(db, author.store_id)
    if any(r["title"].casefold() == title.casefold() for r in there if r["id"] != collection_id):
        raise Invalid(N_("Another collection is called so."), about="title")
    return there


def _one(there: Sequence[Any], collection_id: int) -> Any:
    found = next((row for row in there if row["id"] == collection_id), None)
    if found is None:
        raise NotFound(N_("There is no such collection."))
    return found


async def _note(
    db: Connection,
    author: Author,
    what: str,
    now: datetime,
    about: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, about, before, after)
