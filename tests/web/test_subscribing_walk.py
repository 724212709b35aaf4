"""A subscriber's way through public doors: recovered, cancelled, begun anew, kept as agreed."""

from typing import Any

import orjson

from milepost.domain.program_plans import Step
from milepost.services.subscribing import use_card
from milepost.storage.database import reading
from tests.earned import credit
from tests.loyalty import Programs, reward
from tests.mailing.people import composer
from tests.shop import Listed, listing
from tests.shop_money import option
from tests.subscribing import Subscriptions
from tests.web.me import do, sign_in
from tests.web.rewarding import her_page
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.world import World

SHOP = "/studio/larkfield/shop"


async def subscribe(subs: Subscriptions, served: Served, listed: Listed, **sent: str) -> Any:
    """Dana subscribes with a press and pays; the row."""
    typed = {"product": str(listed.product), "currency": "USD", "shown_total": "1200"}
    answer = await do(served.reader, f"/shop/{listed.slug}/subscribe", **typed | sent)
    assert answer.status_code == 303, answer.text[:2000]
    session = answer.headers["location"].rpartition("/")[2]
    subs.pay(session)
    await subs.catch_up()
    return await subs.world.row("select * from subscriptions where session_id = $1", session)


async def mend(subs: Subscriptions, served: Served, row: Any) -> None:
    """Dana puts a card that works in the place of the one before, and the worker uses it."""
    answer = await do(served.reader, f"/me/subscriptions/{row['key']}/card")
    subs.pay(answer.headers["location"].rpartition("/")[2])
    await subs.catch_up()
    job = await subs.world.row("select payload from pgqueuer where entrypoint = 'use_card'")
    told = orjson.loads(job["payload"])
    await use_card(subs.world.database, subs.gateway, told["subscription_id"], told["method"])
    await subs.catch_up()


async def test_a_recovered_invoice_counts_once_and_a_cancellation_starts_again_from_zero(
    world: World, served: Served, subs: Subscriptions, loyal: Programs
) -> None:
    """S8, L7."""
    await loyal.on("cycles", Step("cycles", 3, reward()), name="Those who stay")
    listed = await subs.sells(ships=False)
    row = await subscribe(subs, served, listed)
    own = f"/me/subscriptions/{row['key']}"
    assert "1 of 3 paid billing cycles, 2 more." in await her_page(served.reader, world)
    subs.break_card(row)
    await subs.later(days=30.5)
    assert "1 of 3 paid billing cycles, 2 more." in await her_page(served.reader, world)
    page = (await served.reader.get(own)).text
    assert "Your card was declined." in page and "Choose another card" in page
    await mend(subs, served, row)
    assert "It runs." in (await served.reader.get(own)).text
    await subs.later(days=8)  # the retries that were planned are over
    assert "2 of 3 paid billing cycles, 1 more." in await her_page(served.reader, world)
    await do(served.reader, f"{own}/cancel")
    await subs.later(days=30)
    assert "0 of 3 paid billing cycles, 3 more." in await her_page(served.reader, world)
    assert "It is over." in (await served.reader.get(own)).text
    await subscribe(subs, served, listed)
    await subs.later(days=31)
    page = await her_page(served.reader, world)
    assert "2 of 3 paid billing cycles, 1 more." in page and "Nothing yet." in page
    await subs.later(days=31)
    page = await her_page(served.reader, world)
    assert "For 3 paid billing cycles since 1 June 2026 (Those who stay)." in page
    assert "500 points for 3 paid billing cycles +500 points" in page


async def test_what_was_agreed_stays_when_the_price_rises_and_the_shelf_is_cleared(
    world: World, served: Served, subs: Subscriptions
) -> None:
    """M3: who subscribed keeps their price; whoever comes later finds the new one, or nothing."""
    await staff(world)
    listed = await subs.sells(ships=False)
    row = await subscribe(subs, served, listed)
    await enter(served.reader, "Alice")
    variant = f"{SHOP}/{listed.id}/{listed.product}"
    typed = {"base": "0", "label": "", "price-USD": "20", "every": "month", "every_count": "1"}
    assert (await send(served.reader, variant, **typed)).status_code == 303
    assert "$20.00 every month" in (await served.reader.get(f"/shop/{listed.slug}")).text
    typed = {"product": str(listed.product), "currency": "USD", "shown_total": "1200"}
    late = await do(served.reader, f"/shop/{listed.slug}/subscribe", **typed)
    assert late.status_code == 409 and "It is $20 now." in late.text
    await subs.later(days=1)
    assert (await send(served.reader, f"{SHOP}/{listed.id}/withdraw")).status_code == 303
    await subs.later(days=62)
    assert [(c["paid"], c["claiming"]) for c in await subs.cycles(row)] == [(1200, True)] * 3
    gone = await do(served.reader, f"/shop/{listed.slug}/subscribe", **typed)
    assert gone.status_code == 404


