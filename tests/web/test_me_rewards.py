"""What customers do earns what the programs promise, and their page says why (S3–S9, B22, R5)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.lines import Line
from milepost.domain.program_plans import Step
from milepost.services.cart_changes import ShipTo, UseCode
from milepost.services.erasing import erase_person
from milepost.services.judging import ripen, run_due_programs
from milepost.services.preparing import NewStore, create_store
from milepost.services.referring import is_code
from milepost.storage.database import unit
from tests.loyalty import Programs, open_programs, reward
from tests.shop import Listed, customer, listing
from tests.shop_money import option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.me import do, sign_in
from tests.web.serving import Served
from tests.web.studio import creator, enter, send
from tests.web.test_me_pages import words
from tests.world import World


@pytest.fixture
async def loyal(world: World) -> Programs:
    """Programs of Alice's store."""
    return await open_programs(world)


@pytest.fixture
async def muff(world: World) -> Listed:
    """What Dana buys: $19, nothing is sent."""
    return await listing(world, ships=False)


async def buy(
    world: World, served: Served, till: Till, product: int, who: str = "Dana", **cookies: str
) -> str:
    """`who` buys one of it through the checkout and pays; the payment's session."""
    async with Reader(served.url) as reader:
        shopper = Shopper(world, reader)
        await shopper.put(product)
        headers = reader.from_here | {
            "cookie": "; ".join([f"milepost_cart={shopper.token}", *map("=".join, cookies.items())])
        }
        answer = await reader.post("/checkout", headers=headers)
        assert answer.status_code == 303, answer.text[:2000]
        session = str(answer.headers["location"]).rpartition("/")[2].partition("?")[0]
    till.pay(session, who)
    await till.catch_up()
    return session


async def refund_of(world: World, till: Till, who: str = "Dana") -> None:
    """All of the latest payment of `who` goes back."""
    email = f"{who.lower()}@example.org"
    charges = till.sandbox.all("charges")
    charge = next(
        c for c in charges if c["billing_details"]["email"] == email and not c["refunded"]
    )
    till.sandbox.switch(f"charges/{charge['id']}/refund", amount=charge["amount"])
    await till.catch_up()


async def her_page(dana: Reader, world: World) -> str:
    """What the page of rewards says to Dana, in words."""
    answer = await dana.get("/me/rewards")
    if answer.status_code == 303:
        await sign_in(dana, world, "Dana")
        answer = await dana.get("/me/rewards")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return words(answer)


