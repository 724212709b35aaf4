"""Every object has all the fields that Stripe's published schema requires, and no others."""

import contextlib
from typing import Any, get_args

import pytest
import stripe

from tests.sandbox.process import Endpoint, Sandbox, soon
from tests.sandbox.shapes import CLASSES, SHAPES, invented, missing

SHELVES = [
    "sessions",
    "payment_intents",
    "setup_intents",
    "charges",
    "refunds",
    "disputes",
    "customers",
    "payment_methods",
    "subscriptions",
    "invoices",
    "invoice_payments",
]


CALCULATION = {
    "currency": "usd",
    "line_items": [{"amount": 900, "reference": "pledge 7"}],
    "customer_details": {"address": {"country": "DE"}, "address_source": "billing"},
}


@pytest.fixture(scope="module")
def busy() -> Any:
    """A sandbox in which everything has happened once."""
    with Endpoint() as endpoint, Sandbox(endpoint) as sandbox:
        live_a_life(sandbox)
        yield sandbox


def live_a_life(sandbox: Sandbox) -> None:
    """Pay, save, fail, refund, dispute: something of each kind."""
    v1 = sandbox.stripe.v1
    sandbox.session(customer_email="eli@example.org", expires_at=soon())
    sandbox.pay(sandbox.session(customer_creation="always"))
    rate = {"type": "fixed_amount", "display_name": "Post"}
    sandbox.pay(
        sandbox.session(
            shipping_address_collection={"allowed_countries": ["US", "DE"]},
            shipping_options=[
                {"shipping_rate_data": {**rate, "fixed_amount": {"amount": 500, "currency": "usd"}}}
            ],
            phone_number_collection={"enabled": True},
            custom_text={"submit": {"message": "Thank you."}},
        )
    )
    sandbox.pay(sandbox.session(), "4000002760003184")
    for number in ("4000000000000002", "4000000000000127", "4000000000000119"):
        sandbox.pay(sandbox.session(), number)
    sandbox.pay(sandbox.session(), "4000002760003184", authenticate="refuse")
    sandbox.pay(sandbox.session(), "4000002760003184", authenticate="leave")
    for currency, account in (
        ("usd", "000123456789"),
        ("eur", "AT611904300234573201"),
        ("gbp", "00012345"),
    ):
        slow = sandbox.session(currency=currency)
        sandbox.pay(slow, account)
        sandbox.switch(f"sessions/{slow.id}/settle")
        v1.refunds.create({"payment_intent": sandbox.retrieve(slow).payment_intent})
    failed = sandbox.session()
    sandbox.pay(failed, "000111111116")
    sandbox.switch(f"sessions/{failed.id}/fail")
    sandbox.stripe.v1.checkout.sessions.expire(sandbox.session().id)
    for number in ("4242424242424242", "4000000000000002", "4000002500003155"):
        sandbox.pay(sandbox.setup_session(customer_creation="always"), number)
    sandbox.pay(sandbox.setup_session(), "4000002500003155", authenticate="refuse")
    v1.checkout.sessions.expire(sandbox.setup_session().id)
    sandbox.pay(sandbox.session(), "4000000000000259")
    late = sandbox.session()
    sandbox.pay(late, "4000000000005126")
    refund = v1.refunds.create({"payment_intent": sandbox.retrieve(late).payment_intent})
    sandbox.switch(f"refunds/{refund.id}/fail")
    customer = v1.customers.create(
        {
            "email": "dana@example.org",
            "name": "Dana",
            "shipping": {"address": {"line1": "1 Road"}, "name": "Dana"},
            "address": {"city": "Springfield"},
        }
    )
    for token in ("pm_card_visa", "pm_card_chargeCustomerFail"):
        saved = v1.payment_methods.attach(token, {"customer": customer.id})
        with contextlib.suppress(stripe.CardError):
            sandbox.charge_saved(customer.id, saved.id, metadata={"pledge": "7"})
    v1.payment_methods.detach(saved.id)
    v1.customers.update(customer.id, {"metadata": {"tier": "gold"}})
    pay_with_tax(sandbox, customer.id)
    subscribe_for_a_while(sandbox)
    intent = v1.payment_intents.create({"amount": 900, "currency": "usd"})
    v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    sandbox.settle()
    for dispute in sandbox.all("disputes"):
        sandbox.switch(f"disputes/{dispute['id']}/win")
    sandbox.settle()


