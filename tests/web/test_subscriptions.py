"""Subscriptions on pages: the shop's, the customer's own, the studio's (S8, B21, L7, P9)."""

from urllib.parse import urlsplit

import pytest

from milepost.domain.errors import Conflict
from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.storage.database import reading
from tests.mailing.people import composer
from tests.shop import listing, subscribed
from tests.shop_money import option
from tests.subscribing import Subscriptions
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.web.studio import enter, staff
from tests.world import World


def session_of(location: str) -> str:
    """The payment page's session."""
    return urlsplit(location).path.split("/")[-1]


async def test_what_ships_not_is_subscribed_to_with_one_press(
    world: World, served: Served, subs: Subscriptions
) -> None:
    listed = await subs.sells(ships=False)
    page = (await served.reader.get(f"/shop/{listed.slug}")).text
    assert "$12.00 every month, until you cancel" in page and "Add to cart" not in page
    here = f"/shop/{listed.slug}/subscribe"
    typed = {"product": str(listed.product), "currency": "USD", "shown_total": "1"}
    answer = await served.reader.post(here, data=typed, headers=served.reader.from_here)
    assert answer.status_code == 409 and "It is $12 now" in answer.text.replace("12.00", "12")
    typed["shown_total"] = "1200"
    answer = await served.reader.post(here, data=typed, headers=served.reader.from_here)
    assert answer.status_code == 303, answer.text[:2000]
    subs.pay(session_of(answer.headers["location"]))
    row = await world.row("select key from subscriptions")
    assert "We wait to hear" in (await served.reader.get(f"/s/{row['key']}")).text
    await subs.catch_up()
    page = (await served.reader.get(f"/s/{row['key']}")).text
    assert "It runs." in page and "dana" not in page


async def test_what_ships_says_the_whole_sum_before_anybody_pays(
    world: World, served: Served, subs: Subscriptions
) -> None:
    await option(world, "Standard", ("DE",))
    listed = await subs.sells(count=2, unit_="week")
    here = f"/shop/{listed.slug}/subscribe"
    typed = {"product": str(listed.product), "currency": "USD", "shown_total": "1200"}
    answer = await served.reader.post(here, data=typed, headers=served.reader.from_here)
    assert answer.status_code == 200 and "Choose a country" in answer.text
    page = (await served.reader.get(here, params=typed | {"country": "DE"})).text
    assert "You pay $17.00 today and every 2 weeks, until you cancel." in page
    assert (await served.reader.get(here, params={"product": "999"})).status_code == 404
    wrong = typed | {"country": "DE"}
    answer = await served.reader.post(here, data=wrong, headers=served.reader.from_here)
    assert answer.status_code == 409
    answer = await served.reader.post(
        here, data=wrong | {"shown_total": "1700"}, headers=served.reader.from_here
    )
    assert answer.status_code == 303


async def test_its_owner_sees_it_cancels_it_undoes_that_and_chooses_another_card(
    world: World, served: Served, subs: Subscriptions
) -> None:
    listed = await subs.sells(ships=False)
    row, other = await subs.begin(listed), await subs.begin(listed, "Eli")
    own = f"/me/subscriptions/{row['key']}"
    assert (await served.reader.get(own)).status_code == 303
    await sign_in(served.reader, world, "Dana")
    page = (await served.reader.get("/me")).text
    assert own in page and other["key"] not in page
    for path in ("", "/address", "/cancel", "/keep", "/card"):
        theirs = f"/me/subscriptions/{other['key']}{path}"
        assert (await served.reader.get(theirs)).status_code == 404
        answer = await served.reader.post(theirs, headers=served.reader.from_here)
        assert answer.status_code in (404, 405)
    page = (await served.reader.get(own)).text
    assert "$12.00 every month" in page and "Next payment" in page and "1 July 2026" in page
    assert "Until then you can undo it." in (await served.reader.get(f"{own}/cancel")).text
    answer = await served.reader.post(f"{own}/cancel", headers=served.reader.from_here)
    assert answer.headers["location"] == f"{own}?done=cancelled"
    assert "Keep the subscription" in (await served.reader.get(own)).text
    await served.reader.post(f"{own}/keep", headers=served.reader.from_here)
    assert "Cancel the subscription" in (await served.reader.get(own)).text
    answer = await served.reader.post(f"{own}/card", headers=served.reader.from_here)
    assert "/pay/cs_test_" in answer.headers["location"]


