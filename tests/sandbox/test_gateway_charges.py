"""Charging saved cards: taken, declined, not chargeable, or nobody knows (P2, P4)."""

import asyncio
from typing import Any

import pytest
import stripe

from milepost.gateways import refusals
from milepost.gateways.stripe import (
    Card,
    Declined,
    PaymentUnavailable,
    StripeGateway,
    TaxUnknown,
    Unchargeable,
)
from tests.sandbox.door import (
    AS_STRIPE_POSTS,
    ASKS_ALWAYS,
    ASKS_ONCE,
    DECLINED_LATER,
    NO_FUNDS_LATER,
    SLOW_BANK,
    charge,
    door,
    intent_of,
    page,
    pay,
    saved,
)
from tests.sandbox.process import Sandbox

pytestmark = AS_STRIPE_POSTS

DAY = 86_400


async def test_a_saved_card_pays_and_its_payment_says_for_what(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway), attempt=9)
    intent = intent_of(sandbox, payment)
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 4500, "usd")
    assert intent.description == "Field recorder"
    assert intent.automatic_payment_methods.allow_redirects == "never"
    assert intent.metadata.to_dict() == {
        "milepost_campaign": "3",
        "milepost_pledge": "70",
        "milepost_attempt": "9",
        "milepost_for": "charge",
    }


async def test_one_attempt_is_charged_once_however_often_it_is_sent(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    assert await charge(gateway, card) == await charge(gateway, card)
    assert len(sandbox.all("charges")) == 1


async def test_a_card_that_asked_once_when_saved_pays_without_its_holder(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway, ASKS_ONCE))
    assert intent_of(sandbox, payment).status == "succeeded"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (DECLINED_LATER, "generic_decline"),
        (NO_FUNDS_LATER, "insufficient_funds"),
        (ASKS_ALWAYS, "authentication_required"),
    ],
)
async def test_a_declined_card_says_why_and_which_payment_failed(
    sandbox: Sandbox, gateway: StripeGateway, number: str, code: str
) -> None:
    card = await saved(sandbox, gateway, number)
    with pytest.raises(Declined) as caught:
        await charge(gateway, card)
    (intent,) = sandbox.all("payment_intents")
    assert (caught.value.code, caught.value.intent) == (code, intent["id"])
    assert caught.value.message.startswith("Your card")


async def test_a_decline_stays_one_for_the_same_attempt(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway, DECLINED_LATER)
    told = []
    for _ in range(2):
        with pytest.raises(Declined) as caught:
            await charge(gateway, card)
        told.append(caught.value.intent)
    assert told[0] == told[1]
    assert len(sandbox.all("payment_intents")) == 1


async def test_a_detached_card_can_t_be_charged_and_leaves_no_payment(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    sandbox.stripe.v1.payment_methods.detach(card.method)
    with pytest.raises(Unchargeable, match="detached"):
        await charge(gateway, card)
    assert sandbox.all("payment_intents") == []


async def test_an_amount_too_small_can_t_be_charged(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    with pytest.raises(Unchargeable, match="at least"):
        await charge(gateway, await saved(sandbox, gateway), amount=10)


async def test_a_slow_bank_s_yes_is_awaited(sandbox: Sandbox, gateway: StripeGateway) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway, SLOW_BANK))
    assert intent_of(sandbox, payment).status == "processing"


