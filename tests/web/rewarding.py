"""A customer who buys and reads what came of it at `/me/rewards`, and their link for friends."""

import re

from milepost.domain.program_plans import Step
from milepost.services.referring import is_code
from tests.loyalty import Programs, reward
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.web.test_me_pages import words
from tests.world import World


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
