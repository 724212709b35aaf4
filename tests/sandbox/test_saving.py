"""Saving a card now and charging it later, while its holder is away."""

from typing import Any

import pytest
import stripe

from tests.sandbox.process import Sandbox


def save(sandbox: Sandbox, card: str = "4242424242424242") -> tuple[str, str]:
    """A customer and the payment method saved through a session."""
    session = sandbox.setup_session(customer_creation="always")
    assert sandbox.pay(session, card)["status"] == "complete"
    setup = sandbox.retrieve(session, "setup_intent").setup_intent
    return setup.customer, setup.payment_method


def test_a_saved_card_is_charged_nothing_and_attached(sandbox: Sandbox) -> None:
    customer, method = save(sandbox)
    assert sandbox.stripe.v1.payment_methods.retrieve(method).customer == customer
    assert sandbox.all("charges") == []
    assert sandbox.settle() == [
        "setup_intent.created",
        "customer.created",
        "payment_method.attached",
        "setup_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_saved_card_can_be_charged_later(sandbox: Sandbox) -> None:
    customer, method = save(sandbox)
    intent = sandbox.charge_saved(customer, method, metadata={"pledge": "p1"})
    assert (intent.status, intent.amount_received) == ("succeeded", 900)
    charge = sandbox.stripe.v1.charges.retrieve(intent.latest_charge)
    assert (charge.customer, charge.metadata.to_dict()) == (customer, {"pledge": "p1"})


def test_a_card_that_asks_once_was_asked_when_saved(sandbox: Sandbox) -> None:
    customer, method = save(sandbox, "4000002500003155")
    assert "setup_intent.requires_action" in sandbox.settle()
    assert sandbox.charge_saved(customer, method).status == "succeeded"


def test_a_card_already_set_up_is_charged_without_its_holder(sandbox: Sandbox) -> None:
    customer, method = save(sandbox, "4000003800000446")
    assert sandbox.charge_saved(customer, method).status == "succeeded"


def declined(sandbox: Sandbox, customer: str, method: str) -> Any:
    """The decline that a later charge meets."""
    with pytest.raises(stripe.CardError) as caught:
        sandbox.charge_saved(customer, method)
    return caught.value


def test_a_card_that_always_asks_fails_while_its_holder_is_away(sandbox: Sandbox) -> None:
    error = declined(sandbox, *save(sandbox, "4000002760003184"))
    assert (error.http_status, error.code) == (402, "authentication_required")


def test_a_card_that_saves_but_cannot_pay_fails_later_with_its_intent(sandbox: Sandbox) -> None:
    error = declined(sandbox, *save(sandbox, "4000000000000341"))
    assert (error.code, error.error.decline_code) == ("card_declined", "generic_decline")
    intent = sandbox.stripe.v1.payment_intents.retrieve(error.error.payment_intent["id"])
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert sandbox.settle()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_failed_charge_can_be_tried_again_with_another_card(sandbox: Sandbox) -> None:
    customer, method = save(sandbox, "4000000000000341")
    error = declined(sandbox, customer, method)
    better = sandbox.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    intent = sandbox.stripe.v1.payment_intents.confirm(
        error.error.payment_intent["id"], {"payment_method": better.id, "off_session": True}
    )
    assert intent.status == "succeeded"


@pytest.mark.parametrize("number", ["4000000000000002", "4000000000009995"])
def test_a_card_that_its_bank_refuses_cannot_be_saved(sandbox: Sandbox, number: str) -> None:
    session = sandbox.setup_session()
    outcome = sandbox.pay(session, number)
    assert (outcome["status"], outcome["error"]["code"]) == ("open", "card_declined")
    assert sandbox.settle()[-1] == "setup_intent.setup_failed"
    assert sandbox.pay(session)["status"] == "complete"


def test_refusing_to_authenticate_saves_nothing(sandbox: Sandbox) -> None:
    session = sandbox.setup_session()
    outcome = sandbox.pay(session, "4000002500003155", authenticate="refuse")
    assert outcome["error"]["code"] == "setup_intent_authentication_failure"
    assert sandbox.retrieve(session).status == "open"


def test_somebody_else_s_card_is_refused(sandbox: Sandbox) -> None:
    _, method = save(sandbox)
    other = sandbox.stripe.v1.customers.create({"name": "Eli"})
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        sandbox.charge_saved(other.id, method)


def test_a_detached_card_cannot_be_used_again(sandbox: Sandbox) -> None:
    customer, method = save(sandbox)
    sandbox.stripe.v1.payment_methods.detach(method)
    assert sandbox.stripe.v1.customers.payment_methods.list(customer).data == []
    with pytest.raises(stripe.InvalidRequestError, match="detached"):
        sandbox.charge_saved(customer, method)


def test_a_card_that_can_t_be_charged_can_t_be_attached_by_api_either(sandbox: Sandbox) -> None:
    customer = sandbox.stripe.v1.customers.create({"name": "Eli"})
    with pytest.raises(stripe.CardError):
        sandbox.stripe.v1.payment_methods.attach(
            "pm_card_visa_chargeDeclined", {"customer": customer.id}
        )


def test_an_intent_of_a_session_is_cancelled_by_expiring_the_session(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session, "4000000000000002")
    intent = sandbox.retrieve(session).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="expire the Checkout Session"):
        sandbox.stripe.v1.payment_intents.cancel(intent)


