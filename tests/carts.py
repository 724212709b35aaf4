"""What carts are judged by, for tests: milestones of the cart, codes, ways to ship."""

from datetime import datetime
from typing import Any

from milepost.storage.database import unit
from tests.world import World


def step(
    kind: str,
    *,
    percent: int | None = None,
    amounts: dict[str, int] | None = None,
    product: int | None = None,
    design: dict[str, Any] | None = None,
    messages: dict[str, Any] | None = None,
    **targets: int,
) -> dict[str, Any]:
    """A tier of the cart: what it gives at these targets, by currency, or by `items`."""
    return {
        "kind": kind,
        "percent": percent,
        "amounts": amounts or {},
        "product": product,
        "targets": targets,
        "design": design or {},
        "messages": messages or {},
    }


async def campaign(world: World, *steps: dict[str, Any], **columns: Any) -> list[int]:
    """An active campaign of the store's with these tiers; their ids."""
    known = {"trigger": "value", "design": {}, "messages": {}, "adds_up": True} | columns
    async with unit(world.database) as db:
        track_id = await db.fetchval(
            "insert into tracks (store_id, scope) values ($1, 'cart') returning id", world.store_id
        )
        await db.execute(
            "insert into cart_campaigns (store_id, track_id, name, state, trigger, adds_up, design,"
            " messages, made_at) values ($1, $2, 'Spring', 'active', $3, $4, $5, $6, $7)",
            world.store_id,
            track_id,
            known["trigger"],
            known["adds_up"],
            known["design"],
            known["messages"],
            world.now,
        )
        return [
            await db.fetchval(
                "insert into cart_tiers (track_id, position, targets, kind, percent, amounts,"
                " product_id, design, messages)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
                track_id,
                position,
                one["targets"],
                one["kind"],
                one["percent"],
                one["amounts"],
                one["product"],
                one["design"],
                one["messages"],
            )
            for position, one in enumerate(steps)
        ]


async def code(
    world: World,
    name: str,
    *,
    percent: int | None = None,
    amounts: dict[str, int] | None = None,
    closes_at: datetime | None = None,
) -> int:
    """A code of the store's; its id."""
    kind = "percent" if percent else "amount" if amounts else "shipping"
    async with unit(world.database) as db:
        return int(
            await db.fetchval(
                "insert into shop_codes (store_id, code, kind, percent, amounts, closes_at,"
                " made_at) values ($1, $2, $3, $4, $5, $6, $7) returning id",
                world.store_id,
                name,
                kind,
                percent,
                amounts or {},
                closes_at,
                world.now,
            )
        )


async def shipping(world: World, title: str, *countries: str, **prices: int) -> int:
    """A way to ship to these countries, or to all others; its id."""
    async with unit(world.database) as db:
        return int(
            await db.fetchval(
                "insert into shipping_options (store_id, title, countries, prices, position)"
                " values ($1, $2, $3, $4, (select count(*) from shipping_options)) returning id",
                world.store_id,
                title,
                list(countries),
                prices,
            )
        )
