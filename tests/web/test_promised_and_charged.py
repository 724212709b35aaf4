"""What the cart promises is what Stripe charges, to the minor unit, in every currency (K6, N8)."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from milepost.services.cart_changes import PayIn, ShipTo, UseCode
from milepost.storage.database import unit
from tests.earned import clean, credit
from tests.shop import listing, sells_in
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

COINS = {"USD": 1, "JPY": 1, "KWD": 10}
HOME = {"name": "Dana", "line1": "Lark Lane 1", "city": "Larkfield", "country": "DE"}
HOME |= {"postal_code": "10115"}


@dataclass(frozen=True)
class Cart:
    """A cart that may be: pieces and prices in coins, what code and tier take off.

    `credit` is what its shopper has in their account, in minor units; nothing: nobody signs in.
    """

    currency: str
    lines: tuple[tuple[int, int], ...]
    percent: int
    amount: int
    shipping: int
    by_amount: bool
    credit: int


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
    credit=st.sampled_from((0, 7, 1_999, 25_005, 9_000_000)),
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
            if cart.credit:
                await credit(world, f"Shopper{number}", cart.credit, cart.currency)
                await who.sign_in(f"Shopper{number}")
            await who.change(PayIn(cart.currency), ShipTo("DE", way), UseCode(name))
            seen = await who.cart()
            assert seen.kept.code_id is not None
            bill = seen.evaluation.bill
            total = bill.total
            assert bool(bill.credit) == (cart.credit >= COINS[cart.currency])
            if total == 0:
                shown = {"shown_total": "0", "account": "1"} | HOME
                answer = await who.check_out(**shown)
                assert answer.status_code == 303, answer.text
                continue
            promised.append((cart.currency.lower(), total))
            paid = till.pay(await who.begin(shown_total=str(total)))
            assert paid["status"] == "complete", paid
    await till.catch_up()
    charges = [(c["currency"], c["amount_captured"]) for c in till.sandbox.all("charges")]
    assert sorted(charges) == sorted(promised)
    rows = await world.rows("select state, total, paid, credit from orders")
    assert len(rows) == len(handful()) and all(r["state"] == "paid" for r in rows)
    assert all(r["total"] == r["paid"] for r in rows)
    assert any(not r["total"] for r in rows) and any(r["total"] and r["credit"] for r in rows)
    (spent,) = await world.rows("select -sum(ready) from account_entries where kind = 'spent'")
    assert spent[0] == sum(r["credit"] for r in rows)
    await clean(world)