async def test_the_studio_lists_them_by_state_and_ends_one_at_once(
    world: World, served: Served, subs: Subscriptions
) -> None:
    await staff(world)
    listed = await subs.sells(ships=False)
    row = await subs.begin(listed)
    await enter(served.reader, "Alice")
    base = "/studio/larkfield/subscriptions"
    page = (await served.reader.get(base)).text
    assert "Dana" in page and "Bird of the month" in page
    assert "Dana" not in (await served.reader.get(f"{base}?show=ended")).text
    one = f"{base}/{row['id']}"
    assert "Order 1" in (await served.reader.get(one)).text
    assert "End this subscription?" in (await served.reader.get(f"{one}/end")).text
    answer = await served.reader.post(f"{one}/end", headers=served.reader.from_here)
    assert answer.headers["location"] == f"{one}?done=ended"
    await subs.catch_up()
    assert "Dana" in (await served.reader.get(f"{base}?show=ended")).text
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Ended the subscription Bird of the month" in log


async def test_the_list_asks_as_often_for_fifty_as_for_one(world: World, served: Served) -> None:
    await staff(world)
    listed = await listing(world)
    await subscribed(world, "Dana", listed)
    await enter(served.reader, "Alice")
    base = "/studio/larkfield/subscriptions"
    await served.reader.get(base)
    before = len(served.statements)
    await served.reader.get(base)
    few = len(served.statements_since(before))
    for n in range(60):
        await subscribed(world, f"Eli{n}", listed)
    before = len(served.statements)
    page = (await served.reader.get(base)).text
    assert len(served.statements_since(before)) == few
    assert "before=" in page


async def test_a_variant_is_made_a_subscription_in_the_studio(world: World, served: Served) -> None:
    await staff(world)
    listed = await listing(world, ships=False)
    await enter(served.reader, "Alice")
    here = f"/studio/larkfield/shop/{listed.id}/{listed.product}"
    page = (await served.reader.get(here)).text
    assert "by subscription, in months" in page
    typed = {"base": "0", "label": "", "price-USD": "12", "every": "month", "every_count": "99"}
    answer = await served.reader.post(here, data=typed, headers=served.reader.from_here)
    assert answer.status_code == 422 and "from 1 to 36" in answer.text
    typed["every_count"] = "3"
    answer = await served.reader.post(here, data=typed, headers=served.reader.from_here)
    assert answer.status_code == 303, answer.text[:3000]
    row = await world.row(
        "select every_count, every_unit from products where id = $1", listed.product
    )
    assert tuple(row) == (3, "month")
    page = (await served.reader.get(f"/shop/{listed.slug}")).text
    assert "$12.00 every 3 months, until you cancel" in page


async def test_nobody_is_forgotten_while_a_subscription_runs(
    world: World, served: Served, subs: Subscriptions
) -> None:
    row = await subs.begin(await subs.sells(ships=False))
    told = await export_person(world.database, "dana@example.org", world.now)
    assert [one["key"] for one in told["subscriptions"]] == [row["key"]]
    with pytest.raises(Conflict):
        await erase_person(world.database, "dana@example.org", world.now)
    await sign_in(served.reader, world, "Dana")
    assert "Cancel it first" in (await served.reader.get("/me/erase")).text
    subs.sandbox.stripe.v1.subscriptions.cancel(row["provider_id"])
    await subs.catch_up()
    await erase_person(world.database, "dana@example.org", world.now)
    gone = await subs.again(row)
    assert (gone["email"], gone["name"], gone["address"]) == ("", "", None)
    payloads = [r["payload"] for r in await world.rows("select payload from inbox")]
    assert payloads and not any("dana@" in p for p in payloads)


async def test_each_mail_about_a_subscription_can_be_read(
    world: World, served: Served, subs: Subscriptions
) -> None:
    row = await subs.begin(await subs.sells(ships=False))
    subs.break_card(row)
    await subs.later(days=30.2)
    subs.break_card(row, "pm_card_visa")
    await subs.later(days=1)
    subs.sandbox.stripe.v1.subscriptions.update(row["provider_id"], {"cancel_at_period_end": True})
    await subs.catch_up()
    subs.sandbox.stripe.v1.subscriptions.update(row["provider_id"], {"cancel_at_period_end": False})
    subs.sandbox.stripe.v1.subscriptions.cancel(row["provider_id"])
    await subs.catch_up()
    mails = await world.rows("select * from mails order by id")
    async with reading(world.database) as db:
        found = await composer(db, mails, world.now)
    assert [mail["kind"] for mail in mails] == [
        "subscribed",
        "cycle_failed",
        "order",
        "subscription_cancelled",
        "subscription_ended",
    ]
    texts = [found[mail["id"]].text for mail in mails]
    assert "You pay $12.00 every month, until you cancel." in texts[0]
    assert all(f"/me/subscriptions/{row['key']}" in texts[n] for n in (0, 1, 3, 4))
