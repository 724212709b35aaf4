"""What the cart promises is what Stripe charges, to the minor unit, in every currency (K6, N8)."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from milepost.services.cart_changes import PayIn, ShipTo, UseCode
from milepost.services.carting import read_cart
from milepost.storage.database import reading, unit
from tests.shop import listing, sells_in
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

COINS = {"USD": 1, "JPY": 1, "KWD": 10}


@dataclass(frozen=True)
class Cart:
    """A cart that may be: pieces and prices in coins, what code and tier take off."""

    currency: str
    lines: tuple[tuple[int, int], ...]
    percent: int
    amount: int
    shipping: int
    by_amount: bool


carts = st.builds(
    Cart,
    currency=st.sampled_from(sorted(COINS)),
    lines=st.lists(
        st.tuples(st.integers(1, 7), st.integers(300, 30_000)), min_size=1, max_size=4
    ).map(tuple),
    percent=st.integers(1, 6_000),
    amount=st.integers(1, 99),
    shipping=st.integers(0, 900),
    by_amount=st.booleans(),
)


def handful() -> list[Cart]:
    """Six carts of each currency at least, the same ones at each run."""
    made: dict[str, list[Cart]] = {currency: [] for currency in COINS}

    @settings(
        max_examples=60,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(carts)
    def gather(cart: Cart) -> None:
        made[cart.currency].append(cart)

    gather()
    return [cart for own in made.values() for cart in own[-6:]]


async def test_what_the_cart_promises_is_what_stripe_charges_in_every_currency(
    world: World, served: Served, till: Till
) -> None:
    await sells_in(world, *COINS)
    promised = []
    gift = await listing(world, title="Sticker", ships=False)
    async with unit(world.database) as db:
        track = await db.fetchval(
            "insert into tracks (store_id, scope) values ($1, 'cart') returning id", world.store_id
        )
        await db.execute(
            "insert into cart_campaigns (store_id, track_id, name, state, made_at)"
            " values ($1, $2, 'All', 'active', $3)", world.store_id, track, world.now,
        )  # fmt: skip
        for place, (kind, percent, product) in enumerate(
            (("percent", 333, None), ("gift", None, gift.product))
        ):
            await db.execute(
                "insert into cart_tiers (track_id, position, targets, kind, percent, product_id)"
                " values ($1, $2, $3, $4, $5, $6)",
                track, place, {"USD": 4000, "JPY": 4000, "KWD": 40000}, kind, percent, product,
            )  # fmt: skip
    for number, cart in enumerate(handful()):
        coin = COINS[cart.currency]
        way = await option(world, f"Way {number}", ("DE",), **{cart.currency: cart.shipping * coin})
        name = f"CODE-{number}"
        if cart.by_amount:
            amounts = {cart.currency: cart.amount * coin}
            await code(world, name, kind="amount", amounts=amounts)
        else:
            await code(world, name, percent=cart.percent)
        async with Reader(served.url) as reader:
            who = Shopper(world, reader)
            for quantity, price in cart.lines:
                listed = await listing(world, price=price * coin, currency=cart.currency)
                await who.put(listed.product, quantity, cart.currency)
            await who.change(PayIn(cart.currency), ShipTo("DE", way), UseCode(name))
            async with reading(world.database) as db:
                seen = await read_cart(db, who.token, world.now)
            assert seen is not None and seen.kept.code_id is not None
            total = seen.evaluation.bill.total
            promised.append((cart.currency.lower(), total))
            paid = till.pay(await who.begin(shown_total=str(total)))
            assert paid["status"] == "complete", paid
    await till.catch_up()
    charges = [(c["currency"], c["amount_captured"]) for c in till.sandbox.all("charges")]
    assert sorted(charges) == sorted(promised)
    rows = await world.rows("select state, total, paid from orders")
    assert len(rows) == len(promised) and all(r["state"] == "paid" for r in rows)
    assert all(r["total"] == r["paid"] for r in rows)