async def test_a_stripe_that_fails_leaves_the_outcome_unknown(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    sandbox.switch("habits", fail_before=3)
    with pytest.raises(PaymentUnavailable):
        await charge(gateway, card)
    assert await charge(gateway, card)


async def test_an_answer_that_was_lost_is_the_same_payment_when_asked_again(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    sandbox.switch("habits", lose_after=3)
    with pytest.raises(PaymentUnavailable):
        await charge(gateway, card)
    (intent,) = sandbox.all("payment_intents")
    assert await charge(gateway, card) == intent["id"]


async def test_two_workers_with_one_attempt_charge_once(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    sandbox.switch("habits", answer_seconds=4.0)
    other = door(sandbox)
    answers = await asyncio.gather(
        charge(gateway, card), charge(other, card), return_exceptions=True
    )
    await other.close()
    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["PaymentUnavailable", "str"]
    assert len(sandbox.all("payment_intents")) == 1


async def test_a_key_used_for_something_else_is_no_decline(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    await charge(gateway, card)
    with pytest.raises(PaymentUnavailable, match="same parameters"):
        await charge(gateway, card, amount=4600)


async def test_nobody_is_charged_with_a_wrong_key_of_the_shop(
    sandbox: Sandbox,
) -> None:
    stranger = door(sandbox, "sk_test_wrong")
    with pytest.raises(PaymentUnavailable, match="Invalid API Key"):
        await charge(stranger, Card("cus_x", "pm_x"))
    await stranger.close()


def test_a_refusal_that_names_a_payment_is_a_decline_since_its_event_will_come() -> None:
    told: dict[str, Any] = {
        "error": {
            "type": "invalid_request_error",
            "code": "payment_intent_unexpected_state",
            "message": "You cannot confirm this PaymentIntent.",
            "payment_intent": {"id": "pi_1", "object": "payment_intent"},
        }
    }
    error = stripe.InvalidRequestError("You cannot.", None, told["error"]["code"], json_body=told)
    refusal = refusals.of_charge(error)
    assert isinstance(refusal, Declined)
    assert (refusal.code, refusal.intent) == ("payment_intent_unexpected_state", "pi_1")


async def test_a_charge_is_found_when_stripe_has_forgotten_its_key(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    payment = await charge(gateway, card, attempt=9)
    await charge(gateway, card, attempt=10)
    sandbox.switch("clock", advance=2 * DAY)
    assert await gateway.find_charge(card.customer, 9) == payment
    assert await gateway.find_charge(card.customer, 11) is None


async def test_a_payment_on_a_page_is_no_charge_of_its_attempt(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    pay(sandbox, await page(gateway, purpose="mend", customer=card.customer, attempt_id=9))
    assert await gateway.find_charge(card.customer, 9) is None


async def test_a_charge_is_found_behind_more_than_a_page_of_others(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    payment = await charge(gateway, card, attempt=9)
    for _ in range(101):
        sandbox.stripe.v1.payment_intents.create(
            {"amount": 900, "currency": "usd", "customer": card.customer}
        )
    assert await gateway.find_charge(card.customer, 9) == payment


async def test_a_declined_charge_is_found_as_declined(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway, NO_FUNDS_LATER)
    with pytest.raises(Declined) as first:
        await charge(gateway, card)
    with pytest.raises(Declined) as found:
        await gateway.find_charge(card.customer, 9)
    assert (found.value.code, found.value.intent) == ("insufficient_funds", first.value.intent)


async def test_a_declined_charge_can_be_cancelled_and_a_paid_one_stays(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    with pytest.raises(Declined) as caught:
        await charge(gateway, await saved(sandbox, gateway, DECLINED_LATER))
    await gateway.cancel_charge(caught.value.intent)
    await gateway.cancel_charge(caught.value.intent)
    assert intent_of(sandbox, caught.value.intent).status == "canceled"
    card = await saved(sandbox, gateway, idempotency_key="another")
    payment = await charge(gateway, card, attempt=10)
    await gateway.cancel_charge(payment)
    assert intent_of(sandbox, payment).status == "succeeded"


async def test_tax_is_calculated_for_a_place_and_charged_with_the_sum(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    tax, calculation = await gateway.calculate_tax(
        amount=4500, currency="EUR", country="DE", postal_code="53111", reference="pledge 70"
    )
    assert tax == 855
    payment = await charge(
        gateway, card, amount=4500 + tax, currency="EUR", tax_calculation=calculation
    )
    intent = intent_of(sandbox, payment)
    assert intent.hooks.inputs.tax.calculation == calculation
    assert intent.amount_received == 5355


async def test_a_calculation_of_another_sum_is_not_charged(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    _, calculation = await gateway.calculate_tax(
        amount=4500, currency="USD", country="US", postal_code="94107", reference="pledge 70"
    )
    card = await saved(sandbox, gateway)
    with pytest.raises(Unchargeable, match="comes to 4950"):
        await charge(gateway, card, tax_calculation=calculation)


async def test_a_place_that_is_nowhere_has_no_tax(gateway: StripeGateway) -> None:
    for country, why in (("ZZ", "unknown"), ("US", "postal code")):
        with pytest.raises(TaxUnknown, match=why):
            await gateway.calculate_tax(amount=100, currency="USD", country=country, reference="x")


async def test_a_saved_card_tells_where_its_holder_is_taxed(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, mode="setup", lines=[], tax=True)
    pay(sandbox, opened, country="DE", postal_code="53111")
    card = await gateway.card_of_checkout(opened.session)
    assert card is not None
    assert await gateway.place_of_card(card.method) == ("DE", "53111")


async def test_a_card_without_a_country_has_no_tax(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    method = sandbox.stripe.v1.payment_methods.retrieve("pm_card_visa")
    with pytest.raises(TaxUnknown, match="nobody told the country"):
        await gateway.place_of_card(method.id)
    with pytest.raises(TaxUnknown, match="No such"):
        await gateway.place_of_card("pm_nobody")
