"""The page of rewards in a real browser: for every reader, its codes copied by a press."""

from datetime import timedelta

from playwright.async_api import Browser

from milepost.domain.loyalty_rewards import LoyaltyReward
from milepost.domain.program_plans import Step
from milepost.services.judging import ripen
from tests.acceptance.browser import barriers, visiting
from tests.loyalty import Programs, open_programs, reward
from tests.shop import listing
from tests.web.me import ask, mailed
from tests.web.serving import Served
from tests.world import World


async def much(world: World) -> Programs:
    """Dana has some of everything: points ready and pending, credit, codes, a gift, a reversal."""
    loyal = await open_programs(world)
    await loyal.settings(earns={"USD": [1, 10]}, buys={"USD": [100, 100]}, pending_days=4)
    mug = await listing(world, title="Enamel mug", price=1200)
    days = LoyaltyReward("percent", code_as="percent", percent=1000, days=60)
    await loyal.on(
        "orders",
        Step("orders", 1, reward(asked=50)),
        Step("orders", 3, days),
        Step("orders", 5, reward("credit", 700)),
        Step("orders", 10, reward("gift", [mug.product])),
        name="Regulars",
    )
    await loyal.on(
        "mixed",
        Step("orders", 1, reward("shipping", None), "Order something you like"),
        Step("reviews", 2, reward(asked=100), "Say what you think of it"),
        Step("referrals", 1, reward("amount", 1500), "Bring a friend along"),
        name="The long way",
    )
    await loyal.on("spend", Step("spend", 9000, reward("gift", [mug.product])), name="Patrons")
    for _ in range(5):
        last = await loyal.order("Dana", 2350)
        world.now += timedelta(days=2)
    await loyal.tell("Dana", "review")
    await loyal.order("Dana", 0, source=last)
    await ripen(world.database, world.clock)
    return loyal


async def test_nobody_is_kept_from_their_rewards_and_a_code_is_copied_by_a_press(
    served: Served, world: World, browser: Browser
) -> None:
    """B16, B22."""
    await much(world)
    await ask(served.reader, "Dana")
    (way_in,) = await mailed(world)
    permissions = ["clipboard-read", "clipboard-write"]
    async with visiting(browser, served.url, permissions=permissions) as dana:
        await dana.open(way_in)
        await dana.page.click("text=Sign in as")
        await dana.page.click("nav >> text=Rewards")
        assert await dana.page.inner_text("h1") == "Your rewards"
        await dana.page.click("text=Copy the code >> nth=0")
        code = await dana.page.input_value("input.is-code >> nth=0")
        assert await dana.page.evaluate("navigator.clipboard.readText()") == code
        assert await barriers(dana.page) == []
