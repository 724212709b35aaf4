"""Returning: what an order gives back goes at once to whoever waits for it as a reward (A14)."""

from collections.abc import Mapping

from milepost.services.telling import announce_soon
from milepost.storage import grants, orders, parcels, products
from milepost.storage.database import Connection


async def hold_givers(db: Connection, product_ids: list[int]) -> None:
    """Lock every campaign that gives one of the products.

    Before any product is: as settling and restocking do.
    """
    await parcels.forget_tallies(db, await products.hold_givers(db, product_ids))


async def give_back(db: Connection, pieces: Mapping[int, int], codes: Mapping[int, int]) -> None:
    """Pieces by product, and uses by code, are free again; the oldest milestone is served first.

    Whoever calls holds no product that is not held already, nor will lock a campaign after it.
    """
    product_ids = sorted(pieces)
    await hold_givers(db, product_ids)
    await orders.give_back(db, pieces, codes)
    for row in await products.waiting(db, product_ids):
        await grants.allot(db, row["campaign_id"], row["id"])
        await announce_soon(db, row["id"])
