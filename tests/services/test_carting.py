"""Carts: what a change does and costs, together with others, and at a sign-in (K4, K6, K7, V9)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.carts import FreeShipping, PercentOff
from milepost.domain.errors import Conflict, Invalid, NotFound, SoldOut
from milepost.services.cart_changes import (
    Add,
    Change,
    Decline,
    PayIn,
    SetQuantity,
    ShipTo,
    UseCode,
    moved,
)
from milepost.services.carting import (
    FORGOTTEN_AFTER,
    Changed,
    begin_cart,
    change_cart,
    forget_old_carts,
    merge_at_sign_in,
    read_cart,
    take_cart,
)
from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.services.shop_cart import ShopCart
from milepost.storage.database import open_database, reading, unit
from tests.carts import campaign, code, shipping, step
from tests.shop import Variant, customer, listing, sells_in
from tests.world import World, open_world

EMAIL = "dana@example.org"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store in a database of the test's own."""
    async with open_world(database_url) as world:
        yield world


class Shopper:
    """Somebody with a cart."""

    def __init__(self, world: World, token: str) -> None:
        self.world, self.token = world, token

    async def does(self, *changes: Change) -> ShopCart:
        """One change after the other; the cart then."""
        for change in changes:
            found = await self.changed(change)
        return found.after

    async def changed(self, change: Change) -> Changed:
        return await change_cart(self.world.database, self.token, change, self.world.now)

    async def sees(self) -> ShopCart:
        async with reading(self.world.database) as db:
            found = await read_cart(db, self.token, self.world.now)
        assert found is not None
        return found

    async def holds(self) -> list[tuple[int, int]]:
        return list((await self.sees()).kept.lines)


async def shopper(world: World) -> Shopper:
    """Somebody with an empty cart."""
    return Shopper(world, await begin_cart(world.database, world.now))


def said(cart: ShopCart) -> list[str]:
    return [str(notice.said("en")) for notice in cart.notices]


async def test_a_change_moves_bar_and_bill_together_and_back(world: World) -> None:
    """K4, K6."""
    muff, stand = await listing(world, price=1900), await listing(world, title="Stand", price=100)
    await campaign(
        world,
        step("percent", percent=1000, USD=3800),
        step("shipping", USD=5700),
        step("gift", product=stand.product, USD=7600),
    )
    await shipping(world, "Post", "DE", USD=490)
    dana = await shopper(world)
    cart = await dana.does(Add(muff.product, 3), ShipTo("DE"))
    assert (cart.evaluation.reading, cart.evaluation.bill.total) == (5700, 5700 - 570)
    assert cart.evaluation.bill.shipping_off == 490
    change = await dana.changed(SetQuantity(muff.product, 4))
    assert change.after.evaluation.bill.gifts == (stand.product,)
    assert [len(ids) for ids in moved(change.before, change.after)] == [1, 0]
    back = await dana.changed(SetQuantity(muff.product, 1))
    assert (back.after.evaluation.bill.total, back.after.evaluation.bill.gifts) == (1900 + 490, ())
    assert [len(ids) for ids in moved(back.before, back.after)] == [0, 3]
    assert (await dana.sees()).evaluation == back.after.evaluation  # N8: read again, it is the same
    assert (await dana.does(SetQuantity(muff.product, 0))).lines == ()


async def test_a_change_is_one_select_and_one_update_whatever_it_is_judged_by(
    world: World, database_url: str
) -> None:
    """V9."""
    steps = [step("percent", percent=100, USD=1000 * n) for n in range(1, 11)]
    await campaign(world, *steps)
    listed = [await listing(world) for _ in range(12)]
    dana = await shopper(world)
    for one in listed[1:]:
        await dana.does(Add(one.product))
    heard: list[str] = []
    async with open_database(database_url) as database, database.connection() as connection:
        await change_cart(database, dana.token, Add(listed[0].product), world.now)
        connection.raw_connection.add_query_logger(lambda query: heard.append(query.query))
        await change_cart(database, dana.token, Add(listed[0].product), world.now)
    own = [query for query in heard if "pg_advisory_unlock_all" not in query]
    assert [query.split()[0] for query in own] == ["select", "update"], own
    assert len((await dana.sees()).evaluation.tiers) == 10


async def test_changes_made_at_the_same_moment_all_count(world: World) -> None:
    muffs = [await listing(world) for _ in range(3)]
    dana = await shopper(world)
    await asyncio.gather(*(dana.changed(Add(m.product)) for m in muffs for _ in range(4)))
    assert sorted(await dana.holds()) == [(m.product, 4) for m in muffs]


