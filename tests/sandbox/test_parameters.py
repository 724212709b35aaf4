"""Nothing passes that Stripe's library doesn't declare, and nothing is ignored in silence."""

from typing import Any

import httpx
import pytest

from tests.sandbox.process import KEY, Sandbox

ITEM = {
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "4500",
    "line_items[0][price_data][product_data][name]": "Print",
    "line_items[0][quantity]": "1",
    "mode": "payment",
    "success_url": "http://shop.example/thanks",
}


def post(sandbox: Sandbox, path: str, told: dict[str, str]) -> Any:
    """A call as raw HTTP, for what the library wouldn't let one say."""
    answer = httpx.post(
        f"{sandbox.url}/v1/{path}", data=told, headers={"Authorization": f"Bearer {KEY}"}
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "name",
    [
        "colour",
        "line_items[0][price_data][product_data][weight]",
        "payment_intent_data[pledge]",
        "payment_method_types",
    ],
)
def test_an_unknown_parameter_is_refused_by_its_full_name(shared: Sandbox, name: str) -> None:
    status, body = post(shared, "checkout/sessions", {**ITEM, name: "x"})
    assert status == 400
    assert body["error"]["code"] == "parameter_unknown"
    assert body["error"]["message"] == f"Received unknown parameter: {name}"
    assert body["error"]["param"] == name


def test_several_unknown_parameters_are_named_together(shared: Sandbox) -> None:
    _, body = post(shared, "checkout/sessions", {**ITEM, "a": "1", "b[c]": "2"})
    assert body["error"]["message"] == "Received unknown parameters: a, b"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("mode", "gift", "Invalid mode: must be one of payment, setup, or subscription"),
        ("expires_at", "soon", "Invalid integer: soon"),
        ("phone_number_collection[enabled]", "yes", "Invalid boolean: yes"),
        ("line_items[0][quantity]", "1.5", "Invalid integer: 1.5"),
        ("metadata", "x", "Invalid hash: metadata"),
        ("cancel_url[x]", "y", "Invalid string: cancel_url"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(
    shared: Sandbox, name: str, value: str, message: str
) -> None:
    status, body = post(shared, "checkout/sessions", {**ITEM, name: value})
    assert (status, body["error"]["message"]) == (400, message)


def test_a_required_parameter_of_a_nested_hash_is_asked_for(shared: Sandbox) -> None:
    told = {k: v for k, v in ITEM.items() if "currency" not in k}
    _, body = post(shared, "checkout/sessions", told)
    assert body["error"]["code"] == "parameter_missing"
    assert body["error"]["param"] == "line_items[0][price_data][currency]"


def test_an_empty_value_is_refused_where_nothing_can_be_unset(shared: Sandbox) -> None:
    _, body = post(shared, "checkout/sessions", {**ITEM, "cancel_url": ""})
    assert body["error"]["code"] == "parameter_invalid_empty"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("discounts[0][coupon]", "TEN"),
        ("allow_promotion_codes", "true"),
        ("custom_fields[0][key]", "size"),
        ("invoice_creation[enabled]", "true"),
    ],
)
def test_what_stripe_does_and_the_sandbox_does_not_is_said_plainly(
    shared: Sandbox, name: str, value: str
) -> None:
    told = {**ITEM, name: value}
    if name.startswith("custom_fields"):
        told |= {
            "custom_fields[0][type]": "text",
            "custom_fields[0][label][custom]": "Size",
            "custom_fields[0][label][type]": "custom",
        }
    status, body = post(shared, "checkout/sessions", told)
    assert (status, body["error"]["code"]) == (400, "not_in_sandbox")


def test_switching_something_off_that_is_off_anyway_is_taken(shared: Sandbox) -> None:
    told = {**ITEM, "automatic_tax[enabled]": "false", "allow_promotion_codes": "false"}
    assert post(shared, "checkout/sessions", told)[0] == 200


def test_lists_may_be_written_with_empty_brackets(shared: Sandbox) -> None:
    told = {**ITEM, "expand[]": "line_items"}
    _, body = post(shared, "checkout/sessions", told)
    assert body["line_items"]["data"][0]["description"] == "Print"


def test_what_has_no_object_behind_it_cannot_be_expanded(shared: Sandbox) -> None:
    status, body = post(shared, "checkout/sessions", {**ITEM, "expand[0]": "metadata.pledge"})
    assert status == 400
    assert "cannot be expanded" in body["error"]["message"]
