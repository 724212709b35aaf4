"""Stripe's books against the orders': every payment and refund of the shop, to the cent (P9)."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from milepost.services.auditing_payments import AuditedPayments, audit_payments
from milepost.services.giving_up_orders import give_up
from tests.sandbox.door import AS_STRIPE_POSTS, LONG_AGO, door
from tests.sandbox.process import Sandbox
from tests.services.test_returning import filled, ordered
from tests.shop import listing
from tests.shopping import Till
from tests.world import NOON, World

pytestmark = AS_STRIPE_POSTS


@pytest.fixture(scope="module")
def stripe_house() -> Iterator[Sandbox]:
    """A local Stripe where it is noon; it sends no events."""
    with Sandbox() as sandbox:
        sandbox.switch("clock", freeze=int(NOON.timestamp()))
        yield sandbox


@pytest.fixture
async def till(world: World, stripe_house: Sandbox) -> AsyncIterator[Till]:
    """Stripe's side of a shop that nobody has bought from."""
    stripe_house.switch("reset")
    stripe_house.switch("clock", freeze=int(NOON.timestamp()))
    gateway = door(stripe_house)
    yield Till(world, gateway, stripe_house)
    await gateway.close()


async def audited(till: Till, later: timedelta = timedelta(hours=1)) -> AuditedPayments:
    now = till.world.now + later
    return await audit_payments(till.world.database, till.gateway, lambda: now, LONG_AGO)


async def test_orders_are_paid_and_given_back_as_stripe_says(world: World, till: Till) -> None:
    muff = (await listing(world, ships=False)).product
    for _ in range(2):
        till.pay((await ordered(till, await filled(world, muff)))["session_id"])
    left = await ordered(till, await filled(world, muff))
    await give_up(world.database, left["id"], "cancelled", world.now)
    young = await audited(till, timedelta())
    assert (young.payments, young.on_their_way, young.differences) == (0, 2, [])
    unheard = (await audited(till)).differences
    assert len(unheard) == 2
    assert unheard[0].startswith("shop: Stripe took 19.00 USD as pi_")
    assert "for order 2, which does not count it" in "".join(unheard)
    await till.catch_up()
    charge = till.sandbox.all("charges")[0]
    till.sandbox.switch(f"charges/{charge['id']}/refund", amount=500)
    (told,) = (await audited(till)).differences
    assert "Stripe gave back 5.00 USD" in told and "which does not know it" in told
    await till.catch_up()
    found = await audited(till)
    assert (found.payments, found.refunds, found.differences) == (2, 1, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update orders set paid = paid - 1", "counts 18.99 USD as pi_"),
        ("update orders set payment = 'pi_forged'", "as pi_forged, which Stripe does not list"),
        ("update orders set refunds = jsonb_build_object('re_forged', 5)", "refund re_forged of"),
    ],
)
async def test_what_an_order_says_and_stripe_does_not_is_a_difference(
    world: World, till: Till, change: str, said: str
) -> None:
    muff = (await listing(world, ships=False)).product
    till.pay((await ordered(till, await filled(world, muff)))["session_id"])
    await till.catch_up()
    assert (await audited(till)).differences == []
    await world.rows(f"{change} returning id")
    differences = (await audited(till)).differences
    assert any(said in one for one in differences)
