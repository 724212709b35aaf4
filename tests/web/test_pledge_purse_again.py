"""Store credit and gifts in a pledge when things happen twice, late or in turns (A8, L9, M2)."""

import asyncio
import csv

import pytest

from milepost.domain.facts import Fact
from milepost.services.author import Author
from milepost.services.batching import make_batch
from milepost.services.changing import cancel
from milepost.services.charging import charge_due
from milepost.services.closing import close_due
from milepost.services.exporting import export_person
from milepost.services.minding import refuse
from milepost.services.purses import return_gifts
from milepost.services.refunding import refund_pledge, send_refunds
from milepost.storage.parcels import Wanted
from tests.earned import balance, credit, earns
from tests.loyalty import open_programs
from tests.mailing.people import kept
from tests.shop import listing
from tests.shopping import Till
from tests.web.backer import Backer, pledge_of, proved, with_purse
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.world import World

WITH_CREDIT = {"purse": "1", "credit": "1"}


@pytest.fixture
def dana(world: World, served: Served) -> Backer:
    """Dana's browser."""
    return Backer(world, served.reader)


async def gift_of(world: World, stock: int = 1) -> tuple[str, int]:
    """Dana has earned a pin: the field of it, and the product."""
    pin = await listing(world, title="Enamel pin", stock=stock)
    await earns(await open_programs(world), "Dana", "gift", [pin.product])
    row = await world.row("select milestone_id || ':' || beneficiary as key from grants")
    return f"gift-{row['key']}", pin.product


async def charged(world: World, till: Till, dana: Backer, quantity: int = 1, **typed: str) -> int:
    """Dana's pledge, paid by 12 dollars of credit and by card for the rest."""
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign, ships=True)
    await world.zone(campaign, {tier: (0, 0)})
    await credit(world, "Dana", 1200)
    await dana.sign_in()
    typed |= {"tier": str(tier), "quantity": str(quantity), "country": "DE", **WITH_CREDIT}
    till.pay(await dana.to_pay("recorder", **typed))
    await till.catch_up()
    pledge_id: int = (await pledge_of(world))["id"]
    return pledge_id


async def test_whoever_chooses_again_keeps_their_gift(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign, ships=True)
    await world.zone(campaign, {tier: (500, 0)})
    gift, pin = await gift_of(world)
    await dana.sign_in()
    typed = {"tier": str(tier), "country": "DE", "purse": "0", gift: "1"}
    await dana.to_pay("recorder", **typed)
    first = await pledge_of(world)
    assert "Enamel pin" in await dana.page(f"/p/{first['key']}/again")
    till.pay(await dana.to_pay("recorder", instead=first["key"], quantity="2", **typed))
    await till.catch_up()
    second = await pledge_of(world)
    grant = await world.row("select state, with_pledge from grants")
    assert (grant["state"], grant["with_pledge"]) == ("fulfilled", second["id"])
    stock = await world.row("select stock, claimed from products where id = $1", pin)
    assert (stock["stock"], stock["claimed"]) == (0, 1)
    await proved(world, till)


