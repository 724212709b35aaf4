"""A crowd at once: nothing lost, nothing doubled, and quick enough for a demo."""

import asyncio

import httpx
import orjson

from tests.sandbox.process import Endpoint, Sandbox

CROWD = 500


async def test_five_hundred_pay_at_once_and_the_books_agree() -> None:
    with (
        Endpoint() as endpoint,
        Sandbox(endpoint, "--webhook-events", "checkout.session.completed") as sandbox,
    ):
        sessions = [sandbox.session(1000 + n).id for n in range(CROWD)]

        async def pay(client: httpx.AsyncClient, session: str) -> int:
            return (await client.post(f"/pay/{session}", data=sandbox.form())).status_code

        limits = httpx.Limits(max_connections=CROWD)
        async with httpx.AsyncClient(base_url=sandbox.url, limits=limits, timeout=60) as client:
            answers = await asyncio.gather(*(pay(client, session) for session in sessions))
        assert answers == [303] * CROWD
        sandbox.settle()
        total = sum(range(1000, 1000 + CROWD))
        assert sandbox.http.get("/sandbox/books").json()["usd"]["charged"] == total
        told = [orjson.loads(body)["data"]["object"] for body in endpoint.bodies]
        assert sum(session["amount_total"] for session in told) == total
        assert {session["id"] for session in told} == set(sessions)


async def test_one_session_paid_by_many_clicks_is_charged_once(sandbox: Sandbox) -> None:
    session = sandbox.session()
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=60) as client:
        answers = await asyncio.gather(
            *(client.post(f"/pay/{session.id}", data=sandbox.form()) for _ in range(30))
        )
    assert {answer.status_code for answer in answers} == {303}
    assert len(sandbox.all("charges")) == 1