async def test_the_third_order_gives_500_points_and_says_so(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    """S3."""
    await loyal.on("orders", Step("orders", 3, reward()), name="Regulars")
    for _ in range(2):
        await buy(world, served, till, muff.product)
    page = await her_page(served.reader, world)
    assert "2 of 3 orders, 1 more." in page and "Nothing yet." in page
    await buy(world, served, till, muff.product)
    page = await her_page(served.reader, world)
    assert "For 3 orders since 1 June 2026 (Regulars)." in page and "In your account" in page
    assert "500 points for 3 orders +500 points 1 June 2026" in page
    assert "You have been through all of it." in page
    await refund_of(world, till)
    page = await her_page(served.reader, world)
    assert "Taken back: an order was refunded, so it is not 3 orders any more (Regulars)." in page
    assert "500 points taken back: it is not 3 orders any more −500 points" in page


async def test_reaching_500_dollars_gives_500_points(
    world: World, served: Served, till: Till, loyal: Programs
) -> None:
    """S4, and S18: a gift waits for the next order."""
    lens = await listing(world, title="Lens", price=30_000, ships=False)
    mug = await listing(world, title="Mug", price=500)
    await loyal.on(
        "spend",
        Step("spend", 50_000, reward()),
        Step("spend", 20_000, reward("gift", [mug.product])),
        name="Patrons",
    )
    await buy(world, served, till, lens.product)
    page = await her_page(served.reader, world)
    assert "$300 of $500, $200 more." in page
    assert (
        "Mug, free Comes with your next order For $200 spent since 1 June 2026 (Patrons)." in page
    )
    await buy(world, served, till, lens.product)
    page = await her_page(served.reader, world)
    assert "For $500 spent since 1 June 2026 (Patrons)." in page
    assert "500 points for $500 spent" in page


async def test_a_thousand_points_earned_give_500_extra_and_a_pledge_earns_points_too(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    """S5, N7."""
    await loyal.settings(earns={"USD": [1, 10]}, pending_days=14)
    await loyal.on("points", Step("points", 1000, reward()), name="Collectors")
    await buy(world, served, till, muff.product)
    campaign_id = await world.campaign(basis="money", goal=90_000)
    await world.pledged(campaign_id, "Dana", Line("own_amount", "", 1, 8100, 1))
    page = await her_page(served.reader, world)
    assert "190 points for an order" in page and "810 points for a pledge" in page
    assert "For 1,000 points earned since 1 June 2026 (Collectors)." in page
    assert "1,500 points more can be spent from 15 June 2026." in page
    assert "500 points Pending For 1,000 points earned" in page
    world.now += timedelta(days=14)
    assert await ripen(world.database, world.clock) == 3
    page = await her_page(served.reader, world)
    assert "Points 1,500" in page and "500 points can be spent now" in page


async def test_the_third_approved_review_gives_100_points(
    world: World, served: Served, till: Till, loyal: Programs
) -> None:
    """S6: they are written on the listing's page, and approved in the studio."""
    await loyal.on("reviews", Step("reviews", 3, reward(asked=100)), name="Voices")
    for _ in range(3):
        listed = await listing(world, ships=False)
        await buy(world, served, till, listed.product)
        await her_page(served.reader, world)
        said = {"stars": "4", "text": "It keeps the wind out.", "name": "Dana"}
        at = f"/shop/{listed.slug}/reviews"
        assert (await do(served.reader, at, **said)).status_code == 303
    reviews = [row["id"] for row in await world.rows("select id from reviews order by id")]
    await creator(world, "Bob", "editor")
    async with Reader(served.url) as bob:
        await enter(bob, "Bob")
        await decide(bob, reviews[:2], "show")
        await till.catch_up()
        assert "2 of 3 reviews, 1 more." in await her_page(served.reader, world)
        await decide(bob, reviews[2:], "show")
        await till.catch_up()
        page = await her_page(served.reader, world)
        assert "100 points In your account For 3 reviews since 1 June 2026 (Voices)." in page
        await decide(bob, reviews[:1], "hide")
        await till.catch_up()
    page = await her_page(served.reader, world)
    assert "Taken back: a review is not shown any more" in page


async def decide(bob: Reader, reviews: list[int], do: str) -> None:
    """Bob shows or hides these reviews in the studio."""
    for review in reviews:
        answer = await send(bob, f"/studio/larkfield/shop/reviews/{review}", do=do)
        assert answer.status_code == 303, answer.text[:2000]


async def test_three_months_without_an_order_give_100_points_and_a_mail_that_invites_back(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    """S7."""
    await loyal.on("inactivity", Step("months", 3, reward(asked=100)), name="Come back")
    await buy(world, served, till, muff.product)
    assert "Come back" not in await her_page(served.reader, world), "nobody is told to wait"
    world.now += timedelta(days=93)
    for _ in range(2):
        await run_due_programs(world.database, world.clock)
    page = await her_page(served.reader, world)
    assert "For 3 months without an order after 1 June 2026 (Come back)." in page
    mails = await world.rows("select recipient, detail from mails where kind = 'come_back'")
    assert [mail["recipient"] for mail in mails] == ["dana@example.org"]


async def test_rewards_come_at_the_billing_cycles_that_were_chosen(
    world: World, served: Served, loyal: Programs
) -> None:
    """S8."""
    await loyal.on(
        "cycles",
        Step("cycles", 1, reward("credit", 200)),
        Step("cycles", 2, reward("percent", 1000)),
        name="Subscribers",
    )
    for day in range(2):
        at = world.now + timedelta(days=day)
        await loyal.tell("Dana", "cycle", run="sub_1", at=at)
    page = await her_page(served.reader, world)
    assert "For one paid billing cycle since 1 June 2026 (Subscribers)." in page
    assert "10% off an order Ready to use For 2 paid billing cycles since" in page
    assert "Store credit $2" in page
    code = await world.row("select code from shop_codes")
    assert f'value="{code["code"]}"' in (await served.reader.get("/me/rewards")).text


async def test_a_journey_goes_step_by_step_and_a_friend_s_first_order_is_one(
    world: World, served: Served, till: Till, loyal: Programs, muff: Listed
) -> None:
    """S9."""
    await loyal.on(
        "mixed",
        Step("orders", 1, reward(asked=10), "Order something"),
        Step("referrals", 1, reward(asked=20), "Bring a friend"),
        Step("spend", 1900, reward(asked=30), "Order again"),
        name="Journey",
    )
    await buy(world, served, till, muff.product)
    page = await her_page(served.reader, world)
    assert "For step 1, one order (Journey)." in page
    assert "Step 2 of 3: 0 of one friend’s first order, 1 more." in page
    code = await link_of(world, served)
    assert (await link_of(world, served)) == code, "the link stays the same"
    await buy(world, served, till, muff.product, "Eli", milepost_friend=code)
    page = await her_page(served.reader, world)
    assert "For step 2, one friend’s first order (Journey)." in page
    await buy(world, served, till, muff.product, "Eli", milepost_friend=code)
    assert (await world.row("select count(*) as n from referrals"))["n"] == 1
    await buy(world, served, till, muff.product)
    page = await her_page(served.reader, world)
    assert "For step 3, $19 spent (Journey)." in page
    assert await loyal.balance("Dana") == (60, 0)


async def link_of(world: World, served: Served) -> str:
    """The code in the personal link that the page shows to Dana, which leads to the shop."""
    await her_page(served.reader, world)
    text = (await served.reader.get("/me/rewards")).text
    found = re.search(r'value="http[^"]*/r/([^"]+)"', text)
    assert found and is_code(found[1])
    async with Reader(served.url) as friend:
        answer = await friend.get(f"/r/{found[1]}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/shop")
    cookie = answer.headers["set-cookie"]
    assert "httponly" in cookie.lower() and "Max-Age=2592000" in cookie and "dana" not in cookie
    return found[1]


async def referring(loyal: Programs) -> None:
    """A journey that begins with two friends."""
    await loyal.on("mixed", Step("referrals", 2, reward(asked=20)), name="Friends")


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