def test_an_on_session_charge_sends_the_holder_to_the_bank_and_back(sandbox: Sandbox) -> None:
    customer, method = save(sandbox, "4000002760003184")
    intent = sandbox.charge_saved(
        customer, method, off_session=False, return_url="http://shop.example/back?x=1"
    )
    url = intent.next_action.redirect_to_url.url
    back = sandbox.http.post(url, data={"answer": "accept"}).headers["location"]
    assert back.startswith(f"http://shop.example/back?x=1&payment_intent={intent.id}")
    assert back.endswith("redirect_status=succeeded")


def test_mending_a_card_saves_the_new_one_to_the_same_customer(sandbox: Sandbox) -> None:
    customer, _ = save(sandbox, "4000000000000341")
    session = sandbox.setup_session(customer=customer)
    sandbox.pay(session)
    method = sandbox.retrieve(session, "setup_intent").setup_intent.payment_method
    assert sandbox.charge_saved(customer, method).status == "succeeded"
    assert len(sandbox.stripe.v1.payment_methods.list({"customer": customer}).data) == 2


def test_a_shop_may_ask_for_3_d_secure_with_every_card(sandbox: Sandbox) -> None:
    options = {"card": {"request_three_d_secure": "any"}}
    for session in (
        sandbox.session(payment_method_options=options),
        sandbox.setup_session(payment_method_options=options),
    ):
        assert sandbox.pay(session, authenticate="leave")["status"] == "requires_action"
        assert sandbox.http.get(f"/pay/{session.id}/authenticate").status_code == 200


def test_a_known_customer_is_told_anew_only_where_the_session_may(sandbox: Sandbox) -> None:
    customer = sandbox.stripe.v1.customers.create({"name": "D.", "email": "d@example.org"})
    sandbox.pay(sandbox.session(customer=customer.id))
    assert sandbox.stripe.v1.customers.retrieve(customer.id).name == "D."
    sandbox.pay(sandbox.session(customer=customer.id, customer_update={"name": "auto"}))
    assert sandbox.stripe.v1.customers.retrieve(customer.id).name == "Dana Backer"


def test_a_customer_can_be_made_with_a_default_card(sandbox: Sandbox) -> None:
    first = sandbox.stripe.v1.customers.create({"name": "Dana"})
    method = sandbox.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": first.id})
    changed = sandbox.stripe.v1.customers.update(
        first.id, {"invoice_settings": {"default_payment_method": method.id}}
    )
    assert changed.invoice_settings is not None
    assert changed.invoice_settings.default_payment_method == method.id
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.stripe.v1.customers.create(
            {"invoice_settings": {"default_payment_method": method.id}}
        )