async def test_a_quantity_is_no_more_than_there_is_and_the_cart_says_so(world: World) -> None:
    muff = await listing(world, stock=3)
    dana = await shopper(world)
    cart = await dana.does(Add(muff.product, 5))
    assert cart.kept.lines == ((muff.product, 3),)
    assert said(cart) == ["Only 3 of “Wind muff” are left, so your cart holds no more."]
    async with unit(world.database) as db:
        await db.execute("update products set stock = 1")
    assert said(await dana.sees()) == ["Only one “Wind muff” is left, so your cart holds no more."]
    async with unit(world.database) as db:
        await db.execute("update products set stock = 0")
    with pytest.raises(SoldOut, match="sold out"):
        await dana.does(Add(muff.product))
    cart = await dana.does(ShipTo("DE"))
    assert (cart.lines, said(cart)) == ((), [
        "“Wind muff” is sold out, so it is no longer in your cart."
    ])  # fmt: skip
    assert said(await dana.sees()) == []


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("update listings set published = false", "“Wind muff” is no longer in the shop, so it is"),
        ("delete from products where label = ''", "Something in your cart is no longer in the"),
        ("""update products set prices = '{"EUR": 1}'""", "“Wind muff” is not sold in USD, so it"),
    ],
)
async def test_what_left_the_shop_falls_out_of_the_cart_and_is_said(
    world: World, sql: str, sentence: str
) -> None:
    muff = await listing(world)
    dana = await shopper(world)
    await dana.does(Add(muff.product))
    async with unit(world.database) as db:
        await db.execute(sql)
    cart = await dana.sees()
    assert cart.lines == () and said(cart)[0].startswith(sentence)


async def test_only_what_the_shop_shows_can_be_put_in(world: World) -> None:
    hidden, reward = await listing(world, published=False), await world.product()
    dana = await shopper(world)
    for product in (hidden.product, reward, 999_999):
        with pytest.raises(Conflict, match="not for sale"):
            await dana.does(Add(product))
    assert await dana.holds() == []


async def test_a_gift_is_declined_and_wanted_again(world: World) -> None:
    """K7."""
    muff, stand = await listing(world), await listing(world, title="Stand", stock=1)
    (tier,) = await campaign(world, step("gift", product=stand.product, USD=1000))
    dana = await shopper(world)
    cart = await dana.does(Add(muff.product), Decline(tier))
    assert (cart.evaluation.bill.gifts, cart.evaluation.tiers[0].gift) == ((), "declined")
    cart = await dana.does(Decline(tier, wanted=True))
    assert cart.evaluation.bill.gifts == (stand.product,)
    cart = await dana.does(Add(stand.product))  # the last one is bought: none is left to give
    assert cart.evaluation.tiers[0].gift == "sold_out"


async def test_a_tier_without_a_target_in_the_currency_is_left_out(world: World) -> None:
    """M1: nothing is converted."""
    await sells_in(world, "USD", "EUR")
    muff = await listing(world, variants=[Variant(prices={"USD": 1900, "EUR": 1700})])
    await campaign(
        world,
        step("percent", percent=1000, USD=1000),
        step("amount", amounts={"USD": 500}, USD=1500, EUR=1500),
        step("shipping", USD=1800, EUR=1600),
    )
    dana = await shopper(world)
    cart = await dana.does(Add(muff.product))
    assert type(cart.evaluation.tiers[0].tier.reward) is PercentOff
    assert cart.evaluation.bill.total == 1900 - 190 - 500
    cart = await dana.does(PayIn("EUR"))
    assert [type(now.tier.reward) for now in cart.evaluation.tiers] == [FreeShipping]
    assert cart.evaluation.bill.total == 1700
    with pytest.raises(Invalid, match="does not sell in JPY"):
        await dana.does(PayIn("JPY"))


async def test_what_is_added_in_another_currency_takes_the_cart_along_where_it_can(
    world: World,
) -> None:
    await sells_in(world, "USD", "EUR")
    both = {"USD": 1900, "EUR": 1700}
    muff = await listing(world, variants=[Variant(prices=both)])
    stand = await listing(world, title="Stand", variants=[Variant(prices=both)])
    only = await listing(world, title="Only here", variants=[Variant(prices={"USD": 100})])
    dana = await shopper(world)
    cart = await dana.does(Add(muff.product), Add(stand.product, 1, "EUR"))
    assert (cart.currency, cart.evaluation.bill.total) == ("EUR", 3400)
    cart = await dana.does(PayIn("USD"), Add(only.product), Add(muff.product, 1, "EUR"))
    assert (cart.currency, cart.evaluation.bill.total) == ("USD", 3 * 1900 + 100)
    assert (await dana.does(Add(muff.product, 1, "XYZ"))).currency == "USD"


async def test_codes_apply_while_they_are_valid(world: World) -> None:
    muff = await listing(world, price=2000)
    await code(world, "SPRING", percent=2500)
    await code(world, "EURO", amounts={"EUR": 100})
    await code(world, "OVER", percent=100, closes_at=world.now - timedelta(days=1))
    dana = await shopper(world)
    cart = await dana.does(Add(muff.product), UseCode(" spring "))
    assert (cart.evaluation.bill.code_off, cart.evaluation.bill.total) == (500, 1500)
    for typed, sentence in (("nope", "no code “NOPE”"), ("over", "now"), ("euro", "in USD")):
        with pytest.raises(Invalid, match=sentence):
            await dana.does(UseCode(typed))
    async with unit(world.database) as db:
        await db.execute("update shop_codes set most = 1, used = 1 where code = 'SPRING'")
    cart = await dana.sees()
    assert (cart.evaluation.bill.code_off, len(cart.notices)) == (0, 1)
    assert (await dana.does(UseCode(""))).kept.code_id is None


