"""`milepost crowd`."""

import asyncio
import random
from typing import Annotated

import httpx
import typer

from milepost.cli.demo_people import a_person

CARD = {"number": "4242424242424242", "expiry": "12/34", "cvc": "123", "postal_code": "12345"}
PAUSE = (0.5, 6.0)  # seconds between one person's look and the next person's


def command(
    people: Annotated[int, typer.Option(min=1, max=1000, help="How many pledge, then it ends.")],
    address: Annotated[str, typer.Option(help="Where Milepost runs.")] = "http://localhost:8000",
) -> None:
    """Let a bounded crowd pledge with test cards, through the same doors as everybody.

    Only for a demo with the payment sandbox.

    Example: milepost crowd --people 20
    """
    asyncio.run(pledge_all(address.rstrip("/"), people, random.Random()))


async def pledge_all(address: str, people: int, draw: random.Random) -> int:
    """One person after the other pledges; returns how many payments went through."""
    paid = 0
    async with httpx.AsyncClient(timeout=20, headers={"origin": address}) as browser:
        for number in range(people):
            await asyncio.sleep(draw.uniform(*PAUSE))
            try:
                paid += await _pledge(browser, address, draw, number)
            except httpx.HTTPError as error:
                typer.echo(f"One of the crowd gave up: {error!r}", err=True)
    typer.echo(f"{paid} of {people} pledged.")
    return paid


async def _pledge(
    browser: httpx.AsyncClient, address: str, draw: random.Random, number: int
) -> bool:
    """Look at a campaign, choose what is open, pay on the payment page."""
    slug = draw.choice(("field-recorder", "night-atlas"))
    state = (await browser.get(f"{address}/c/{slug}.json")).raise_for_status().json()
    tiers = [tier["id"] for tier in state["tiers"] if tier["state"] == "open"]
    if state["state"] != "live" or not tiers:
        return False
    choice = {
        "tier": draw.choice(tiers),
        "quantity": "1",
        "bonus": draw.choice(("", "", "5")),
        "country": draw.choice(("DE", "FR", "US")),
    }
    answer = await browser.post(f"{address}/c/{slug}/pledge", data=choice)
    if answer.status_code != 303:
        return False  # somebody else was quicker
    name, email = a_person(draw, draw.randrange(10**6))
    form = {**CARD, "email": email, "name": name, "country": "US", "method": "card"}
    page = answer.headers["location"]
    done = await browser.post(page, data=form, headers={"origin": page.split("/pay/")[0]})
    return done.status_code == 303
