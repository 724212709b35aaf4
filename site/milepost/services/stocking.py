"""Stocking: a store's products, made, changed and restocked; whoever waits is served (A14)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.messages import N_
from milepost.services.milestone_steps import announce
from milepost.services.noting import note
from milepost.services.preparing import NewProduct, Translations, create_product
from milepost.services.returning import hold_givers
from milepost.storage import grants, products
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class Restock:
    """The stock as a form showed it and as it was typed: pledges may have taken some meanwhile.

    None is a stock without an end.
    """

    was: int | None
    is_now: int | None

    def applied(self, present: int | None) -> int | None:
        """What is on the shelf after it; below zero when more was taken away than there is."""
        if self.is_now is None or self.was is None or present is None:
            return self.is_now
        return present + self.is_now - self.was


async def make_product(
    database: Database, store_id: int, product: NewProduct, creator_id: int, now: datetime
) -> int:
    """A new product of the store; returns its id."""
    async with unit(database) as db:
        made = await create_product(db, store_id, product)
        said = {"stock": product.stock}
        await note(db, store_id, creator_id, "product_added", now, product.title, {}, said)
    return made


async def change_product(
    database: Database,
    store_id: int,
    product_id: int,
    product: NewProduct,
    restock: Restock,
    creator_id: int,
    now: datetime,
) -> int:
    """Change the product; what is put on the shelf goes to those who wait, in every campaign.

    Returns how many pieces went to them at once. Raises Conflict where less is left than was to
    be taken away.
    """
    async with unit(database) as db:
        return await product_changed(db, store_id, product_id, product, restock, creator_id, now)


async def product_changed(
    db: Connection,
    store_id: int,
    product_id: int,
    product: NewProduct,
    restock: Restock,
    creator_id: int,
    now: datetime,
) -> int:
    """The same, within a transaction of more.

    Every campaign that gives it is locked first, then the product: as settling does.
    """
    await hold_givers(db, [product_id])
    row = await products.hold(db, store_id, product_id)
    if row is None:
        raise NotFound(N_("There is no such product."))
    stock = restock.applied(row["stock"])
    if stock is not None and stock < 0:
        raise Conflict(
            N_("%(taken)s of it went out meanwhile, so %(left)s are left to take away."),
            about="stock",
            taken=(restock.was or 0) - (row["stock"] or 0),
            left=row["stock"] or 0,
        )
    translations = _with_the_rest(row["translations"], product.translations)
    told = asdict(product) | {"stock": stock, "translations": translations}
    await products.keep(db, product_id, **told)
    before = {name: row[name] for name in ("title", "stock") if row[name] != told[name]}
    after = {name: told[name] for name in before}
    if any(row[name] != value for name, value in told.items()):
        await note(db, store_id, creator_id, "product_changed", now, row["title"], before, after)
    await serve(db, {product_id: stock})
    left = (await products.hold(db, store_id, product_id) or row)["stock"]
    return 0 if stock is None else stock - int(left)


def _with_the_rest(was: Translations, became: Translations) -> Translations:
    """The titles as they were typed; a variant's translated label stays with them."""
    rest = {
        tag: {name: text for name, text in texts.items() if name != "title"}
        for tag, texts in was.items()
    }
    merged = {tag: rest.get(tag, {}) | became.get(tag, {}) for tag in (*rest, *became)}
    return {tag: texts for tag, texts in merged.items() if texts}


async def serve(db: Connection, stocks: Mapping[int, int | None]) -> None:
    """Whoever waits is served, the oldest milestone first; without an end nobody waits."""
    for product_id in (id_ for id_, stock in stocks.items() if stock is None):
        for row in await products.waiting(db, [product_id]):
            await grants.wait_no_more(db, row["id"], product_id)
            await announce(db, row["id"])
    counted = [id_ for id_, stock in stocks.items() if stock]
    waiting: list[Any] = await products.waiting(db, counted) if counted else []
    for row in waiting:
        await grants.allot(db, row["campaign_id"], row["id"])
        await announce(db, row["id"])


async def remove_product(
    database: Database, store_id: int, product_id: int, creator_id: int, now: datetime
) -> None:
    """Delete a product that was never a reward, nor bought. Raises Conflict for any other (A13)."""
    async with unit(database) as db:
        row = await products.hold(db, store_id, product_id)
        if row is None:
            raise NotFound(N_("There is no such product."))
        if not await products.delete(db, product_id):
            raise Conflict(
                N_("“%(title)s” is, or was, a reward, or sold in the shop, so it stays."),
                title=row["title"],
            )
        await note(db, store_id, creator_id, "product_removed", now, row["title"])
