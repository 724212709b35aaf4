"""Checkout Sessions by API: what makes one, and what is refused."""

import time
from typing import Any

import pytest
import stripe

from tests.sandbox.process import PRINT, Sandbox


def refused(make: Any, *args: Any, **more: Any) -> stripe.InvalidRequestError:
    """The refusal that a call meets."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        make(*args, **more)
    return caught.value


def test_a_new_session_is_open_unpaid_and_has_a_page(shared: Sandbox) -> None:
    session = shared.session(4500, metadata={"pledge": "p1"}, client_reference_id="cart-9")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (4500, "usd")
    assert session.url == f"{shared.url}/pay/{session.id}"
    assert session.metadata.to_dict() == {"pledge": "p1"}
    assert session.client_reference_id == "cart-9"
    assert session.payment_intent is None
    assert session.expires_at == session.created + 24 * 60 * 60


def test_the_total_is_the_sum_of_the_line_items(shared: Sandbox) -> None:
    prices = [(1250, 3), (700, 1)]
    session = shared.session(
        line_items=[
            {
                "price_data": {"currency": "eur", "unit_amount": unit, "product_data": PRINT},
                "quantity": quantity,
            }
            for unit, quantity in prices
        ]
    )
    items = shared.stripe.v1.checkout.sessions.line_items.list(session.id, {"limit": 1})
    assert session.amount_total == 4450
    assert [item.amount_total for item in items.auto_paging_iter()] == [3750, 700]


def test_an_order_that_costs_nothing_needs_no_payment(shared: Sandbox) -> None:
    session = shared.session(0)
    assert session.payment_status == "no_payment_required"
    assert shared.pay(session)["status"] == "complete"
    assert shared.retrieve(session).payment_intent is None


@pytest.mark.parametrize("ahead", [60, 29 * 60 - 60, 24 * 3600 + 300])
def test_a_session_expires_between_half_an_hour_and_a_day_from_now(
    shared: Sandbox, ahead: int
) -> None:
    error = refused(shared.session, expires_at=int(time.time()) + ahead)
    assert error.param == "expires_at"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"mode": None}, "mode"),
        ({"mode": "subscription"}, "line_items[0][price_data][recurring]"),
        ({"line_items": None}, "line_items"),
        ({"success_url": None}, "success_url"),
        ({"success_url": "thanks"}, "success_url"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"customer_email": "dana"}, "customer_email"),
        ({"customer_update": {"name": "auto"}}, "customer_update"),
        ({"ui_mode": "elements"}, "ui_mode"),
        ({"setup_intent_data": {"description": "x"}}, "setup_intent_data"),
        ({"allowed_payment_method_types": ["klarna"]}, "allowed_payment_method_types"),
        ({"metadata": {"x" * 41: "1"}}, "metadata"),
        ({"metadata": {"note": "x" * 501}}, "metadata[note]"),
        ({"metadata": {str(n) + "k": "1" for n in range(51)}}, "metadata"),
        ({"payment_intent_data": {"metadata": {"x" * 41: "1"}}}, "payment_intent_data[metadata]"),
    ],
)
def test_what_stripe_would_refuse_is_refused(
    shared: Sandbox, changes: dict[str, Any], param: str
) -> None:
    assert refused(shared.session, **changes).param == param


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "usd", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (-1, "usd", "parameter_invalid_integer"),
    ],
)
def test_an_amount_has_its_bounds(shared: Sandbox, amount: int, currency: str, code: str) -> None:
    assert refused(shared.session, amount, currency).code == code


def test_a_currency_must_be_one_that_stripe_takes(shared: Sandbox) -> None:
    assert "Invalid currency: xyz" in str(refused(shared.session, 500, "xyz"))


def test_setup_mode_needs_a_currency_and_takes_no_line_items(shared: Sandbox) -> None:
    assert refused(shared.setup_session, currency=None).param == "currency"
    item = {
        "price_data": {"currency": "usd", "unit_amount": 500, "product_data": PRINT},
        "quantity": 1,
    }
    assert refused(shared.setup_session, line_items=[item]).param == "line_items"


def test_setup_mode_makes_its_setup_intent_at_once_with_its_metadata(shared: Sandbox) -> None:
    session = shared.setup_session(setup_intent_data={"metadata": {"pledge": "p2"}})
    setup = shared.stripe.v1.setup_intents.retrieve(session.setup_intent)
    assert (setup.status, setup.usage) == ("requires_payment_method", "off_session")
    assert setup.metadata.to_dict() == {"pledge": "p2"}
    assert session.payment_status == "no_payment_required"


def test_only_an_open_session_can_be_expired(shared: Sandbox) -> None:
    session = shared.session()
    expire = shared.stripe.v1.checkout.sessions.expire
    assert expire(session.id).status == "expired"
    assert "status of expired" in str(refused(expire, session.id))


def test_expiring_cancels_an_intent_that_was_already_tried(shared: Sandbox) -> None:
    session = shared.session()
    shared.pay(session, "4000000000000002")
    expired = shared.stripe.v1.checkout.sessions.expire(session.id)
    intent = shared.stripe.v1.payment_intents.retrieve(expired.payment_intent)
    assert intent.status == "canceled"


def test_bank_debit_is_offered_where_the_currency_has_one(shared: Sandbox) -> None:
    offered = {c: shared.session(5000, c).payment_method_types for c in ("usd", "eur", "jpy")}
    assert offered == {
        "usd": ["card", "us_bank_account"],
        "eur": ["card", "sepa_debit"],
        "jpy": ["card"],
    }
    only_card = shared.session(allowed_payment_method_types=["card"])
    assert only_card.payment_method_types == ["card"]


def test_sessions_are_listed_newest_first_and_by_their_fields(shared: Sandbox) -> None:
    made = [shared.session(customer_email="list@example.org").id for _ in range(3)]
    sessions = shared.stripe.v1.checkout.sessions
    found = sessions.list({"customer_details": {"email": "list@example.org"}, "limit": 2})
    assert [session.id for session in found.data] == made[:0:-1]
    assert found.has_more
    assert [session.id for session in found.auto_paging_iter()] == made[::-1]


def test_a_session_nobody_made_is_not_found(shared: Sandbox) -> None:
    error = refused(shared.stripe.v1.checkout.sessions.retrieve, "cs_test_none")
    assert (error.http_status, error.code) == (404, "resource_missing")
