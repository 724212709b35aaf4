"""Who may call, in which version, and what a repeated call is answered."""

import asyncio
import threading
from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.process import KEY, Sandbox


def test_the_wrong_key_is_refused_without_showing_it(shared: Sandbox) -> None:
    with pytest.raises(stripe.AuthenticationError) as caught:
        shared.client("sk_test_somebody_elses_key").v1.customers.list()
    assert caught.value.http_status == 401
    assert "somebody" not in str(caught.value)


def test_no_key_is_refused_with_a_hint(shared: Sandbox) -> None:
    answer = httpx.get(f"{shared.url}/v1/customers")
    assert answer.status_code == 401
    assert "You did not provide an API key" in answer.json()["error"]["message"]


def test_basic_authentication_works_as_curl_users_do_it(shared: Sandbox) -> None:
    answer = httpx.get(f"{shared.url}/v1/customers", auth=(KEY, ""))
    assert answer.status_code == 200
    assert answer.headers["Request-Id"].startswith("req_")


def test_the_version_is_the_library_s_own(shared: Sandbox) -> None:
    answer = httpx.get(f"{shared.url}/v1/customers", auth=(KEY, ""))
    assert answer.headers["Stripe-Version"] == stripe.api_version


@pytest.mark.parametrize("version", ["latest", "2020-08-27", "2026-10-28"])
def test_another_version_is_refused(shared: Sandbox, version: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shared.client(stripe_version=version).v1.customers.list()


def test_an_unknown_address_is_answered_in_stripe_s_shape(shared: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as caught:
        shared.stripe.v1.coupons.list()
    assert caught.value.http_status == 404


def test_the_same_key_and_parameters_get_the_same_answer(shared: Sandbox) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "pledge-1"}
    customers = shared.stripe.v1.customers
    first = customers.create({"email": "dana@example.org"}, options)
    second = customers.create({"email": "dana@example.org"}, options)
    assert first.id == second.id
    assert second.last_response is not None
    assert second.last_response.headers["idempotent-replayed"] == "true"


def test_the_same_key_with_other_parameters_is_refused(shared: Sandbox) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "pledge-2"}
    shared.stripe.v1.customers.create({"email": "dana@example.org"}, options)
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        shared.stripe.v1.customers.create({"email": "eli@example.org"}, options)


def test_the_same_key_at_another_address_is_refused(shared: Sandbox) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "pledge-3"}
    customer = shared.stripe.v1.customers.create({"name": "Dana"}, options)
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        shared.stripe.v1.customers.update(customer.id, {"name": "Dana"}, options)


def test_a_decline_is_saved_and_answered_again(shared: Sandbox) -> None:
    v1 = shared.stripe.v1
    customer = v1.customers.create({"name": "Eli"})
    method = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    seen = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            shared.charge_saved(customer.id, method.id, key="attempt-1")
        error: Any = caught.value.error
        seen.append(error.payment_intent["id"])
    assert seen[0] == seen[1]


def test_a_refused_parameter_does_not_use_up_the_key(shared: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "pledge-4"}
    url = f"{shared.url}/v1/customers"
    assert httpx.post(url, data={"nickname": "D"}, headers=headers).status_code == 400
    assert httpx.post(url, data={"name": "Dana"}, headers=headers).status_code == 200


def test_a_key_in_use_by_another_request_is_a_conflict(sandbox: Sandbox) -> None:
    sandbox.switch("habits", answer_seconds=1)
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "pledge-5"}
    url = f"{sandbox.url}/v1/customers"
    statuses = []

    def call() -> None:
        statuses.append(httpx.post(url, data={"name": "Dana"}, headers=headers).status_code)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409]
    assert len(sandbox.all("customers")) == 1


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    customers = sandbox.stripe.v1.customers
    options: stripe.RequestOptions = {"idempotency_key": "pledge-6"}
    first = customers.create({"name": "Dana"}, options)
    sandbox.switch("clock", advance=24 * 60 * 60)
    assert customers.create({"name": "Dana"}, options).id != first.id


def test_a_lost_answer_is_had_again_with_the_same_key(sandbox: Sandbox) -> None:
    sandbox.switch("habits", lose_after=1)
    client = sandbox.client()
    options: stripe.RequestOptions = {"idempotency_key": "pledge-7"}
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"name": "Dana"}, options)
    again = client.v1.customers.create({"name": "Dana"}, options)
    assert [customer["id"] for customer in sandbox.all("customers")] == [again.id]


def test_a_failure_before_the_work_does_nothing(sandbox: Sandbox) -> None:
    sandbox.switch("habits", fail_before=1)
    with pytest.raises(stripe.APIError):
        sandbox.stripe.v1.customers.create({"name": "Dana"})
    assert sandbox.all("customers") == []


@pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
async def test_the_library_s_asynchronous_calls_work(shared: Sandbox) -> None:
    transport: Any = stripe.HTTPXClient()
    client = stripe.StripeClient(
        KEY, base_addresses={"api": shared.url}, http_client=transport, max_network_retries=0
    )
    made = await asyncio.gather(
        *(client.v1.customers.create_async({"name": f"Backer {n}"}) for n in range(5))
    )
    found = await client.v1.customers.retrieve_async(made[0].id)
    assert found.name == "Backer 0"
    await transport.close_async()
