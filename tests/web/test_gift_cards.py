"""Gift cards: bought, mailed, redeemed once, and taken back with the money."""

from typing import Any

from milepost.mailing.composing import Composer
from milepost.services.posting import post_waiting
from milepost.storage import accounts
from milepost.storage.database import reading
from tests.mailing.people import composer
from tests.shop import customer, listing
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.me import do, mailed, sign_in
from tests.web.serving import Served
from tests.world import World


async def buy(world: World, served: Served, till: Till, many: int = 2) -> Any:
    """Dana has paid for so many cards of $50; the order."""
    card = await listing(world, title="Gift card", price=5000, ships=False, is_gift_card=True)
    async with Reader(served.url) as reader:
        shopper = Shopper(world, reader)
        await shopper.put(card.product, many)
        till.pay(await shopper.begin())
    await till.catch_up()
    return await world.row("select * from orders order by id desc limit 1")


async def codes(world: World) -> list[str]:
    """The codes of all cards."""
    return [row["code"] for row in await world.rows("select code from gift_cards order by id")]


async def credit(world: World, who: str) -> int:
    """What `who` can spend."""
    customer_id = await customer(world, who)
    async with reading(world.database) as db:
        found = await accounts.balances(db, customer_id)
    return sum(row["ready"] for row in found)


async def test_each_card_that_was_paid_is_a_code_in_one_mail_to_its_buyer(
    world: World, served: Served, till: Till
) -> None:
    order = await buy(world, served, till)
    first, second = await codes(world)
    await till.catch_up()
    assert await codes(world) == [first, second], "told again, there are no more"
    assert isinstance(composer, Composer)
    while await post_waiting(world.database, None, composer, world.clock):
        pass
    mail = await world.row("select * from mails where kind = 'gift_cards'")
    assert mail["recipient"] == "dana@example.org"
    for code in (first, second):
        assert f"$50: {code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" in mail["text"]
    assert first[:4] not in (await served.reader.get(f"/o/{order['key']}")).text
    await sign_in(served.reader, world, "Dana")
    assert f"{first[:4]}-" in (await served.reader.get(f"/me/orders/{order['key']}")).text


async def test_a_code_becomes_credit_of_whoever_types_it_first(
    world: World, served: Served, till: Till
) -> None:
    await buy(world, served, till, 1)
    (code,) = await codes(world)
    page = (await do(served.reader, "/me/gift-card", card="WRONG", email="eli@example.org")).text
    assert "There is no gift card with this code" in page and "eli@example.org" in page
    assert await mailed(world) == [], "a stranger without a card gets no mail"
    answer = await do(served.reader, "/me/gift-card", card=code, email="Eli@example.org ")
    assert answer.status_code == 200 and "on its way to" in answer.text
    (way_in,) = await mailed(world)
    answer = await served.reader.post(way_in, headers=served.reader.from_here)
    assert answer.headers["location"] == "/me/gift-card"
    page = (await do(served.reader, "/me/gift-card", card="ABCD-EFGH-JKLM-NPQR")).text
    assert "There is no gift card with this code" in page and "ABCD-EFGH-JKLM-NPQR" in page
    answer = await do(served.reader, "/me/gift-card", card=f" {code[:8].lower()}-{code[8:]} ")
    assert answer.status_code == 303, answer.text
    done = answer.headers["location"]
    assert "$50 is yours" in (await served.reader.get(done)).text
    assert await credit(world, "Eli") == 5000
    again = await do(served.reader, "/me/gift-card", card=code)
    assert again.status_code == 422 and "redeemed already" in again.text
    assert await credit(world, "Eli") == 5000
    async with Reader(served.url) as other:
        await sign_in(other, world, "Dana")
        assert "is yours" not in (await other.get(done)).text


async def test_money_that_goes_back_takes_its_card_back(
    world: World, served: Served, till: Till
) -> None:
    await buy(world, served, till, 2)
    first, second = await codes(world)
    await customer(world, "Eli")
    await sign_in(served.reader, world, "Eli")
    await do(served.reader, "/me/gift-card", card=first)
    customer_id = await customer(world, "Eli")
    async with reading(world.database) as db:
        assert await accounts.spend(db, customer_id, "USD", 2000, "test", world.now)
    (charge,) = till.sandbox.all("charges")
    till.sandbox.switch(f"charges/{charge['id']}/refund", amount=10_000)
    await till.catch_up()
    assert await credit(world, "Eli") == 0, "what was spent of it is forgiven"
    late = await do(served.reader, "/me/gift-card", card=second)
    assert late.status_code == 422 and "is void" in late.text
    entry = await world.row("select ready, forgiven from account_entries order by id desc limit 1")
    assert (entry["ready"], entry["forgiven"]) == (-3000, 2000)