def subscribe_for_a_while(sandbox: Sandbox) -> None:
    """Subscriptions that are paid, declined until they are over, and cancelled."""
    v1 = sandbox.stripe.v1
    begun = [sandbox.retrieve(sandbox.subscription()) for _ in range(3)]
    sandbox.pay_later_with(begun[1].subscription, "pm_card_chargeCustomerFail")
    v1.subscriptions.update(begun[2].subscription, {"cancel_at_period_end": True})
    sandbox.switch("clock", advance=50 * 86_400)
    v1.subscriptions.cancel(begun[0].subscription)
    sandbox.switch("clock", advance=-50 * 86_400)


def pay_with_tax(sandbox: Sandbox, customer: str) -> None:
    """Tax on a page, known from the start and not, and tax that was calculated beforehand."""
    price = {
        "currency": "usd",
        "unit_amount": 900,
        "tax_behavior": "exclusive",
        "product_data": {"name": "Print"},
    }
    told = {
        "automatic_tax": {"enabled": True},
        "line_items": [{"price_data": price, "quantity": 1}],
        "billing_address_collection": "required",
    }
    sandbox.pay(sandbox.session(**told))
    sandbox.session(**told, customer=customer, customer_update={"address": "auto"})
    v1 = sandbox.stripe.v1
    calculation = v1.tax.calculations.create(CALCULATION)
    saved = v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    hooks = {"inputs": {"tax": {"calculation": calculation.id}}}
    sandbox.charge_saved(customer, saved.id, amount=calculation.amount_total, hooks=hooks)


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_object_has_what_stripe_requires_and_nothing_invented(
    busy: Sandbox, shelf: str
) -> None:
    things = busy.all(shelf)
    assert things
    for thing in things:
        name = CLASSES[thing["object"]].__name__
        assert missing(thing, name) == []
        assert invented(thing, None) == []


def test_every_event_carries_a_whole_object(busy: Sandbox) -> None:
    events = [
        event.to_dict() for event in busy.stripe.v1.events.list({"limit": 100}).auto_paging_iter()
    ]
    assert len({event["type"] for event in events}) > 30
    for event in events:
        assert missing(event, "EventBase") == []
        assert invented({**event, "data": None}, None) == []
        assert set(event["data"]) <= {"object", "previous_attributes"}
        thing = event["data"]["object"]
        assert missing(thing, CLASSES[thing["object"]].__name__) == []
        assert invented(thing, None) == []


def test_events_are_of_types_that_the_library_knows(busy: Sandbox) -> None:
    known = set(get_args(stripe.Event.__annotations__["type"]))
    assert {event["type"] for event in busy.all("events")} <= known


def test_line_items_and_balance_transactions_are_whole_too(busy: Sandbox) -> None:
    v1 = busy.stripe.v1
    session = busy.all("sessions")[0]
    items = v1.checkout.sessions.line_items.list(session["id"]).to_dict()["data"]
    moved = v1.balance_transactions.list({"limit": 100}).to_dict()["data"]
    assert items and moved
    for thing in [*items, *moved]:
        assert missing(thing, CLASSES[thing["object"]].__name__) == []
        assert invented(thing, None) == []


def test_a_tax_calculation_is_whole_and_can_be_read_again(busy: Sandbox) -> None:
    made = busy.stripe.v1.tax.calculations.create(CALCULATION)
    thing = busy.stripe.v1.tax.calculations.retrieve(made.id).to_dict()
    assert thing == made.to_dict()
    assert missing(thing, "Calculation") == []
    assert invented(thing, None) == []


def test_the_required_fields_are_those_of_the_api_version_that_the_library_speaks() -> None:
    assert stripe.api_version in SHAPES["from"]


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        ("checkout.session", ["payment_intent.latest_charge", "line_items", "customer"]),
        ("checkout.session", ["payment_intent.latest_charge.balance_transaction"]),
        ("checkout.session", ["subscription.latest_invoice", "invoice.payments"]),
    ],
)
def test_expanded_objects_are_whole(busy: Sandbox, kind: str, paths: list[str]) -> None:
    for session in busy.all("sessions")[:6]:
        thing = busy.stripe.v1.checkout.sessions.retrieve(
            session["id"], {"expand": paths}
        ).to_dict()
        assert missing(thing, "Session") == []
        assert invented(thing, None) == []


def test_the_check_itself_notices_a_missing_and_an_invented_field(busy: Sandbox) -> None:
    charge = busy.all("charges")[0]
    del charge["billing_details"]["address"]["city"]
    charge["outcome"]["mood"] = "sunny"
    assert missing(charge, "Charge") == [".billing_details.address.city"]
    assert invented(charge, None) == [".outcome.mood"]
