"""Tax as the sandbox reckons it, and what it refuses to reckon."""

from typing import Any

import pytest
import stripe

from tests.sandbox.process import Sandbox


def items(amount: int = 4500, currency: str = "usd", **more: Any) -> dict[str, Any]:
    """A session's parameters for one print with tax on top."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Print"}}
    price |= {"tax_behavior": "exclusive", **more}
    return {
        "automatic_tax": {"enabled": True},
        "line_items": [{"price_data": price, "quantity": 1}],
    }


def tax_of(sandbox: Sandbox, amount: int, currency: str, country: str = "US") -> Any:
    """The tax of a calculation."""
    made = sandbox.stripe.v1.tax.calculations.create(
        {
            "currency": currency,
            "line_items": [{"amount": amount, "reference": "x"}],
            "customer_details": {"address": {"country": country, "postal_code": "94107"}},
        }
    )
    return made.tax_amount_exclusive


def test_tax_is_rounded_half_up_to_what_the_currency_can_charge(sandbox: Sandbox) -> None:
    assert tax_of(sandbox, 45, "usd") == 5
    assert tax_of(sandbox, 44, "usd") == 4
    assert tax_of(sandbox, 50, "eur", "DE") == 10
    assert tax_of(sandbox, 12_340, "kwd") == 1_230


def test_a_page_says_that_tax_comes_on_top_until_it_knows_how_much(sandbox: Sandbox) -> None:
    session = sandbox.session(**items())
    assert (session.amount_total, session.automatic_tax.status) == (
        4500,
        "requires_location_inputs",
    )
    assert "Pay $45.00 plus tax" in sandbox.http.get(f"/pay/{session.id}").text
    declined = sandbox.form(number="4000000000000002", country="DE")
    shown = sandbox.http.post(f"/pay/{session.id}", data=declined).text
    assert "Pay $53.55</button>" in shown
    assert "<dt>Tax</dt><dd>$8.55</dd>" in shown


def test_the_tax_of_a_second_try_is_that_of_its_own_country(sandbox: Sandbox) -> None:
    session = sandbox.session(**items())
    sandbox.pay(session, "4000000000000002", country="DE")
    sandbox.pay(session, country="US")
    (intent,) = sandbox.all("payment_intents")
    assert intent["amount_received"] == 4950
    assert sandbox.retrieve(session).total_details.amount_tax == 450
    (item,) = sandbox.retrieve(session, "line_items").line_items.data
    assert (item.amount_tax, item.amount_total) == (450, 4950)


def test_shipping_is_taxed_where_the_parcel_goes(sandbox: Sandbox) -> None:
    rate = {"type": "fixed_amount", "display_name": "Post"}
    fixed = {"fixed_amount": {"amount": 1000, "currency": "usd"}}
    session = sandbox.session(
        **items(),
        shipping_address_collection={"allowed_countries": ["DE", "US"]},
        shipping_options=[{"shipping_rate_data": {**rate, **fixed}}],
    )
    sandbox.pay(session, country="US", ship_country="DE")
    now = sandbox.retrieve(session)
    assert now.total_details.amount_tax == 855 + 190
    assert now.shipping_cost.amount_total == 1190
    assert now.amount_total == 5500 + 1045


def test_a_known_home_is_taxed_from_the_start(sandbox: Sandbox) -> None:
    customer = sandbox.stripe.v1.customers.create({"address": {"country": "DE"}})
    session = sandbox.session(**items(), customer=customer.id)
    assert (session.amount_total, session.automatic_tax.status) == (5355, "complete")


def test_a_customer_without_a_home_needs_one_told(sandbox: Sandbox) -> None:
    customer = sandbox.stripe.v1.customers.create({"name": "Dana"})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.session(**items(), customer=customer.id)
    assert caught.value.code == "customer_tax_location_invalid"


def test_prices_that_don_t_say_how_they_are_taxed_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="exclusive") as caught:
        sandbox.session(**items(tax_behavior="inclusive"))
    assert caught.value.code == "not_in_sandbox"


def test_saving_a_card_is_not_taxed(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="setup"):
        sandbox.setup_session(automatic_tax={"enabled": True})


def test_a_calculation_is_good_for_ninety_days(sandbox: Sandbox) -> None:
    made = sandbox.stripe.v1.tax.calculations.create(
        {
            "currency": "usd",
            "line_items": [{"amount": 900, "reference": "x"}],
            "customer_details": {"address": {"country": "US", "postal_code": "94107"}},
        }
    )
    told = {"amount": 990, "currency": "usd"}
    hooks = {"inputs": {"tax": {"calculation": made.id}}}
    assert sandbox.stripe.v1.payment_intents.create({**told, "hooks": hooks})
    sandbox.switch("clock", advance=91 * 86_400)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        sandbox.stripe.v1.payment_intents.create({**told, "hooks": hooks})
