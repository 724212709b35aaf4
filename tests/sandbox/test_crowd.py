"""A crowd at once: nothing lost, nothing doubled, and quick enough for a demo."""

import asyncio

import httpx
import orjson

from tests.sandbox.process import KEY, Endpoint, Sandbox

CROWD = 500
KNOWN = {"authorization": f"Bearer {KEY}"}


def wish(amount: int) -> dict[str, str]:
    """A session for one print, as Stripe's library would write it; in a fifth of its time."""
    price = "line_items[0][price_data]"
    return {
        "mode": "payment",
        "success_url": "http://shop.example/thanks",
        "line_items[0][quantity]": "1",
        f"{price}[currency]": "usd",
        f"{price}[unit_amount]": str(amount),
        f"{price}[product_data][name]": "Signed print",
    }


async def test_five_hundred_pay_at_once_and_the_books_agree() -> None:
    with (
        Endpoint() as endpoint,
        Sandbox(endpoint, "--webhook-events", "checkout.session.completed") as sandbox,
    ):

        async def begin(client: httpx.AsyncClient, amount: int) -> str:
            told = client.post("/v1/checkout/sessions", data=wish(amount), headers=KNOWN)
            return str((await told).json()["id"])

        async def pay(client: httpx.AsyncClient, session: str) -> int:
            return (await client.post(f"/pay/{session}", data=sandbox.form())).status_code

        limits = httpx.Limits(max_connections=CROWD)
        async with httpx.AsyncClient(base_url=sandbox.url, limits=limits, timeout=60) as client:
            sessions = [await begin(client, 1000 + n) for n in range(CROWD)]
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