async def test_two_presses_of_the_button_spend_and_pledge_once(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 10000, "keep_it_all")
    typed = {"tier": tier, "purse": "10000", "credit": "1"}
    answers = await asyncio.gather(*(dana.pledge("recorder", **typed) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    await till.catch_up()
    assert len(await world.rows("select from pledges")) == 1
    assert await balance(world, "Dana") == 5500


async def test_a_browser_that_was_signed_out_is_not_led_to_pay_the_whole(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign)
    answer = await dana.reader.post(
        "/c/recorder/pledge", data={"tier": str(tier), **WITH_CREDIT}, headers=dana.reader.from_here
    )
    assert answer.status_code == 422 and "You are not signed in any more." in answer.text
    assert await world.rows("select from pledges") == []


async def test_pieces_that_go_back_to_card_and_credit_are_gone_from_meter_and_box(
    world: World, till: Till, dana: Backer
) -> None:
    pledge_id = await charged(world, till, dana, quantity=2)
    await refund_pledge(world.database, pledge_id, "alice", world.now, amount=4000)
    await send_refunds(world.database, till.gateway)
    await till.catch_up()
    back = await refund_pledge(world.database, pledge_id, "alice", world.now, returned={1: 1})
    assert (back.amount, back.credit) == (4500, 700)
    await send_refunds(world.database, till.gateway)
    await till.catch_up()
    assert await balance(world, "Dana") == 700
    meter = await world.row("select units, money from campaigns")
    assert (meter["units"], meter["money"]) == (1, 500)
    goods = await world.row("select quantity from goods_lines where pledge_id = $1", pledge_id)
    assert goods["quantity"] == 1
    await proved(world, till)


async def test_a_lost_dispute_gives_the_credit_back_too(
    world: World, till: Till, dana: Backer
) -> None:
    await charged(world, till, dana)
    dispute = till.sandbox.switch(f"charges/{till.sandbox.all('charges')[0]['id']}/dispute")
    await till.catch_up()
    assert ((await pledge_of(world))["state"], await balance(world, "Dana")) == ("disputed", 0)
    till.sandbox.switch(f"disputes/{dispute['id']}/lose")
    await till.catch_up()
    assert ((await pledge_of(world))["state"], await balance(world, "Dana")) == ("refunded", 1200)
    meter = await world.row("select units, money from campaigns")
    assert (meter["units"], meter["money"]) == (0, 0)
    await proved(world, till)


async def test_a_refund_that_bounces_brings_back_the_pledge_and_not_its_gift(
    world: World, till: Till, dana: Backer
) -> None:
    gift, pin = await gift_of(world)
    pledge_id = await charged(world, till, dana, **{gift: "1"})
    await refund_pledge(world.database, pledge_id, "alice", world.now)
    await send_refunds(world.database, till.gateway)
    await till.catch_up()
    assert await return_gifts(world.database, world.clock) == 1
    till.sandbox.switch(f"refunds/{till.sandbox.all('refunds')[0]['id']}/fail")
    await till.catch_up()
    assert (await pledge_of(world))["state"] == "charged"
    goods = await world.rows("select title from goods_lines where pledge_id = $1", pledge_id)
    assert [line["title"] for line in goods] == ["One recorder"]
    stock = await world.row("select stock, claimed from products where id = $1", pin)
    assert (stock["stock"], stock["claimed"]) == (1, 0)
    await proved(world, till)


async def test_a_change_that_credit_pays_no_more_alone_asks_for_a_card(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 5000, "all_or_nothing", goal=1)
    await dana.pledge("recorder", tier=tier, **WITH_CREDIT)
    await till.catch_up()
    key = (await pledge_of(world))["key"]
    here, alone = f"/me/pledges/{key}", "Your store credit pays for it on"
    assert alone in await dana.page(f"/p/{key}")
    said = next(mail["text"] for mail in await kept(world) if mail["kind"] == "receipt")
    assert alone in said and "Your card" not in said
    assert "Use another card" not in await dana.page(here)
    assert "your card the rest" in await dana.page(f"{here}/change")
    headers = dana.reader.from_here | {"cookie": dana.cookies}
    bigger = {"tier": tier, "quantity": "2"}
    answer = await dana.reader.post(f"{here}/change", data=bigger, headers=headers)
    session = answer.headers["location"].split("/")[-1]
    await till.catch_up()
    page = await dana.page(here)
    assert "no card is saved" in page and f'href="{here}/pay">Save a card' in page
    assert "Save a card for the rest, $45.00." in await dana.page(f"{here}/pay")
    till.pay(session)
    await till.catch_up()
    assert "Your card is charged $45 on" in await dana.page(here)
    world.now = world.now.replace(month=7, day=2)
    await close_due(world.database, world.clock)
    await charge_due(world.database, till.gateway, world.clock)
    await till.catch_up()
    row = await pledge_of(world)
    assert row["state"] == "charged" and sorted(row["paid"].values()) == [4500, 4500]
    await proved(world, till)


async def test_a_card_that_is_saved_after_the_campaign_failed_holds_no_credit(
    world: World, till: Till, dana: Backer
) -> None:
    tier = await with_purse(world, dana, 1200, "all_or_nothing", goal=9)
    session = await dana.to_pay("recorder", tier=tier, **WITH_CREDIT)
    await world.rows("update pledges set processing = true returning id")
    world.now = world.now.replace(month=7, day=2)
    await close_due(world.database, world.clock)
    till.pay(session)
    await till.catch_up()
    row = await pledge_of(world)
    assert (row["state"], row["credit_back"], await balance(world, "Dana")) == (
        "confirmed",
        1200,
        1200,
    )
    await proved(world, till)


async def test_a_payment_after_the_page_was_given_up_is_told_and_the_credit_stays_theirs(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all")
    tier = await world.tier(campaign)
    await credit(world, "Dana", 1200)
    await dana.sign_in()
    await dana.to_pay("recorder", tier=str(tier), **WITH_CREDIT)
    row = await pledge_of(world)
    await world.hear(campaign, Fact("expired", row["id"]))
    await world.settle()
    late = Fact("paid", row["id"], payment="pi_late", amount=3300, detail={})
    await world.hear(campaign, late)
    await world.settle()
    told = await world.row("select state, reason from facts where payment = 'pi_late'")
    assert told["state"] == "refused" and "yet its payment succeeded" in told["reason"]
    row = await pledge_of(world)
    assert (row["state"], await balance(world, "Dana")) == ("expired", 1200)


async def test_the_studio_says_what_goes_to_the_card_and_what_is_credit_again(
    world: World, till: Till, dana: Backer, served: Served
) -> None:
    await staff(world)
    pledge_id = await charged(world, till, dana)
    await enter(served.reader, "Alice")
    here = f"/studio/larkfield/campaigns/recorder/pledges/{pledge_id}/refund"
    page = (await send(served.reader, here, what="all")).text
    assert "$12.00 of it is in their store credit at once." in page
    assert "Stripe sends $33.00 to the card that paid" in page
    sheet = (await served.reader.get("/studio/larkfield/campaigns/recorder/pledges.csv")).text
    heads, row = list(csv.reader(sheet.lstrip("\ufeff").splitlines()))[:2]
    told = dict(zip(heads, row, strict=True))
    assert (told["paid"], told["credit"]) == ("45.00", "12.00")


async def test_what_a_pledge_holds_of_somebody_is_in_what_they_download(
    world: World, till: Till, dana: Backer
) -> None:
    gift, _ = await gift_of(world)
    await charged(world, till, dana, **{gift: "1"})
    found = await export_person(world.database, "dana@example.org", world.now)
    pledge = found["pledges"][0]
    assert (pledge["credit"], pledge["credit_back"]) == (1200, 0)
    assert pledge["gifts"][0]["title"] == "Enamel pin"


@pytest.mark.parametrize(
    ("currency", "price", "has", "rest"), [("JPY", 4500, 4480, 50), ("KWD", 4500, 4495, 10)]
)
async def test_credit_is_spent_in_whole_coins_of_any_currency(
    world: World, till: Till, dana: Backer, currency: str, price: int, has: int, rest: int
) -> None:
    campaign = await world.campaign(slug="recorder", funding_model="keep_it_all", currency=currency)
    tier = await world.tier(campaign, price=price)
    await credit(world, "Dana", has, currency)
    await dana.sign_in()
    session = await dana.to_pay("recorder", tier=str(tier), **WITH_CREDIT)
    assert till.pay(session)["session"]["amount_total"] == rest
    await till.catch_up()
    row = await pledge_of(world)
    assert sorted(row["paid"].values()) == [rest, price - rest]
    await cancel(world.database, till.gateway, world.clock, row["id"])
    await send_refunds(world.database, till.gateway)
    await till.catch_up()
    assert await balance(world, "Dana", currency) == has
    await proved(world, till)


async def test_a_gift_goes_on_with_a_pledge_of_which_nothing_else_is_sent_any_more(
    world: World, till: Till, dana: Backer
) -> None:
    gift, _ = await gift_of(world)
    await charged(world, till, dana, **{gift: "1"})
    campaign = (await pledge_of(world))["campaign_id"]
    plain = await world.tier(campaign, title="Thanks", price=4500)
    row = await pledge_of(world)
    headers = dana.reader.from_here | {"cookie": dana.cookies}
    here = f"/me/pledges/{row['key']}"
    typed = {"tier": str(plain), "quantity": "1"}
    answer = await dana.reader.post(f"{here}/change", data=typed, headers=headers)
    assert answer.status_code == 303, answer.text
    await till.catch_up()
    assert "Say where to send it" in await dana.page(here)
    goods = await world.rows("select title from goods_lines where pledge_id = $1", row["id"])
    assert [line["title"] for line in goods] == ["Enamel pin"]
    address = {"name": "Dana", "line1": "Lark Lane 1", "city": "Larkfield", "country": "DE"}
    address |= {"postal_code": "10115", "line2": "", "region": "", "phone": ""}
    answer = await dana.reader.post(f"{here}/address", data=address, headers=headers)
    assert answer.status_code == 303, answer.text
    await proved(world, till)


async def test_a_gift_that_was_packed_stays_given_after_a_refund(
    world: World, till: Till, dana: Backer
) -> None:
    ids = await staff(world)
    gift, _ = await gift_of(world)
    pledge_id = await charged(world, till, dana, **{gift: "1"})
    row = await pledge_of(world)
    wanted = Wanted([0], addressed=False, answered=False)
    at = world.store_id, row["campaign_id"]
    await make_batch(world.database, *at, "B", wanted, ids["Alice"], world.now)
    await refund_pledge(world.database, pledge_id, "alice", world.now)
    await send_refunds(world.database, till.gateway)
    await till.catch_up()
    assert await return_gifts(world.database, world.clock) == 0
    assert (await world.row("select state from grants"))["state"] == "fulfilled"
    await proved(world, till)


@pytest.mark.parametrize("model", ["keep_it_all", "all_or_nothing"])
async def test_a_held_pledge_that_is_refused_gives_all_of_the_credit_back(
    world: World, till: Till, dana: Backer, model: str
) -> None:
    tier = await with_purse(world, dana, 6000, model, review_limit=1000)
    await dana.pledge("recorder", tier=tier, **WITH_CREDIT)
    await till.catch_up()
    row = await pledge_of(world)
    assert row["held"] and await balance(world, "Dana") == 1500
    ids = await staff(world)
    author = Author(ids["Alice"], "alice@example.org", world.store_id, row["campaign_id"])
    await refuse(world.database, author, row["id"], world.now)
    await till.catch_up()
    assert await balance(world, "Dana") == 6000
    await proved(world, till)


async def test_a_late_pledge_is_paid_with_credit_at_once_and_says_so(
    world: World, till: Till, dana: Backer
) -> None:
    campaign = await world.campaign(
        slug="recorder", funding_model="all_or_nothing", goal=1, late_pledges=True
    )
    tier = await world.tier(campaign)
    await world.pledged(campaign, "Eli")
    await world.settle()
    await credit(world, "Dana", 6000)
    world.now = world.now.replace(month=7, day=2)
    await close_due(world.database, world.clock)
    await dana.sign_in()
    assert "set aside" not in await dana.page("/c/recorder/pledge")
    await dana.pledge("recorder", tier=str(tier), **WITH_CREDIT)
    await till.catch_up()
    row = await pledge_of(world)
    assert (row["state"], await balance(world, "Dana")) == ("charged", 1500)
