"""Store credit and gifts in a pledge: seen, set aside, paid with, given back (C1, A9, L9)."""

import pytest

from milepost.services.changing import cancel
from milepost.services.charging import charge_due
from milepost.services.closing import close_due
from milepost.services.pledging import end_overdue_checkouts
from milepost.services.purses import return_gifts
from milepost.services.refunding import refund_pledge, send_refunds
from tests.earned import balance, credit, earns
from tests.loyalty import open_programs
from tests.shop import listing
from tests.shopping import Till
from tests.web.backer import Backer, pledge_of, proved, with_purse
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World


@pytest.fixture
def dana(world: World, served: Served) -> Backer:
    """Dana's browser."""
    return Backer(world, served.reader)


async def test_credit_pays_first_and_the_card_the_rest_at_the_pledge(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign)
    await credit(world, "Dana", 1200)
    assert "store credit" not in await dana.page("/c/recorder/pledge")
    assert "once you are signed in" in await dana.page("/c/recorder/pledge?purse=1")
    await dana.sign_in()
    assert "You have $12.00." in await dana.page("/c/recorder/pledge")
    typed = {"tier": str(tier), "shown_total": "4500", "purse": "1", "credit": "1"}
    session = await dana.to_pay("recorder", **typed)
    row = await pledge_of(world)
    assert (row["state"], row["credit"], await balance(world, "Dana")) == ("started", 1200, 0)
    assert till.pay(session)["session"]["amount_total"] == 3300
    await till.catch_up()
    row = await pledge_of(world)
    assert row["state"] == "charged" and sorted(row["paid"].values()) == [1200, 3300]
    meter = await world.row("select units, money from campaigns")
    assert (meter["units"], meter["money"]) == (1, 4500)  # C1: paying with credit is paying
    page = await dana.page(f"/p/{row['key']}")
    assert "With store credit" in page and "$12.00" in page
    receipt = await dana.page(f"/me/pledges/{row['key']}/receipt")
    assert "Paid with store credit" in receipt and "$33.00" in receipt
    await proved(world, till)


async def test_credit_that_covers_all_of_it_needs_no_payment_page(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 10000, "keep_it_all")
    answer = await dana.pledge("recorder", tier=tier, purse="1", credit="1")
    row = await pledge_of(world)
    assert answer.headers["location"].endswith(f"/p/{row['key']}")
    await till.catch_up()
    row = await pledge_of(world)
    assert (row["state"], row["paid"]) == ("charged", {f"credit-{row['id']}": 4500})
    assert await balance(world, "Dana") == 5500
    await proved(world, till)


async def test_what_is_left_for_the_card_is_never_less_than_a_card_can_pay(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 4480, "keep_it_all")
    session = await dana.to_pay("recorder", tier=tier, purse="1", credit="1")
    assert till.pay(session)["session"]["amount_total"] == 50
    assert await balance(world, "Dana") == 30


async def test_a_page_that_is_left_or_chosen_again_gives_the_credit_back(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 1200, "keep_it_all")
    typed = {"tier": tier, "purse": "1", "credit": "1"}
    await dana.to_pay("recorder", **typed)
    first = await pledge_of(world)
    again = await dana.page(f"/p/{first['key']}/again")
    assert "You have $12.00." in again
    await dana.to_pay("recorder", instead=first["key"], quantity="2", **typed)
    second = await pledge_of(world)
    assert second["id"] != first["id"] and (second["credit"], second["credit_back"]) == (1200, 0)
    assert await balance(world, "Dana") == 0
    world.now = second["expires_at"].replace(year=2027)
    await end_overdue_checkouts(world.database, till.gateway, world.clock)
    await till.catch_up()
    assert (await pledge_of(world))["state"] == "expired"
    assert await balance(world, "Dana") == 1200
    await proved(world, till)


async def test_a_refund_goes_to_the_card_first_and_the_rest_is_credit_again(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 1200, "keep_it_all")
    till.pay(await dana.to_pay("recorder", tier=tier, purse="1", credit="1"))
    await till.catch_up()
    row = await pledge_of(world)
    await refund_pledge(world.database, row["id"], "alice", world.now, amount=3500)
    await send_refunds(world.database, till.gateway)
    await till.catch_up()
    assert await balance(world, "Dana") == 200
    await cancel(world.database, till.gateway, world.clock, row["id"])
    await till.catch_up()
    assert (await pledge_of(world))["state"] == "refunded"
    assert await balance(world, "Dana") == 1200
    meter = await world.row("select units, money from campaigns")
    assert (meter["units"], meter["money"]) == (0, 0)
    mails = await world.rows("select detail from mails where kind = 'refunded'")
    told = sorted((m["detail"]["amount"], "credit" in m["detail"]) for m in mails)
    assert told == [(200, True), (1000, True), (3300, False)]
    await proved(world, till)


