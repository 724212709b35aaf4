"""Events: signed, delivered in whatever manner is asked, and always there to be polled."""

import json
from itertools import pairwise

import stripe

from tests.sandbox.process import KEY, SECRET, Endpoint, Sandbox


def names(sandbox: Sandbox, **given: object) -> list[str]:
    """Types of the events that a call lists, newest first."""
    found = sandbox.stripe.v1.events.list(given)
    return [event.type for event in found.data]


def test_an_event_names_the_request_that_caused_it(sandbox: Sandbox) -> None:
    sandbox.stripe.v1.customers.create({"name": "Dana"}, {"idempotency_key": "k-1"})
    sandbox.settle()
    assert sandbox.endpoint is not None
    [event] = sandbox.endpoint.taken
    assert event.request is not None and event.request.idempotency_key == "k-1"
    assert event.request.id is not None and event.request.id.startswith("req_")


def test_what_a_buyer_does_was_no_api_request(sandbox: Sandbox) -> None:
    sandbox.pay(sandbox.session())
    sandbox.settle()
    assert sandbox.endpoint is not None
    [event] = sandbox.endpoint.of("checkout.session.completed")
    assert event.request is not None and event.request.id is None


def test_an_event_keeps_the_object_as_it_was(sandbox: Sandbox) -> None:
    customer = sandbox.stripe.v1.customers.create({"name": "Dana"})
    sandbox.stripe.v1.customers.update(customer.id, {"name": "Dana B."})
    newest, oldest = sandbox.stripe.v1.events.list().to_dict()["data"]
    assert oldest["data"]["object"]["name"] == "Dana"
    assert newest["data"]["object"]["name"] == "Dana B."
    assert newest["data"]["previous_attributes"] == {"name": "Dana"}


def test_a_delivery_is_counted_down_when_it_is_taken(sandbox: Sandbox) -> None:
    sandbox.switch("delivery", hold=True)
    sandbox.stripe.v1.customers.create({"name": "Dana"})
    assert names(sandbox, delivery_success=False) == ["customer.created"]
    sandbox.switch("delivery/release")
    sandbox.settle()
    [event] = sandbox.stripe.v1.events.list({"delivery_success": True}).data
    assert event.pending_webhooks == 0
    assert sandbox.endpoint is not None
    assert json.loads(sandbox.endpoint.bodies[0])["pending_webhooks"] == 1


def test_a_failed_delivery_is_tried_again_until_taken(sandbox: Sandbox, endpoint: Endpoint) -> None:
    endpoint.answers = [500, 404, 302]
    sandbox.stripe.v1.customers.create({"name": "Dana"})
    assert sandbox.settle() == ["customer.created"] * 4
    assert len({event.id for event in endpoint.taken}) == 1
    [event] = sandbox.all("events")
    assert event["delivery"]["answers"] == [500, 404, 302, 200]


