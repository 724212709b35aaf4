"""A friend who comes by a link counts once: at their first paid order or charged pledge (S9)."""

from typing import Any

from milepost.services.cart_changes import ShipTo
from tests.loyalty import Programs
from tests.shop import Listed, listing
from tests.shop_money import option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.rewarding import buy, her_page, link_of, referring, refund_of
from tests.web.serving import Served
from tests.world import World


async def test_a_refund_of_the_first_order_takes_the_referral_back_and_no_later_one_counts(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    await referring(loyal)
    await buy(world, served, till, muff.product)
    code = await link_of(world, served)
    await buy(world, served, till, muff.product, "Eli", milepost_friend=code)
    assert "1 of 2 friends’ first orders, 1 more." in await her_page(served.reader, world)
    await refund_of(world, till, "Eli")
    assert "0 of 2 friends’ first orders, 2 more." in await her_page(served.reader, world)
    await buy(world, served, till, muff.product, "Eli", milepost_friend=code)
    assert "0 of 2 friends’ first orders, 2 more." in await her_page(served.reader, world)


async def test_nobody_refers_themselves_by_another_mailbox_or_at_the_same_door(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    await referring(loyal)
    sent = await listing(world)
    await option(world, "Standard", ("DE",))
    await buy_sent(world, served, till, sent, "Dana", "")
    code = await link_of(world, served)
    await buy(world, served, till, muff.product, "Dana", milepost_friend=code)
    await buy(world, served, till, muff.product, "Dana+2", milepost_friend=code)
    await buy_sent(world, served, till, sent, "Eli", code)
    assert await world.rows("select from referrals") == []
    await buy_sent(world, served, till, sent, "Frank", code, line1="5 Elm Road")
    assert [r["customer_id"] for r in await world.rows("select customer_id from referrals")]
    old = await buy(world, served, till, muff.product, "Gina")
    assert old
    await buy(world, served, till, muff.product, "Gina", milepost_friend=code)
    assert len(await world.rows("select from referrals")) == 1, "it was not Gina's first order"
    assert "1 of 2 friends’ first orders" in await her_page(served.reader, world)


async def buy_sent(
    world: World, served: Served, till: Till, listed: Listed, who: str, code: str, **told: Any
) -> None:
    """`who` buys something that is sent, as the `code` of a friend's link led them here."""
    async with Reader(served.url) as reader:
        shopper = Shopper(world, reader)
        await shopper.put(listed.product)
        await shopper.change(ShipTo("DE"))
        cookie = f"milepost_cart={shopper.token}; milepost_friend={code}"
        answer = await reader.post("/checkout", headers=reader.from_here | {"cookie": cookie})
        session = str(answer.headers["location"]).rpartition("/")[2].partition("?")[0]
    till.pay(session, who, **told)
    await till.catch_up()


async def test_a_friend_s_first_charged_pledge_counts_as_well(
    world: World, served: Served, loyal: Programs, till: Till, muff: Listed
) -> None:
    """N7."""
    await referring(loyal)
    await buy(world, served, till, muff.product)
    code = await link_of(world, served)
    campaign_id = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier_id = await world.tier(campaign_id)
    async with Reader(served.url) as eli:
        headers = eli.from_here | {"cookie": f"milepost_friend={code}"}
        typed = {"tier": str(tier_id), "quantity": "1"}
        answer = await eli.post("/c/recorder/pledge", data=typed, headers=headers)
        assert answer.status_code == 303, answer.text[:2000]
    session = str(answer.headers["location"]).rpartition("/")[2].partition("?")[0]
    till.pay(session, "Eli")
    await till.catch_up()
    assert "1 of 2 friends’ first orders, 1 more." in await her_page(served.reader, world)


async def test_an_unknown_link_leads_to_the_shop_window_and_leaves_nothing(
    world: World, served: Served
) -> None:
    for code in ("bcdfghjkmn", "nonsense", "%00"):
        answer = await served.reader.get(f"/r/{code}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "set-cookie" not in answer.headers