async def test_an_all_or_nothing_pledge_sets_credit_aside_and_charges_the_rest_at_the_close(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 1200, "all_or_nothing", goal=1)
    shown = await dana.page("/c/recorder/pledge")
    assert "set aside until the campaign closes" in shown
    till.pay(await dana.to_pay("recorder", tier=tier, purse="1", credit="1"))
    await till.catch_up()
    row = await pledge_of(world)
    assert (row["state"], row["paid"], await balance(world, "Dana")) == ("confirmed", {}, 0)
    assert "Your card is charged $33 on" in await dana.page(f"/me/pledges/{row['key']}")
    world.now = world.now.replace(month=7, day=2)
    await close_due(world.database, world.clock)
    await charge_due(world.database, till.gateway, world.clock)
    await till.catch_up()
    row = await pledge_of(world)
    assert row["state"] == "charged" and sorted(row["paid"].values()) == [1200, 3300]
    await proved(world, till)


async def test_credit_pays_alone_at_the_close_and_no_card_is_asked(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 4500, "all_or_nothing", goal=1)
    await dana.pledge("recorder", tier=tier, purse="1", credit="1")
    await till.catch_up()
    row = await pledge_of(world)
    assert row["state"] == "confirmed"
    assert "paid with your store credit once" in await dana.page(f"/me/pledges/{row['key']}")
    world.now = world.now.replace(month=7, day=2)
    await close_due(world.database, world.clock)
    assert await charge_due(world.database, till.gateway, world.clock) == 1
    assert await charge_due(world.database, till.gateway, world.clock) == 0
    await till.catch_up()
    row = await pledge_of(world)
    assert (row["state"], row["paid"]) == ("charged", {f"credit-{row['id']}": 4500})
    await proved(world, till)


@pytest.mark.parametrize("how", ["fails", "cancelled"])
async def test_credit_that_was_set_aside_is_the_backers_again_when_nothing_comes_of_it(
    world: World, till: Till, dana: Backer, how: str
) -> None:
    tier = await with_purse(world, dana, 1200, "all_or_nothing", goal=9)
    till.pay(await dana.to_pay("recorder", tier=tier, purse="1", credit="1"))
    await till.catch_up()
    row = await pledge_of(world)
    if how == "cancelled":
        await cancel(world.database, till.gateway, world.clock, row["id"])
    else:
        world.now = world.now.replace(month=7, day=2)
        await close_due(world.database, world.clock)
        await dana.sign_in()
    await till.catch_up()
    assert await balance(world, "Dana") == 1200
    assert "Your store credit is yours again." in await dana.page(f"/me/pledges/{row['key']}")
    await proved(world, till)


async def test_a_smaller_pledge_gives_back_the_credit_that_it_needs_no_more(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 8000, "all_or_nothing", goal=9)
    typed = {"tier": tier, "quantity": "2", "purse": "1", "credit": "1"}
    till.pay(await dana.to_pay("recorder", **typed))
    await till.catch_up()
    key = (await pledge_of(world))["key"]
    headers = dana.reader.from_here | {"cookie": dana.cookies}
    smaller = {"tier": tier, "quantity": "1"}
    answer = await dana.reader.post(f"/me/pledges/{key}/change", data=smaller, headers=headers)
    assert answer.status_code == 303
    await till.catch_up()
    row = await pledge_of(world)
    assert (row["money"], row["credit"] - row["credit_back"]) == (4500, 4500)
    assert await balance(world, "Dana") == 3500
    await proved(world, till)


