"""Shelving: what is on the shelf, set or counted up and down, of one product or of a thousand.

What is put there goes to whoever waits for it as a reward first, in every campaign (A14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.services.author import Author
from milepost.services.noting import note_many
from milepost.services.returning import hold_givers
from milepost.services.stocking import serve
from milepost.storage import products
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class StockChange:
    """So many pieces more, or fewer, and why."""

    product_id: int
    by: int
    why: str = ""


async def hold_stock(db: Connection, store_id: int, product_ids: Sequence[int]) -> dict[int, Any]:
    """The store's products of these ids, held: what gives them first, as settling does."""
    ids = sorted(set(product_ids))
    await hold_givers(db, ids)
    return {row["id"]: row for row in await products.hold_many(db, store_id, ids)}


async def set_stock(
    database: Database, author: Author, product_id: int, stock: int | None, now: datetime
) -> None:
    """So many pieces are there now; None never runs out. Raises NotFound."""
    async with unit(database) as db:
        row = (await hold_stock(db, author.store_id, [product_id])).get(product_id)
        if row is None:
            raise NotFound(N_("There is no such product."))
        if row["stock"] != stock:
            deed = (row["title"], {"stock": row["stock"]}, {"stock": stock})
            await _keep(db, author, {product_id: stock}, [deed], now)


async def change_stock(
    database: Database, author: Author, changes: Sequence[StockChange], now: datetime
) -> None:
    """All of these changes, or none; its statements are as many for one as for a thousand.

    Raises Invalid for a product that is not there, or twice, Conflict for one that never runs out,
    and where fewer pieces are there than are to be taken away; `about` says which change it is.
    """
    async with unit(database) as db:
        known = await hold_stock(db, author.store_id, [each.product_id for each in changes])
        stocks: dict[int, int | None] = {}
        deeds = []
        for place, each in enumerate(changes):
            row = known.get(each.product_id)
            if row is None:
                raise Invalid(N_("There is no such product."), about=f"{place}/product")
            if each.product_id in stocks:
                raise Invalid(N_("This product is there twice."), about=f"{place}/product")
            stocks[each.product_id] = _after(row, each, place)
            after = {"stock": stocks[each.product_id]} | ({"why": each.why} if each.why else {})
            deeds.append((row["title"], {"stock": row["stock"]}, after))
        await _keep(db, author, stocks, deeds, now)


def _after(row: Any, change: StockChange, place: int) -> int:
    if row["stock"] is None:
        raise Conflict(
            N_("“%(title)s” never runs out, so nothing is counted. Set its stock first."),
            about=f"{place}/product",
            title=row["title"],
        )
    stock = int(row["stock"]) + change.by
    if stock < 0:
        raise Conflict(
            N_("Of “%(title)s” %(left)s are there, so %(taken)s can’t be taken away."),
            about=f"{place}/change",
            title=row["title"],
            left=row["stock"],
            taken=-change.by,
        )
    return stock


async def _keep(
    db: Connection, author: Author, stocks: dict[int, int | None], deeds: list[Any], now: datetime
) -> None:
    await products.keep_stocks(db, stocks)
    await note_many(db, author.store_id, author.creator_id, "product_changed", now, deeds)
    await serve(db, stocks)
