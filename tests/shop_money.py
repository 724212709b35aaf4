"""Codes and ways to send orders, for tests of the shop."""

from typing import Any

from milepost.storage import shipping_options, shop_codes
from milepost.storage.database import unit
from tests.world import World


async def code(world: World, name: str, **terms: Any) -> int:
    """A code of the store, ten percent unless told otherwise; its id."""
    defaults: dict[str, Any] = {
        "kind": "percent",
        "percent": 1000,
        "amounts": {},
        "zone": "UTC",
        "opens_at": None,
        "closes_at": None,
        "most": None,
    }
    if terms.get("kind", "percent") != "percent":
        defaults["percent"] = None
    async with unit(world.database) as db:
        made = await shop_codes.add(db, world.store_id, world.now, code=name, **(defaults | terms))
    assert made is not None
    return made


async def option(
    world: World, title: str = "Standard", countries: tuple[str, ...] = (), **prices: int
) -> int:
    """A way to send orders, at 500 minor units of USD unless told otherwise; its id."""
    async with unit(world.database) as db:
        return await shipping_options.add(
            db,
            world.store_id,
            title=title,
            countries=list(countries),
            prices=prices or {"USD": 500},
            translations={},
        )
