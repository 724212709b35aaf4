"""`POST /api/v1/events`: what a shop elsewhere tells, once and in any order (L3, L9)."""

import re
from typing import Any

import pytest

from milepost.domain.program_plans import Step
from milepost.services.api_tokens import MOST_REQUESTS
from milepost.services.judging import judge_waiting
from tests.loyalty import Programs, open_programs, reward
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import creator, enter, log_of, send
from tests.world import World

EVENTS = "/api/v1/events"
PAID = {
    "id": "e1",
    "type": "order.paid",
    "customer": "Dana@example.org",
    "source": "1041",
    "at": "2026-06-01T12:00:00Z",
    "amount": 4200,
    "currency": "USD",
}
BACK = PAID | {"id": "e2", "type": "order.refunded", "at": "2026-06-01T12:01:00Z"}


@pytest.fixture
async def loyal(world: World) -> Programs:
    """A program of Alice's gives 500 points for 40 dollars spent."""
    loyal = await open_programs(world)
    await loyal.on("spend", Step("spend", 4000, reward()))
    await creator(world, "Alice", "owner")
    return loyal


@pytest.fixture
async def token(served: Served, loyal: Programs) -> str:
    """Alice's token, read from the page that shows it once."""
    async with Reader(served.url) as alice:
        await enter(alice, "Alice")
        answer = await send(alice, "/studio/larkfield/tokens", name="The other shop", events="on")
        found = re.search(r'value="(mp_[\w-]+)"', answer.text)
        assert found is not None
        assert found[1] not in (await alice.get("/studio/larkfield/tokens")).text
    return found[1]


async def tell(reader: Reader, token: str, sent: Any, **headers: str) -> Any:
    kept = {"authorization": f"Bearer {token}"} | headers
    return await reader.post(EVENTS, json=sent, headers=kept)


async def points(loyal: Programs) -> int:
    await judge_waiting(loyal.world.database, loyal.world.clock)
    return (await loyal.balance("Dana"))[0]


async def test_a_paid_order_earns_and_its_refund_takes_back(
    reader: Reader, loyal: Programs, token: str
) -> None:
    first = await tell(reader, token, PAID)
    assert first.status_code == 202, first.text
    worth = {"kind": "order", "stands": True, "amount": 4200, "currency": "USD", "points": None}
    assert first.json() == {"id": "e1", "source": "1041", "worth": worth}
    assert await points(loyal) == 500
    again = await tell(reader, token, PAID)
    assert (again.status_code, again.content) == (202, first.content)
    part = await tell(reader, token, BACK | {"amount": 300})
    assert part.json()["worth"]["amount"] == 3900
    assert await points(loyal) == 0


@pytest.mark.parametrize("refunded", [None, 300, 4200])
async def test_a_refund_that_is_heard_first_ends_as_one_that_is_heard_last(
    reader: Reader, loyal: Programs, token: str, refunded: int | None
) -> None:
    back = {k: v for k, v in (BACK | {"amount": refunded}).items() if v is not None}
    assert (await tell(reader, token, back)).json()["worth"] is None
    assert await points(loyal) == 0
    worth = (await tell(reader, token, PAID)).json()["worth"]
    assert (worth["stands"], worth["amount"]) == (refunded == 300, 3900 if refunded == 300 else 0)
    assert await points(loyal) == 0


async def test_many_are_kept_together_or_not_at_all(
    reader: Reader, loyal: Programs, token: str
) -> None:
    when = "2026-06-01T12:00:00Z"
    of_all = [
        PAID,
        BACK | {"amount": 100},
        PAID | {"id": "e3", "type": "review.approved", "source": "r1"},
        PAID | {"id": "e4", "type": "review.withdrawn", "source": "r1", "at": when},
        PAID | {"id": "e5", "type": "points.earned", "source": "p1", "points": 7},
        PAID | {"id": "e6", "type": "subscription.cycle_paid", "source": "i1", "subscription": "s"},
        PAID | {"id": "e7", "type": "subscription.cancelled", "source": "s", "subscription": "s"},
        PAID | {"id": "e8", "type": "referral", "source": "f1"},
    ]
    wrong = await tell(reader, token, [*of_all, PAID | {"id": "e9", "amount": -1}])
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/8/amount"
    assert await points(loyal) == 0
    done = await tell(reader, token, of_all)
    assert done.status_code == 202, done.text
    assert [one["worth"]["stands"] for one in done.json()] == [
        True, True, False, False, True, True, True, True,
    ]  # fmt: skip
    assert await points(loyal) == 507


