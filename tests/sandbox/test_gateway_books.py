"""Refunds, and Stripe's books read back to be held against ours (C7)."""

from datetime import UTC, datetime, timedelta

import pytest

from milepost.gateways.stripe import PaymentUnavailable, RefundRefused, StripeGateway
from tests.sandbox.door import AS_STRIPE_POSTS, LONG_AGO, charge, page, pay, saved
from tests.sandbox.process import Sandbox

pytestmark = AS_STRIPE_POSTS

HOUR = timedelta(hours=1)


async def paid(sandbox: Sandbox, gateway: StripeGateway) -> str:
    """A payment of 45.00."""
    return await charge(gateway, await saved(sandbox, gateway))


async def test_a_refund_gives_back_a_part_once_and_says_of_which_goods(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    goods = {"milepost_goods": "900", "milepost_units": "1", "milepost_tiers": ""}
    first = await gateway.refund(payment, 1000, "refund-1", goods)
    assert await gateway.refund(payment, 1000, "refund-1", goods) == first
    (refund,) = sandbox.all("refunds")
    assert (refund["id"], refund["amount"]) == (first, 1000)
    assert refund["metadata"] == {"milepost_goods": "900", "milepost_units": "1"}


async def test_a_refund_of_more_than_is_left_is_refused_for_good(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    with pytest.raises(RefundRefused, match="greater than") as caught:
        await gateway.refund(payment, 4600, "too-much")
    assert caught.value.message.startswith("Refund amount")
    await gateway.refund(payment, 4500, "all")
    with pytest.raises(RefundRefused, match="already been refunded"):
        await gateway.refund(payment, 1, "more")


async def test_a_disputed_payment_is_not_refunded_beside_the_dispute(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    (taken,) = sandbox.all("charges")
    sandbox.switch(f"charges/{taken['id']}/dispute")
    with pytest.raises(RefundRefused, match="charged back"):
        await gateway.refund(payment, 4500, "all")


async def test_a_refund_that_could_not_be_asked_for_may_be_asked_again(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    sandbox.switch("habits", fail_before=3)
    with pytest.raises(PaymentUnavailable):
        await gateway.refund(payment, 4500, "all")
    assert sandbox.all("refunds") == []
    assert await gateway.refund(payment, 4500, "all")


async def test_every_payment_is_read_back_with_what_it_brought_in(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    pay(sandbox, await page(gateway, currency="EUR"), "4000000000000002")
    declined, taken = [found async for found in gateway.payments_since(LONG_AGO)]
    assert (taken.id, taken.payment) == (payment, payment)
    assert (taken.amount, taken.currency, taken.status) == (4500, "USD", "succeeded")
    assert taken.metadata["milepost_for"] == "charge"
    assert abs(taken.created - datetime.now(UTC)) < HOUR
    assert (declined.amount, declined.currency) == (0, "EUR")
    assert declined.status == "requires_payment_method"


async def test_every_refund_is_read_back_with_the_payment_that_it_gives_back(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    refund = await gateway.refund(payment, 1000, "one", {"milepost_goods": "1000"})
    sandbox.switch(f"refunds/{refund}/fail")
    (found,) = [found async for found in gateway.refunds_since(LONG_AGO)]
    assert (found.id, found.payment, found.amount) == (refund, payment, 1000)
    assert (found.currency, found.status) == ("USD", "failed")
    assert found.metadata == {"milepost_goods": "1000"}


async def test_books_are_read_from_a_moment_on(sandbox: Sandbox, gateway: StripeGateway) -> None:
    card = await saved(sandbox, gateway)
    old = await charge(gateway, card, attempt=1)
    await gateway.refund(old, 100, "old")
    sandbox.switch("clock", advance=7200)
    new = await charge(gateway, card, attempt=2)
    late = await gateway.refund(old, 200, "new")
    since = datetime.now(UTC) + HOUR
    assert [p.id async for p in gateway.payments_since(since)] == [new]
    assert [r.id async for r in gateway.refunds_since(since)] == [late]


async def test_books_longer_than_a_page_are_read_to_their_end(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await paid(sandbox, gateway)
    for at in range(101):
        sandbox.stripe.v1.refunds.create(
            {"payment_intent": payment, "amount": 1}, {"idempotency_key": str(at)}
        )
    assert len([refund async for refund in gateway.refunds_since(LONG_AGO)]) == 101


async def test_books_that_can_t_be_read_say_so(sandbox: Sandbox, gateway: StripeGateway) -> None:
    sandbox.switch("habits", fail_before=6)
    with pytest.raises(PaymentUnavailable):
        _ = [found async for found in gateway.payments_since(LONG_AGO)]
    with pytest.raises(PaymentUnavailable):
        _ = [found async for found in gateway.refunds_since(LONG_AGO)]
