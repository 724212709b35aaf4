"""Paying on the hosted page, and by the scripted door that shares its path."""

from typing import Any

import httpx
import pytest

from tests.sandbox.process import Sandbox


def post(sandbox: Sandbox, session: Any, **typed: str) -> httpx.Response:
    """What a browser sends, its redirect not followed."""
    return sandbox.http.post(f"/pay/{session.id}", data=sandbox.form(**typed))


def test_a_good_card_pays_and_the_buyer_returns_to_the_shop(sandbox: Sandbox) -> None:
    session = sandbox.session(payment_intent_data={"metadata": {"pledge": "p1"}})
    answer = post(sandbox, session)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://shop.example/thanks?session={session.id}"
    paid = sandbox.retrieve(session, "payment_intent.latest_charge")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "dana@example.org"
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 4500)
    assert intent.metadata.to_dict() == intent.latest_charge.metadata.to_dict() == {"pledge": "p1"}
    assert intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert sandbox.settle() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("number", "code", "decline"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", None),
        ("4000000000000127", "incorrect_cvc", None),
        ("4000000000000341", "card_declined", "generic_decline"),
    ],
)
def test_a_decline_leaves_the_session_open_and_says_why(
    sandbox: Sandbox, number: str, code: str, decline: str | None
) -> None:
    session = sandbox.session()
    outcome = sandbox.pay(session, number)
    assert outcome["status"] == "open"
    assert (outcome["error"]["code"], outcome["error"].get("decline_code")) == (code, decline)
    intent = sandbox.retrieve(session, "payment_intent").payment_intent
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == code
    assert "payment_intent.payment_failed" in sandbox.settle()
    assert sandbox.pay(session)["status"] == "complete"
    assert sandbox.retrieve(session).payment_intent == intent.id


def test_a_declined_form_keeps_what_was_typed_but_not_the_cvc_s_neighbour(
    sandbox: Sandbox,
) -> None:
    session = sandbox.session()
    answer = post(sandbox, session, number="4000 0000 0000 9995", name="Eli <b>Backer</b>")
    assert answer.status_code == 402
    assert "Your card has insufficient funds." in answer.text
    assert 'value="4000 0000 0000 9995"' in answer.text
    assert "Eli &lt;b&gt;Backer&lt;/b&gt;" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "dana", "Enter an e-mail address"),
        ("name", " ", "Enter your full name"),
        ("number", "4242 4242", "Your card number is incomplete."),
        ("number", "4242 4242 4242 4241", "Your card number is invalid."),
        ("number", "4111 1111 1111 1111", "it takes only the well-known test cards"),
        ("expiry", "13 / 34", "Write it as MM / YY"),
        ("expiry", "01 / 20", "is in the past"),
        ("cvc", "12", "Enter the 3 digits"),
        ("country", "", "Choose a country."),
        ("postal_code", "", "Enter the postal code."),
    ],
)
def test_a_mistake_is_shown_beside_its_field_and_nothing_is_tried(
    shared: Sandbox, field: str, value: str, message: str
) -> None:
    session = shared.session()
    answer = post(shared, session, **{field: value})
    assert answer.status_code == 422
    assert f'id="{field}-problem">' in answer.text
    assert message in answer.text.replace("&#39;", "'")
    assert shared.retrieve(session).payment_intent is None


def test_3_d_secure_asks_and_accepting_pays(sandbox: Sandbox) -> None:
    session = sandbox.session()
    answer = post(sandbox, session, number="4000002760003184")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{sandbox.url}/pay/{session.id}/authenticate"
    asked = sandbox.retrieve(session, "payment_intent").payment_intent
    assert (asked.status, asked.next_action.type) == ("requires_action", "redirect_to_url")
    page = sandbox.http.get(answer.headers["location"])
    assert "Accept" in page.text and "Refuse" in page.text
    done = sandbox.http.post(answer.headers["location"], data={"answer": "accept"})
    assert done.headers["location"].startswith("http://shop.example/thanks")
    charge = sandbox.retrieve(session, "payment_intent.latest_charge").payment_intent.latest_charge
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert "payment_intent.requires_action" in sandbox.settle()