def test_events_can_be_delivered_twice(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.switch("delivery", twice=True)
    sandbox.pay(sandbox.session())
    sandbox.settle()
    counts = {event.id: 0 for event in endpoint.taken}
    for event in endpoint.taken:
        counts[event.id] += 1
    assert set(counts.values()) == {2}


def test_events_can_arrive_out_of_order(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.switch("delivery", shuffle=0.5)
    for number in range(12):
        sandbox.stripe.v1.customers.create({"name": f"Backer {number}"})
    sandbox.settle()
    arrived = [event.data.object["name"] for event in endpoint.taken]
    assert sorted(arrived) != arrived
    assert len(set(arrived)) == 12


def test_events_can_be_late_and_be_hurried(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.switch("delivery", late=3600)
    sandbox.stripe.v1.customers.create({"name": "Dana"})
    assert sandbox.http.get("/sandbox/wait", params={"seconds": 0.05}).status_code == 504
    assert endpoint.taken == []
    sandbox.switch("delivery/retry")
    assert sandbox.settle() == ["customer.created"]


def test_events_that_are_never_delivered_can_be_polled(
    sandbox: Sandbox, endpoint: Endpoint
) -> None:
    sandbox.switch("delivery", never=True)
    sandbox.pay(sandbox.session())
    assert sandbox.settle() == []
    assert "checkout.session.completed" in names(sandbox, delivery_success=False)


def test_held_events_wait_for_their_release(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.switch("delivery", hold=True)
    sandbox.pay(sandbox.session())
    assert sandbox.settle() == []
    assert sandbox.switch("delivery", hold=False)["hold"] is False
    assert len(sandbox.settle()) == 5


def test_an_event_can_be_sent_again(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.stripe.v1.customers.create({"name": "Dana"})
    sandbox.settle()
    sandbox.switch(f"events/{endpoint.taken[0].id}/resend")
    assert sandbox.settle() == ["customer.created"] * 2
    assert sandbox.switch("events/resend", types=["customer.created"])["resent"] == 1
    assert len(sandbox.settle()) == 3


def test_events_are_listed_by_type_with_wildcards(sandbox: Sandbox) -> None:
    sandbox.pay(sandbox.session())
    assert names(sandbox, type="checkout.session.completed") == ["checkout.session.completed"]
    assert names(sandbox, type="charge.*") == ["charge.updated", "charge.succeeded"]
    asked = ["payment_intent.created", "charge.succeeded"]
    assert names(sandbox, types=asked) == asked[::-1]


def test_events_are_listed_by_when_they_happened(sandbox: Sandbox) -> None:
    sandbox.switch("clock", freeze=1_900_000_000)
    for number in range(3):
        sandbox.stripe.v1.customers.create({"name": str(number)})
        sandbox.switch("clock", advance=10)
    for bounds, expected in (
        ({"gte": 1_900_000_010}, 2),
        ({"gt": 1_900_000_010}, 1),
        ({"lt": 1_900_000_010}, 1),
        ({"lte": 1_900_000_010}, 2),
        ({"gt": 1_900_000_000, "lt": 1_900_000_020}, 1),
    ):
        assert len(names(sandbox, created=bounds)) == expected
    assert len(names(sandbox, created=1_900_000_020)) == 1


def test_pages_go_back_and_forth_without_a_gap(sandbox: Sandbox) -> None:
    for number in range(7):
        sandbox.stripe.v1.customers.create({"name": str(number)})
    events = sandbox.stripe.v1.events
    every = [event.id for event in events.list({"limit": 3}).auto_paging_iter()]
    assert len(set(every)) == 7
    created = [event.created for event in events.list({"limit": 100}).data]
    assert all(later >= earlier for later, earlier in pairwise(created))
    older = events.list({"limit": 2, "starting_after": every[2]})
    assert ([event.id for event in older.data], older.has_more) == (every[3:5], True)
    newer = events.list({"limit": 2, "ending_before": every[5]})
    assert ([event.id for event in newer.data], newer.has_more) == (every[3:5], True)


def test_a_page_has_between_1_and_100_entries(shared: Sandbox) -> None:
    for limit in (0, 101):
        try:
            shared.stripe.v1.events.list({"limit": limit})
        except stripe.InvalidRequestError as error:
            assert error.param == "limit"
        else:
            raise AssertionError(limit)


def test_the_signature_is_the_one_that_stripe_s_library_makes(
    sandbox: Sandbox, endpoint: Endpoint
) -> None:
    sandbox.stripe.v1.customers.create({"name": "Dänå ✓"})
    sandbox.settle()
    body = endpoint.bodies[0]
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET)
    event = stripe.Webhook.construct_event(body, header, SECRET, api_key=KEY)
    assert event.data.object["name"] == "Dänå ✓"
    assert event.api_version == stripe.api_version


def test_only_the_asked_types_are_delivered() -> None:
    with (
        Endpoint() as endpoint,
        Sandbox(endpoint, "--webhook-events", "checkout.session.*,refund.*") as sandbox,
    ):
        sandbox.pay(sandbox.session())
        assert sandbox.settle() == ["checkout.session.completed"]
        assert len(names(sandbox)) == 5