async def test_a_gift_goes_with_a_pledge_and_is_given_once_it_is_charged(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign, ships=True)
    await world.zone(campaign, {tier: (500, 0)})
    pin = await listing(world, title="Enamel pin", stock=2)
    await earns(await open_programs(world), "Dana", "gift", [pin.product])
    await dana.sign_in()
    shown = await dana.page("/c/recorder/pledge")
    assert "Send “Enamel pin” with it, for free" in shown and "First order" in shown
    gift = (await world.row("select milestone_id || ':' || beneficiary as key from grants"))["key"]
    typed = {"tier": str(tier), "country": "DE", "purse": "1", f"gift-{gift}": "1"}
    session = await dana.to_pay("recorder", **typed)
    assert "Enamel pin" not in await dana.page("/c/recorder/pledge")
    stock = await world.row("select stock, claimed from products where id = $1", pin.product)
    assert (stock["stock"], stock["claimed"]) == (1, 1)
    till.pay(session)
    await till.catch_up()
    row = await pledge_of(world)
    grant = await world.row("select state, with_pledge from grants")
    assert (grant["state"], grant["with_pledge"]) == ("fulfilled", row["id"])
    assert "Enamel pin" in await dana.page(f"/p/{row['key']}")
    goods = await world.rows("select title from goods_lines where pledge_id = $1", row["id"])
    assert [line["title"] for line in goods] == ["One recorder", "Enamel pin"]
    await proved(world, till)


@pytest.mark.parametrize("how", ["left", "refunded"])
async def test_a_gift_of_a_pledge_of_which_nothing_comes_waits_for_another(
    world: World, till: Till, dana: Backer, how: str
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign, ships=True)
    await world.zone(campaign, {tier: (500, 0)})
    pin = await listing(world, title="Enamel pin", stock=2)
    await earns(await open_programs(world), "Dana", "gift", [pin.product])
    await dana.sign_in()
    gift = (await world.row("select milestone_id || ':' || beneficiary as key from grants"))["key"]
    typed = {"tier": str(tier), "country": "DE", "purse": "1", f"gift-{gift}": "1"}
    session = await dana.to_pay("recorder", **typed)
    if how == "left":
        await till.gateway.end_checkout(session)
    else:
        till.pay(session)
        await till.catch_up()
        await refund_pledge(world.database, (await pledge_of(world))["id"], "alice", world.now)

        await send_refunds(world.database, till.gateway)
    await till.catch_up()
    assert await return_gifts(world.database, world.clock) == 1
    grant = await world.row("select state, with_pledge from grants")
    assert (grant["state"], grant["with_pledge"]) == ("owed", None)
    stock = await world.row("select stock, claimed from products where id = $1", pin.product)
    assert (stock["stock"], stock["claimed"]) == (2, 0)
    assert "Enamel pin" in await dana.page("/c/recorder/pledge")
    await proved(world, till)


async def test_a_gift_that_is_sent_goes_only_with_what_is_sent(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign)
    pin = await listing(world, title="Enamel pin", stock=2)
    await earns(await open_programs(world), "Dana", "gift", [pin.product])
    await dana.sign_in()
    gift = (await world.row("select milestone_id || ':' || beneficiary as key from grants"))["key"]
    answer = await dana.pledge("recorder", **{"tier": str(tier), "purse": "1", f"gift-{gift}": "1"})
    assert answer.status_code == 422
    assert "“Enamel pin” is sent by post, and nothing of this pledge is." in answer.text
    assert await world.rows("select 1 from pledges") == []


async def test_nobody_uses_what_is_anothers(
    world: World, till: Till, dana: Backer, served: Served
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign)
    await credit(world, "Dana", 1200)
    async with Reader(served.url) as other:
        eli = Backer(world, other)
        await eli.sign_in("Eli")
        assert "You have $12.00." not in await eli.page("/c/recorder/pledge")
        answer = await eli.pledge("recorder", tier=str(tier), purse="1200", credit="1")
        assert answer.status_code == 422
        till.pay(await eli.to_pay("recorder", tier=str(tier), purse="0", credit="1"), "Eli")
        await till.catch_up()
        assert (await pledge_of(world))["credit"] == 0
        gone = Backer(world, other, visit="no-visit-of-anybody-12345")
        answer = await gone.pledge("recorder", tier=str(tier), purse="1", credit="1")
        assert answer.status_code == 422 and "You are not signed in any more." in answer.text
    assert await balance(world, "Dana") == 1200


async def test_credit_that_is_gone_since_the_page_was_opened_is_told_and_nothing_is_charged(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 1200, "keep_it_all")
    assert 'name="purse" value="1200"' in await dana.page("/c/recorder/pledge")
    await credit(world, "Dana", -700)
    answer = await dana.pledge("recorder", tier=tier, purse="1200", credit="1")
    assert answer.status_code == 422 and "You have $5 of store credit now." in answer.text
    assert 'name="purse" value="500"' in answer.text
    await dana.to_pay("recorder", tier=tier, purse="500", credit="1")
