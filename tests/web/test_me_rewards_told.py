"""The page of rewards says what became of each, page by page, and to nobody else (B22, L9, R5)."""

import re
from datetime import timedelta

from milepost.domain.program_plans import Step
from milepost.services.cart_changes import UseCode
from milepost.services.erasing import erase_person
from milepost.services.judging import run_due_programs
from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.loyalty import Programs, reward
from tests.shop import Listed, customer, listing
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.me import sign_in
from tests.web.rewarding import buy, her_page, link_of, referring, refund_of
from tests.web.serving import Served
from tests.web.test_me_pages import words
from tests.world import World


async def test_a_code_and_a_gift_say_what_became_of_them(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    """S16, S18."""
    mug = await listing(world, title="Mug", ships=False)
    await loyal.on(
        "orders",
        Step("orders", 1, reward("percent", 1000)),
        Step("orders", 2, reward("gift", [mug.product])),
        name="Regulars",
    )
    await buy(world, served, till, muff.product)
    (code,) = await world.rows("select id, code from shop_codes")
    async with Reader(served.url) as reader:
        shopper = Shopper(world, reader)
        await shopper.put(muff.product)
        await shopper.sign_in("Dana")
        await shopper.change(UseCode(code["code"]))
        till.pay(await shopper.begin())
        await till.catch_up()
        page = await her_page(served.reader, world)
        assert "10% off an order Used For one order" in page
        assert "Mug, free Comes with your next order For 2 orders" in page
        await shopper.put(muff.product)
        till.pay(await shopper.begin())
        await till.catch_up()
    assert "Mug, free Came with an order For 2 orders" in await her_page(served.reader, world)


async def test_what_was_spent_before_a_refund_is_forgiven_and_said(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    """L9."""
    await loyal.settings(earns={"USD": [1, 10]})
    await buy(world, served, till, muff.product)
    assert await loyal.spend("Dana", 100)
    await refund_of(world, till)
    page = await her_page(served.reader, world)
    assert (
        "90 points taken back: an order was refunded. Spent already and"
        " forgiven: 100 points −90 points" in page
    )


async def test_no_page_asks_more_for_two_hundred_entries_and_each_is_shown_once(
    world: World, served: Served, loyal: Programs
) -> None:
    await loyal.settings(earns={"USD": [1, 100]})
    await loyal.on("orders", Step("orders", 1, reward(asked=5)), every=1, name="Each")
    await loyal.order("Dana")
    await sign_in(served.reader, world, "Dana")

    async def counted() -> int:
        start = len(served.statements)
        assert (await served.reader.get("/me/rewards")).status_code == 200
        return len(served.statements_since(start))

    few = await counted()
    for _ in range(44):
        await loyal.order("Dana")
    assert await counted() == few <= 12
    for link, what, count in (
        ("Earlier rewards", r"For \S+ orders?", 45),
        ("Earlier entries", "", 90),
    ):
        seen, path = 0, "/me/rewards"
        while path:
            text = (await served.reader.get(path)).text
            seen += len(re.findall(r'class="me-why"' if what else r'class="me-entry"', text))
            found = re.search(rf'href="([^"]+)">{link}<', text)
            path = found[1].replace("&amp;", "&").partition("#")[0] if found else ""
        assert seen == count, link


async def test_somebody_without_rewards_is_told_what_they_are(world: World, served: Served) -> None:
    campaign_id = await world.campaign()
    await world.pledged(campaign_id, "Dana")
    answer = await served.reader.get("/me/rewards")
    assert answer.headers["location"] == "/me/sign-in?next=%2Fme%2Frewards"
    await sign_in(served.reader, world, "Dana")
    assert "There are no points" in words(await served.reader.get("/me/rewards"))
    assert "/me/rewards" not in (await served.reader.get("/me")).text
    for odd in ("?earned=1-2", "?before=x", "?store=%00", "?earned=9-9-9&before=1"):
        assert (await served.reader.get(f"/me/rewards{odd}")).status_code == 200


async def test_a_customer_of_two_stores_sees_each_by_itself(
    world: World, served: Served, loyal: Programs
) -> None:
    await loyal.settings(earns={"USD": [1, 100]})
    await loyal.order("Dana", 4200)
    async with unit(world.database) as db:
        other = await create_store(db, NewStore("heron", "Heron Press"), world.now)
        await db.execute("insert into loyalty (store_id, since) values ($1, $2)", other, world.now)
    await customer(world, "Dana", other)
    await sign_in(served.reader, world, "Dana")
    here = words(await served.reader.get("/me/rewards"))
    assert "Points 42" in here and "42 points for an order" in here and "Heron Press" in here
    there = words(await served.reader.get("/me/rewards?store=heron"))
    assert "Points 0" in there and "There is no entry yet." in there
    assert words(await served.reader.get("/me/rewards?store=nobodys")) == here
    async with Reader(served.url) as eli:
        await customer(world, "Eli")
        await sign_in(eli, world, "Eli")
        assert "42 points" not in words(await eli.get("/me/rewards"))


async def test_what_a_journey_counts_is_shown_as_it_is_judged(
    world: World, served: Served, loyal: Programs
) -> None:
    """L8: two subscriptions add up to no run; a step's sum begins after the step before it."""
    await loyal.on(
        "mixed",
        Step("orders", 1, reward(asked=1)),
        Step("cycles", 3, reward(asked=2)),
        Step("spend", 9_000, reward(asked=3)),
        name="Journey",
    )
    await loyal.order("Dana", 8_000)
    for run in ("sub_1", "sub_1", "sub_2"):
        await loyal.tell("Dana", "cycle", run=run)
    assert "Step 2 of 3: 2 of 3 paid billing cycles, 1 more." in await her_page(
        served.reader, world
    )
    await loyal.order("Dana", 1_000)
    await loyal.tell("Dana", "cycle", run="sub_1")
    await loyal.order("Dana", 2_000)
    page = await her_page(served.reader, world)
    assert "Step 3 of 3: $20 of $90, $70 more." in page


async def test_what_programs_know_of_somebody_is_downloaded_and_ends_with_their_erasure(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    await referring(loyal)
    await loyal.on("orders", Step("orders", 1, reward("percent", 1000)), name="Regulars")
    await loyal.settings(earns={"USD": [1, 100]})
    await buy(world, served, till, muff.product)
    code = await link_of(world, served)
    await buy(world, served, till, muff.product, "Eli", milepost_friend=code)
    told = (await served.reader.get("/me/data.json")).json()
    assert told["accounts"][0]["referral_code"] == code
    assert told["accounts"][0]["balances"] == [{"unit": "points", "ready": 19, "pending": 0}]
    assert [fact["kind"] for fact in told["loyalty_facts"]] == ["order", "referral"]
    assert [entry["kind"] for entry in told["account_entries"]] == ["earned"]
    (given,) = told["program_rewards"]
    assert (given["program"], given["state"], len(given["code"])) == ("Regulars", "owed", 12)
    (friend,) = told["referrals"]
    assert friend["as_referrer"] and "eli" not in str(told["referrals"])
    await erase_person(world.database, "dana@example.org", world.now)
    (own, _) = await world.rows("select withdrawn_at from shop_codes order by id")
    assert own["withdrawn_at"] == world.now
    assert await world.rows("select from accounts where referral_code is not null") == []
    assert await world.rows("select from orders where referrer_id is not null") == []
    assert (await served.reader.get(f"/r/{code}")).headers["location"] == "/"
    await loyal.on("inactivity", Step("months", 3, reward(asked=100)))
    world.now += timedelta(days=93)
    await run_due_programs(world.database, world.clock)
    assert await loyal.grants("Eli") == [(1, "owed"), (3, "owed")]
    erased = "select from grants g join customers c on c.id = g.customer_id where c.name = ''"
    assert len(await world.rows(erased)) == 1, "nobody who is gone is invited back"