async def test_what_is_refused_says_why_and_where(
    reader: Reader, loyal: Programs, token: str, world: World
) -> None:
    assert (await tell(reader, token, PAID)).status_code == 202

    async def refused(status: int, sent: Any, at: str | None = None, **headers: str) -> None:
        answer = await tell(reader, token, sent, **headers)
        said = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, said["status"]) == (status, status), answer.text
        assert said["detail"]
        assert (said.get("errors") or [{}])[0].get("pointer") == at

    await refused(401, PAID, authorization="Bearer mp_nobody")
    await refused(401, PAID, authorization="Basic YTpi")
    await refused(409, PAID | {"amount": 1}, "/id")
    await refused(409, PAID | {"id": "e3", "customer": "eli@example.org"}, "/source")
    await refused(422, [PAID] * 501, "")
    await refused(413, ["x" * 4_200_000])
    await refused(415, PAID, **{"content-type": "text/plain"})
    await refused(422, [], "")
    await refused(422, "order", "")
    await refused(422, PAID | {"id": "e4", "at": "2026-06-02T12:00:00Z"}, "/at")
    await refused(422, PAID | {"id": "e4", "at": "2026-06-01T12:00:00"}, "/at")
    await refused(422, PAID | {"id": "e4", "customer": "nobody"}, "/customer")
    await refused(422, PAID | {"id": "e4", "type": "points.earned"}, "")
    await refused(422, PAID | {"id": "e4", "colour": "red"}, "/colour")
    await refused(422, {k: v for k, v in PAID.items() if k != "id"}, "/id")
    assert (await world.row("select count(*) from told_events"))[0] == 1
    assert (await reader.get(EVENTS)).status_code == 405


async def test_the_id_may_come_as_a_header(reader: Reader, loyal: Programs, token: str) -> None:
    nameless = {k: v for k, v in PAID.items() if k != "id"}
    for _ in range(2):
        answer = await tell(reader, token, nameless, **{"idempotency-key": "e1"})
        assert (answer.status_code, answer.json()["id"]) == (202, "e1")
    assert await points(loyal) == 500


async def test_a_token_that_is_revoked_opens_nothing(
    served: Served, loyal: Programs, token: str
) -> None:
    async with Reader(served.url) as alice:
        await enter(alice, "Alice")
        page = await alice.get("/studio/larkfield/tokens")
        assert "The other shop" in page.text and "never used" in page.text
        answer = await send(alice, "/studio/larkfield/tokens/1/revoke")
        assert answer.status_code == 303
        assert (await tell(served.reader, token, PAID)).status_code == 401
        assert (await send(alice, "/studio/larkfield/tokens", name=" ")).status_code == 422
    done = [(what, about) for _, what, about, _, _ in await log_of(loyal.world)]
    assert done[-2:] == [("token_made", "The other shop"), ("token_revoked", "The other shop")]
    (row,) = await loyal.world.rows("select hash from api_tokens")
    assert token not in row["hash"]


async def test_a_token_that_may_not_tell_and_one_that_asks_too_often_are_refused(
    reader: Reader, loyal: Programs, token: str, world: World
) -> None:
    async with world.database.connection() as held:
        db: Any = held.raw_connection
        await db.execute(
            "update api_tokens set minute = date_trunc('minute', $1::timestamptz), asked = $2",
            world.now,
            MOST_REQUESTS,
        )
        assert (await tell(reader, token, PAID)).status_code == 429
        await db.execute("update api_tokens set asked = 0")
        await db.execute("update api_tokens set scopes = '{orders}'")
        assert (await tell(reader, token, PAID)).status_code == 403
