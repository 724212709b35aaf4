"""What customers do earns what the programs promise, and their page says why (S3–S9, B22, R5)."""

from datetime import timedelta

from milepost.domain.lines import Line
from milepost.domain.program_plans import Step
from milepost.services.judging import ripen, run_due_programs
from tests.loyalty import Programs, reward
from tests.shop import Listed, listing
from tests.shopping import Till
from tests.web.client import Reader
from tests.web.me import do
from tests.web.rewarding import buy, her_page, link_of, refund_of
from tests.web.serving import Served
from tests.web.studio import creator, enter, send
from tests.world import World


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
    assert "You have reached all of it." in page
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