def test_3_d_secure_refused_returns_to_the_form_with_its_fields(sandbox: Sandbox) -> None:
    session = sandbox.session()
    asked = post(sandbox, session, number="4000002500003155", name="Eli Backer")
    back = sandbox.http.post(asked.headers["location"], data={"answer": "refuse"})
    assert back.status_code == 402
    assert "unable to authenticate" in back.text
    assert 'value="Eli Backer"' in back.text
    assert sandbox.retrieve(session).status == "open"
    assert sandbox.settle()[-1] == "payment_intent.payment_failed"


def test_3_d_secure_may_still_end_in_a_decline(sandbox: Sandbox) -> None:
    outcome = sandbox.pay(sandbox.session(), "4000008260003178")
    assert outcome["error"]["decline_code"] == "insufficient_funds"


def test_another_card_may_be_used_while_the_bank_is_still_asking(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session, "4000002760003184", authenticate="leave")
    assert sandbox.pay(session)["status"] == "complete"
    intent = sandbox.retrieve(session, "payment_intent").payment_intent
    assert (intent.status, intent.next_action) == ("succeeded", None)


def test_a_second_click_is_taken_to_where_the_first_one_went(sandbox: Sandbox) -> None:
    session = sandbox.session()
    answers = [post(sandbox, session) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {
        f"http://shop.example/thanks?session={session.id}"
    }
    assert len(sandbox.all("charges")) == 1


def test_the_page_of_an_expired_session_says_so_and_takes_no_payment(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.switch(f"sessions/{session.id}/expire")
    answer = post(sandbox, session)
    assert "This checkout has expired" in answer.text
    assert sandbox.all("payment_intents") == []


def test_a_card_that_must_not_be_paid_with_is_not_kept_anywhere(sandbox: Sandbox) -> None:
    session = sandbox.session()
    post(sandbox, session, number="4111 1111 1111 1111")
    assert "4111111111111111" not in sandbox.http.get("/sandbox/sessions").text
    assert "4111" not in sandbox.http.get(f"/pay/{session.id}").text


def test_a_customer_is_made_when_asked_for_or_when_the_card_is_saved(sandbox: Sandbox) -> None:
    guest, asked, saved = (
        sandbox.session(),
        sandbox.session(customer_creation="always"),
        sandbox.session(payment_intent_data={"setup_future_usage": "off_session"}),
    )
    for session in (guest, asked, saved):
        sandbox.pay(session)
    assert sandbox.retrieve(guest).customer is None
    assert sandbox.retrieve(asked).customer is not None
    customer = sandbox.retrieve(saved, "customer").customer
    assert customer.email == "dana@example.org"
    methods = sandbox.stripe.v1.payment_methods.list({"customer": customer.id})
    assert [method.card.last4 for method in methods.data] == ["4242"]


def test_a_shipping_address_is_asked_for_and_told(sandbox: Sandbox) -> None:
    session = sandbox.session(shipping_address_collection={"allowed_countries": ["DE"]})
    wrong = post(sandbox, session, line1="Am Ufer 1", city="Bremen", ship_postal_code="28195")
    assert "This can’t be sent to that country." in wrong.text
    sandbox.pay(session, ship_country="DE", city="Bremen", line1="Am Ufer 1")
    told = sandbox.retrieve(session, "payment_intent")
    assert told.collected_information.shipping_details.address.city == "Bremen"
    assert told.payment_intent.shipping.address.country == "DE"


def test_the_chosen_shipping_is_part_of_the_total(sandbox: Sandbox) -> None:
    rates = [
        {
            "shipping_rate_data": {
                "type": "fixed_amount",
                "display_name": name,
                "fixed_amount": {"amount": amount, "currency": "usd"},
            }
        }
        for name, amount in (("Letter", 300), ("Parcel", 900))
    ]
    session = sandbox.session(shipping_options=rates)
    assert session.amount_total == 4800
    sandbox.pay(session, shipping_option="1")
    paid = sandbox.retrieve(session, "payment_intent")
    assert paid.amount_total == paid.payment_intent.amount_received == 5400
    assert paid.total_details.amount_shipping == 900
