"""What comes to the webhook and is not Stripe's, or is no event, or comes again."""

import asyncio
import time
from collections.abc import Callable

import orjson
import pytest

from tests.web.client import Reader
from tests.web.kept import event, nothing_changes, signed
from tests.world import World

DOOR = "/webhooks/stripe"
PAYLOAD = event()


async def deliver(reader: Reader, payload: bytes, **headers: str) -> int:
    """What the webhook answers."""
    answer = await reader.post(DOOR, content=payload, headers=headers or signed(payload))
    return answer.status_code


FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "empty": lambda: {"stripe-signature": ""},
    "without a digest": lambda: {"stripe-signature": "t=1,v1="},
    "without a time": lambda: {"stripe-signature": "v1=abc"},
    "at no time": lambda: {"stripe-signature": "t=now,v1=abc"},
    "after the end of time": lambda: {"stripe-signature": f"t={10**20},v1=abc"},
    "in other letters": lambda: {"stripe-signature": f"t={int(time.time())},v1=\xe9\xe9"},
    "long": lambda: {"stripe-signature": "=" * 4000},
    "under another name": lambda: {"x-signature": "none"},
    "by another secret": lambda: signed(PAYLOAD, "whsec_of_somebody_else"),
    "of another body": lambda: signed(PAYLOAD + b" "),
    "ten minutes old": lambda: signed(PAYLOAD, age=600),
}


async def test_what_stripe_did_not_just_sign_is_refused_and_not_kept(
    reader: Reader, world: World, subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for what, headers in FORGED.items():
            told = [(name.encode(), value.encode("latin-1")) for name, value in headers().items()]
            answer = await reader.post(DOOR, content=PAYLOAD, headers=told)
            with subtests.test(what):
                assert answer.status_code == 400
                assert "signature" in answer.text


NO_EVENTS = {
    "nothing": b"",
    "words": b"not json",
    "half of it": b'{"id": "evt_1"',
    "not utf-8": b'{"id": "evt_\xff"}',
    "five thousand deep": b"[" * 5000,
    "null": b"null",
    "a list": b"[]",
    "a string": b'"event"',
    "an empty object": b"{}",
    "without an id": event(id=None),
    "with an empty id": event(id=""),
    "with a number for an id": event(id=7),
    "without a type": event(type=None),
    "made yesterday": event(created="yesterday"),
    "made before the epoch": event(created=-1),
    "made in the far future": event(created=2**60),
    "made at no time": event(created=None),
    "with NUL in its id": event(id="evt_\0"),
    "with NUL in its type": event(type="a\0"),
}


async def test_what_is_no_event_is_refused_and_not_kept(
    reader: Reader, world: World, subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for what, payload in NO_EVENTS.items():
            answer = await reader.post(DOOR, content=payload, headers=signed(payload))
            with subtests.test(what):
                assert answer.status_code == 400
                assert answer.text.startswith("The body is not a Stripe event")


async def test_an_event_of_absurd_size_is_refused(reader: Reader, world: World) -> None:
    async with nothing_changes(world):
        for size in (512 * 1024, 3 * 1024 * 1024):
            assert await deliver(reader, event(padding="x" * size)) == 400
        said = b"POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999"
        assert (await reader.bytes_on_the_wire(said + b"\r\n\r\n")).status == 400


async def test_an_event_is_kept_once_however_often_it_comes(reader: Reader, world: World) -> None:
    for _ in range(3):
        assert await deliver(reader, PAYLOAD) == 200
    together = await asyncio.gather(*[deliver(reader, PAYLOAD) for _ in range(20)])
    assert set(together) == {200}
    kept = await world.row("select provider_id, type from inbox")
    assert tuple(kept) == ("evt_1", "customer.created")


async def test_an_event_of_another_type_is_kept_and_changes_nothing_else(
    reader: Reader, world: World
) -> None:
    campaign_id = await world.campaign()
    kinds = ["customer.created", "payment_intent.created", "price.updated", "a.b" * 40]
    for number, kind in enumerate(kinds):
        thing = {"id": "x", "metadata": {"milepost_pledge": "1", "milepost_campaign": "1"}}
        assert await deliver(reader, event(number, kind, data={"object": thing})) == 200
    await world.settle()
    assert [row["type"] for row in await world.rows("select type from inbox order by id")] == kinds
    assert not await world.rows("select from facts")
    standing = await world.row("select seq, units from campaigns where id = $1", campaign_id)
    assert tuple(standing) == (0, 0)


PAID = {"id": "cs_1", "mode": "payment", "payment_status": "paid", "amount_total": 4500}
OURS = {"milepost_pledge": "1", "milepost_campaign": "1"}
NOT_UNDERSTOOD: dict[str, object] = {
    "nothing": None,
    "a list": [],
    "no mode": {"id": "cs_1"},
    "no person": {**PAID, "metadata": OURS},
    "a fraction of a cent": {
        **PAID,
        "amount_total": 1.5,
        "customer_details": {"email": "dana@example.org"},
        "metadata": OURS,
    },
    "a pledge that is no number": {
        **PAID,
        "customer_details": {"email": "dana@example.org"},
        "metadata": {**OURS, "milepost_pledge": "seven"},
    },
    "NUL in the address": {
        **PAID,
        "customer_details": {"email": "dana\0@example.org"},
        "metadata": OURS,
    },
    "a pledge beyond all numbers": {
        **PAID,
        "customer_details": {"email": "dana@example.org"},
        "metadata": {"milepost_pledge": str(2**70), "milepost_campaign": str(2**70)},
    },
}


async def test_an_event_that_can_not_be_understood_is_kept_for_a_person(
    reader: Reader, world: World, subtests: pytest.Subtests
) -> None:
    """So Stripe need not send it again, and `milepost inbox` shows it with its reason."""
    for number, (what, thing) in enumerate(NOT_UNDERSTOOD.items()):
        payload = event(number, "checkout.session.completed", data={"object": thing})
        with subtests.test(what):
            assert await deliver(reader, payload) == 200
            kept = await world.row(
                "select * from inbox join facts on inbox_id = id where provider_id = $1",
                f"evt_{number}",
            )
            assert kept["state"] == "refused" and kept["reason"]
            assert orjson.loads(kept["payload"]) == orjson.loads(payload)


async def test_one_bad_event_keeps_no_other_from_being_kept(reader: Reader, world: World) -> None:
    payloads = [event(n) for n in range(1, 9)] + [event(id="evt_\0")]
    statuses = await asyncio.gather(*[deliver(reader, payload) for payload in payloads])
    assert statuses == [200] * 8 + [400]
    assert (await world.row("select count(*) from inbox"))[0] == 8