async def test_shipping_is_estimated_for_the_country(world: World) -> None:
    muff, ticket = await listing(world), await listing(world, title="Ticket", ships=False)
    await shipping(world, "Post", "DE", "AT", USD=490)
    fast = await shipping(world, "Courier", "DE", USD=1200)
    await shipping(world, "Anywhere", USD=2500)
    dana = await shopper(world)
    assert (await dana.does(Add(ticket.product))).evaluation.bill.shipping == 0
    assert (await dana.does(Add(muff.product))).evaluation.bill.shipping is None
    found = {c: (await dana.does(ShipTo(c))).evaluation.bill.shipping for c in ("DE", "JP")}
    assert found == {"DE": 490, "JP": 2500}
    assert (await dana.does(ShipTo("DE", fast))).evaluation.bill.shipping == 1200
    assert (await dana.does(ShipTo("AT", fast))).evaluation.bill.shipping == 490
    with pytest.raises(Invalid, match="not a country"):
        await dana.does(ShipTo("XX"))


async def test_whoever_signs_in_finds_one_cart_in_every_browser(world: World) -> None:
    muff, stand = await listing(world), await listing(world, title="Stand")
    await customer(world, "Dana")
    phone, desk = await shopper(world), await shopper(world)
    await phone.does(Add(muff.product, 2))
    await desk.does(Add(muff.product, 1), Add(stand.product, 3))

    async def signs_in(token: str | None, email: str = EMAIL) -> str | None:
        return await merge_at_sign_in(world.database, token, email, world.now)

    known = phone.token, desk.token
    phone.token = await signs_in(phone.token) or ""
    desk.token = await signs_in(desk.token) or ""
    both = [(muff.product, 2), (stand.product, 3)]
    assert [await phone.holds(), await desk.holds()] == [both, both]
    await desk.does(SetQuantity(stand.product, 0))
    assert await phone.holds() == [(muff.product, 2)]
    assert await signs_in(desk.token) == desk.token  # signing in again changes nothing
    new = await signs_in(None)
    assert new is not None and await Shopper(world, new).holds() == [(muff.product, 2)]
    await customer(world, "Eli")
    assert await signs_in(phone.token, "eli@example.org") is None  # it is Dana's
    assert await signs_in(None, "eli@example.org") is None
    async with reading(world.database) as db:  # whoever knew a token before sees nothing with it
        assert [await read_cart(db, token, world.now) for token in known] == [None, None]


async def test_a_cart_that_somebody_else_made_does_not_swallow_what_one_has_filled(
    world: World,
) -> None:
    """A link hands over a cart whose token its maker keeps: they must not look on from then on."""
    muff, stand = await listing(world), await listing(world, title="Stand")
    dana, mallory = await shopper(world), await shopper(world)
    await dana.does(Add(muff.product, 2))
    await mallory.does(Add(stand.product))
    assert await take_cart(world.database, dana.token, mallory.token, world.now) is None
    assert await dana.holds() == [(muff.product, 2), (stand.product, 1)]
    assert await mallory.holds() == []
    assert await take_cart(world.database, mallory.token, dana.token, world.now) == dana.token
    assert await take_cart(world.database, None, dana.token, world.now) == dana.token
    assert await take_cart(world.database, dana.token, dana.token, world.now) is None
    assert await take_cart(world.database, dana.token, "of nobody", world.now) is None


async def test_carts_are_forgotten_after_sixty_days(world: World) -> None:
    muff = await listing(world)
    await customer(world, "Dana")
    old, other = await shopper(world), await shopper(world)
    for one in (old, other):
        await one.does(Add(muff.product))
        await merge_at_sign_in(world.database, one.token, EMAIL, world.now)
    world.now += FORGOTTEN_AFTER + timedelta(seconds=1)
    young = await shopper(world)
    await forget_old_carts(world.database, world.clock)
    assert [r["n"] for r in await world.rows("select count(*) n from carts")] == [1]
    assert await young.holds() == []
    with pytest.raises(NotFound):
        await old.does(Add(muff.product))


async def test_a_person_gets_their_cart_with_their_data_and_can_have_it_forgotten(
    world: World,
) -> None:
    muff = await listing(world)
    await customer(world, "Dana")
    dana = await shopper(world)
    await dana.does(Add(muff.product))
    await merge_at_sign_in(world.database, dana.token, EMAIL, world.now)
    data: Any = await export_person(world.database, EMAIL, world.now)
    assert data["carts"][0]["lines"] == [{"product": muff.product, "quantity": 1}]
    await erase_person(world.database, EMAIL, world.now)
    assert await world.rows("select from carts") == []
