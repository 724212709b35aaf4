"""Points become store credit at `/me/points`: in whole steps, once, as far as they go (L10)."""

import asyncio
import re
from typing import Any

import pytest

from milepost.domain.errors import Refusal
from milepost.services.exchanging import exchange
from tests.earned import balance, credit
from tests.loyalty import Programs, open_programs
from tests.web.client import Reader
from tests.web.me import do, sign_in
from tests.world import World


@pytest.fixture
async def programs(world: World, reader: Reader) -> Programs:
    """Dana is signed in with 1,240 points; a hundred of them are a dollar."""
    programs = await open_programs(world)
    await programs.settings(buys={"USD": [100, 100], "KWD": [50, 15]})
    await credit(world, "Dana", 1240, "points")
    await sign_in(reader, world, "Dana")
    return programs


def form_of(html: str, currency: str) -> dict[str, str]:
    """The fields of the form for this currency, with the most points."""
    form = next(f for f in html.split("<form")[1:] if f'value="{currency}"' in f)
    fields = dict(re.findall(r'name="(store|currency|seen|points)" value="([^"]*)"', form))
    points = re.findall(r'<option value="(\d+)"', form)
    return fields | ({"points": points[0]} if points else {})


async def test_points_become_credit_in_whole_steps_and_a_form_sent_twice_does_it_once(
    world: World, reader: Reader, programs: Programs
) -> None:
    page = (await reader.get("/me/points")).text
    assert "100 points are worth $1.00 of store credit. You have 1,240." in page
    assert "1,200 points into $12.00" in page and "100 points into $1.00" in page
    typed = form_of(page, "USD")
    assert typed["points"] == "1200"
    done = await do(reader, "/me/points", **typed)
    assert (done.status_code, done.headers["location"]) == (303, "/me/points?done=1&lang=en")
    assert "Your points are store credit now" in (await reader.get("/me/points?done=1")).text
    assert (await balance(world, "Dana", "points"), await balance(world, "Dana")) == (40, 1200)
    again = await do(reader, "/me/points", **typed)
    assert again.status_code == 422 and "You have 40 points now" in again.text
    assert "100 points are worth $1.00 of store credit. You have 40." in again.text
    rows = await world.rows("select unit, ready, source from account_entries where kind = $1"
                            " order by id", "exchanged")  # fmt: skip
    assert [(r["unit"], r["ready"]) for r in rows] == [("points", -1200), ("USD", 1200)]
    assert rows[0]["source"] == rows[1]["source"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"points": "150"}, "in steps of 100"),
        ({"points": "0"}, "in steps of 100"),
        ({"points": "9900"}, "You do not have so many points"),
        ({"currency": "EUR"}, "be exchanged for this any more"),
        ({"store": "elsewhere"}, "be exchanged for this any more"),
    ],
)
async def test_what_can_t_be_exchanged_is_refused_with_the_reason(
    world: World, reader: Reader, programs: Programs, typed: dict[str, str], said: str
) -> None:
    known = form_of((await reader.get("/me/points")).text, "USD")
    answer = await do(reader, "/me/points", **(known | typed))
    assert answer.status_code == 422 and said in answer.text
    assert await balance(world, "Dana", "points") == 1240


async def test_points_of_others_and_of_nobody_stay_where_they_are(
    world: World, reader: Reader, programs: Programs
) -> None:
    await do(reader, "/me/sign-out")
    answer = await do(reader, "/me/points", store="larkfield", currency="USD", points="100",
                      seen="1240")  # fmt: skip
    assert answer.headers["location"].startswith("/me/sign-in")
    await credit(world, "Eli", 50, "points")
    await sign_in(reader, world, "Eli")
    assert "You have 50." in (await reader.get("/me/points")).text
    assert await balance(world, "Dana", "points") == 1240


async def test_twenty_exchanges_at_once_take_the_points_once(
    world: World, programs: Programs
) -> None:
    async def one() -> Any:
        try:
            return await exchange(
                world.database, "dana@example.org", "larkfield", "USD", 1200, 1240, world.now
            )
        except Refusal as refusal:
            return refusal

    done = await asyncio.gather(*(one() for _ in range(20)))
    assert sum(not isinstance(one, Refusal) for one in done) == 1
    assert (await balance(world, "Dana", "points"), await balance(world, "Dana")) == (40, 1200)
