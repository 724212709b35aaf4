"""Payment pages: whose they are, what they are for, and the card that one saves."""

from milepost.gateways.stripe import Card, StripeGateway
from tests.sandbox.door import AS_STRIPE_POSTS, ASKS_ONCE, PLEDGE, page, pay, saved
from tests.sandbox.process import Sandbox

pytestmark = AS_STRIPE_POSTS

OURS = {"milepost_campaign": "3", "milepost_pledge": "70"}


async def test_a_page_and_its_payment_say_whose_they_are_and_what_for(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, purpose="mend", attempt_id=12)
    pay(sandbox, opened)
    session = sandbox.stripe.v1.checkout.sessions.retrieve(
        opened.session, {"expand": ["payment_intent"]}
    )
    wanted = {**OURS, "milepost_attempt": "12", "milepost_for": "mend"}
    assert session.metadata.to_dict() == wanted
    assert session.payment_intent.metadata.to_dict() == wanted
    assert session.client_reference_id == str(PLEDGE)


async def test_the_pledge_s_own_page_says_no_more_than_it_used_to(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway)
    (session,) = sandbox.all("sessions")
    assert (session["id"], session["metadata"]) == (opened.session, OURS)


async def test_a_page_that_saves_a_card_marks_what_saves_it(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    await page(gateway, mode="setup", lines=[], purpose="card", attempt_id=4)
    (setup,) = sandbox.all("setup_intents")
    assert setup["metadata"] == {**OURS, "milepost_attempt": "4", "milepost_for": "card"}


async def test_the_card_of_a_page_is_known_once_the_page_is_complete(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, mode="setup", lines=[])
    assert await gateway.card_of_checkout(opened.session) is None
    pay(sandbox, opened)
    (setup,) = sandbox.all("setup_intents")
    card = Card(setup["customer"], setup["payment_method"])
    assert await gateway.card_of_checkout(opened.session) == card


async def test_a_card_whose_holder_is_still_being_asked_is_not_saved(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, mode="setup", lines=[])
    assert pay(sandbox, opened, ASKS_ONCE, authenticate="leave") == "requires_action"
    assert await gateway.card_of_checkout(opened.session) is None


async def test_a_page_that_took_a_payment_saved_no_card(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway)
    pay(sandbox, opened)
    assert await gateway.card_of_checkout(opened.session) is None
    assert await gateway.card_of_checkout("cs_test_nobody") is None


async def test_another_card_is_saved_to_the_same_customer(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    first = await saved(sandbox, gateway)
    second = await saved(sandbox, gateway, purpose="card", customer=first.customer)
    assert second.customer == first.customer
    assert second.method != first.method
    assert len(sandbox.all("customers")) == 1


async def test_a_payment_page_takes_the_customer_who_is_known(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    pay(sandbox, await page(gateway, purpose="mend", customer=card.customer, email="x@y.example"))
    (intent,) = sandbox.all("payment_intents")
    assert intent["customer"] == card.customer
    assert len(sandbox.all("customers")) == 1


async def test_an_address_is_filled_in_for_who_is_not_known(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, email="eli@example.org")
    session = sandbox.stripe.v1.checkout.sessions.retrieve(opened.session)
    assert (session.customer_email, session.customer) == ("eli@example.org", None)


async def test_tax_is_added_on_top_by_the_payer_s_country(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    for country, tax in (("DE", 855), ("US", 450)):
        opened = await page(gateway, tax=True, idempotency_key=country)
        assert pay(sandbox, opened, country=country) == "complete"
        session = sandbox.stripe.v1.checkout.sessions.retrieve(opened.session)
        assert session.total_details.amount_tax == tax
        assert (session.amount_subtotal, session.amount_total) == (4500, 4500 + tax)
        assert session.automatic_tax.status == "complete"
        intent = sandbox.stripe.v1.payment_intents.retrieve(session.payment_intent)
        assert intent.amount_received == 4500 + tax


async def test_a_known_customer_is_taxed_by_the_address_told_on_the_page(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway)
    opened = await page(gateway, tax=True, customer=card.customer, purpose="change")
    pay(sandbox, opened, country="DE", line1="2 Weg", city="Bonn", postal_code="53111")
    session = sandbox.stripe.v1.checkout.sessions.retrieve(opened.session)
    assert session.total_details.amount_tax == 855
    address = sandbox.stripe.v1.customers.retrieve(card.customer).address
    assert (address.country, address.line1) == ("DE", "2 Weg")


async def test_a_page_that_saves_a_card_asks_for_the_address_and_taxes_nothing(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, mode="setup", lines=[], tax=True)
    told = sandbox.switch("pay", session=opened.session, line1="")
    assert told["problems"] == {"line1": "Enter the street and number."}
    assert pay(sandbox, opened, line1="1 Road") == "complete"
    (method,) = (m for m in sandbox.all("payment_methods") if m["customer"])
    assert method["billing_details"]["address"]["line1"] == "1 Road"
    assert sandbox.stripe.v1.checkout.sessions.retrieve(opened.session).total_details is None


async def test_no_tax_is_added_unless_it_is_asked_for(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway)
    pay(sandbox, opened, country="DE")
    session = sandbox.stripe.v1.checkout.sessions.retrieve(opened.session)
    assert (session.amount_total, session.automatic_tax.enabled) == (4500, False)