async def test_a_cycle_without_stock_says_so_and_no_word_of_a_late_payment(
    world: World, served: Served, subs: Subscriptions
) -> None:
    """A14: nobody paid too late; whoever sells it is asked to decide."""
    await staff(world)
    await option(world, "Standard", ("DE",))
    sent = {"country": "DE", "shown_total": "1700"}
    row = await subscribe(subs, served, await subs.sells(stock=1), **sent)
    await subs.later(days=31)
    _, short = await subs.cycles(row)
    for page in (f"/o/{short['key']}", f"/me/orders/{short['key']}"):
        await sign_in(served.reader, world, "Dana")
        text = (await served.reader.get(page)).text
        assert "Paid, and not in stock" in text and "too late" not in text
    (mail,) = await world.rows("select * from mails where key = $1", f"order:{short['id']}")
    async with reading(world.database) as db:
        told = await composer(db, [mail], world.now)
    text = told[mail["id"]].text
    assert "It is not in stock any more." in text and "after its page" not in text
    await enter(served.reader, "Alice")
    orders = "/studio/larkfield/orders"
    assert "1 order is paid, but not all in stock" in (await served.reader.get(orders)).text
    own = f"{orders}/{short['id']}"
    page = (await served.reader.get(own)).text
    assert "when no piece was left" in page and f"/subscriptions/{row['id']}" in page
    await world.rows("update products set stock = 1 where id = $1 returning id", row["product_id"])
    assert (await send(served.reader, f"{own}/claim")).status_code == 303
    assert [c["claiming"] for c in await subs.cycles(row)] == [True, True]


async def test_store_credit_is_left_for_orders(
    world: World, served: Served, subs: Subscriptions
) -> None:
    await credit(world, "Dana", 5000)
    row = await subscribe(subs, served, await subs.sells(ships=False))
    await subs.later(days=31)
    assert [c["paid"] for c in await subs.cycles(row)] == [1200, 1200]
    assert "$50" in await her_page(served.reader, world)


async def test_whoever_moves_house_says_so_once_and_the_next_parcel_goes_there(
    world: World, served: Served, subs: Subscriptions
) -> None:
    await option(world, "Standard", ("DE",))
    row = await subscribe(subs, served, await subs.sells(), country="DE", shown_total="1700")
    await sign_in(served.reader, world, "Dana")
    own = f"/me/subscriptions/{row['key']}"
    assert "Lark Lane 1" in (await served.reader.get(f"{own}/address")).text
    home = {"name": "Dana", "line1": "Elm Road 2", "city": "Larkfield", "postal_code": ""}
    wrong = await do(served.reader, f"{own}/address", **home)
    assert wrong.status_code == 422 and "Type the postal code" in wrong.text
    assert 'value="Elm Road 2"' in wrong.text
    there = home | {"postal_code": "10999", "country": "US"}  # paid to Germany: it stays there
    assert (await do(served.reader, f"{own}/address", **there)).status_code == 303
    page = (await served.reader.get(f"{own}?done=address")).text
    assert "Your address is saved." in page and "10999" in page
    await subs.later(days=31)
    sent_to = [(c["address"]["line1"], c["address"]["country"]) for c in await subs.cycles(row)]
    assert sent_to == [("Lark Lane 1", "DE"), ("Elm Road 2", "DE")]
    bits = await listing(world, title="Bits", price=1200, ships=False)
    await world.rows(
        "update products set every_unit = 'month', every_count = 1 where listing_id = $1"
        " returning id",
        bits.id,
    )
    other = await subscribe(subs, served, bits)
    await sign_in(served.reader, world, "Dana")
    nowhere = await served.reader.get(f"/me/subscriptions/{other['key']}/address")
    assert nowhere.status_code == 404
