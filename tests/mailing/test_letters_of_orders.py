"""What the mails about orders say, as text and as HTML, in the order's language."""

import pytest

from milepost.mailing.composing import Composer
from milepost.services.posting import post_waiting
from milepost.storage import mails
from milepost.storage.database import unit
from milepost.storage.mails import OrderLetter
from tests.mailing.people import BASE_URL, composer
from tests.mailing.test_letters import parsed
from tests.shop import bought, listing
from tests.world import World

FACTS = {
    "order": ["Your order at Larkfield is paid", "2 × Wind muff: $38.00", "Total: $38.00", "/o/"],
    "order_shipped": ["Carrier: DHL", "on its way to you"],
    "gift_cards": ["gift cards that you bought", "store credit", "/me/gift-card"],
    "order_refunded": ["$19 of your order", "5 to 10 working days"],
}
DETAILS = {
    "order_shipped": {"carrier": "DHL", "tracking": "JD0146 0003"},
    "order_refunded": {"amount": 1900},
}


@pytest.mark.parametrize("kind", FACTS)
async def test_each_mail_of_an_order_says_what_matters_in_text_and_html(
    world: World, kind: str
) -> None:
    order_id = await bought(world, "Dana", await listing(world), quantity=2)
    await world.rows("update orders set claiming = true returning id")
    async with unit(world.database) as db:
        letter = OrderLetter(kind, f"{kind}:1", order_id, DETAILS.get(kind, {}))
        await mails.promise_of_orders(db, [letter, letter], world.now)
    assert isinstance(composer, Composer)
    assert await post_waiting(world.database, None, composer, world.clock) == 1
    row = await world.row("select * from mails")
    assert (row["state"], row["recipient"]) == ("sent", "dana@example.org")
    for said in FACTS[kind]:
        assert said in row["text"], row["text"]
    parsed(row["html"])
    assert BASE_URL in row["html"] or "dhl" in row["html"].lower()
    assert "prefers-color-scheme" in row["html"]


async def test_nobody_who_was_erased_gets_a_mail(world: World) -> None:
    order_id = await bought(world, "Dana", await listing(world))
    async with unit(world.database) as db:
        await mails.promise_of_orders(db, [OrderLetter("order", "order:1", order_id)], world.now)
        await db.execute("update customers set erased_at = now()")
    await post_waiting(world.database, None, composer, world.clock)
    assert (await world.row("select state from mails"))["state"] == "skipped"
