"""What reward programs count by, and customers' accounts as their creator sees and adjusts them."""

from typing import Any

import pytest

from milepost.domain.program_plans import Step
from tests.loyalty import Programs, open_programs, reward
from tests.shop import customer
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send
from tests.world import World

pytestmark = pytest.mark.usefixtures("alice")
HOME = "/studio/larkfield/programs"
FIELDS = {"counts_pledges": "on", "pending_days": "0"}


async def test_settings_are_saved_shown_again_and_noted(served: Served, world: World) -> None:
    typed = FIELDS | {"earns-USD": "1", "earns-USD-amount": "1"}
    typed |= {"buys-USD": "100", "buys-USD-amount": "5", "pending_days": "14"}
    del typed["counts_pledges"]
    answer = await send(served.reader, f"{HOME}/settings", **typed)
    assert answer.status_code == 303, answer.text
    row = await world.row("select counts_pledges, earns, buys, pending_days from loyalty")
    assert tuple(row) == (False, {"USD": [1, 100]}, {"USD": [100, 500]}, 14)
    page = (await served.reader.get(f"{HOME}/settings")).text
    assert 'value="14"' in page and 'value="5"' in page and 'value="on" checked' not in page
    loyal: Programs = await open_programs(world)
    await loyal.order("Dana", 2050)
    assert await loyal.balance("Dana") == (0, 20)
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Saved the settings of the reward programs" in log and "100 / 5.00 USD" in log


@pytest.mark.parametrize(
    "typed, about",
    [
        ({"earns-USD": "1"}, "earns-USD"),
        ({"buys-USD": "0", "buys-USD-amount": "5"}, "buys-USD"),
        ({"earns-USD": "one", "earns-USD-amount": "5"}, "earns-USD"),
        ({"pending_days": "366"}, "pending_days"),
    ],
)
async def test_settings_that_cannot_be_are_refused_beside_their_field(
    served: Served, world: World, typed: dict[str, str], about: str
) -> None:
    answer = await send(served.reader, f"{HOME}/settings", **(FIELDS | typed))
    assert answer.status_code == 422 and f'id="{about}-note"' in answer.text
    assert await world.rows("select from loyalty") == []


async def test_pledges_count_again_once_the_switch_is_on_and_what_was_counted_stays(
    served: Served, world: World
) -> None:
    await send(served.reader, f"{HOME}/settings", pending_days="0")
    jobs = "select count(*) as n from pgqueuer where entrypoint = 'keep_past_facts'"
    await world.rows("delete from pgqueuer")
    await send(served.reader, f"{HOME}/settings", **FIELDS)
    assert (await world.row(jobs))["n"] == 1


async def account(served: Served, world: World) -> tuple[Programs, str]:
    """Dana has 500 points for her first order; her page."""
    loyal: Programs = await open_programs(world)
    await loyal.on("orders", Step("orders", 1, reward()))
    await loyal.order("Dana")
    return loyal, f"{HOME}/customers/{await customer(world, 'Dana', world.store_id)}"


async def set_right(reader: Reader, page: str, **typed: str) -> Any:
    sent = {"way": "in", "unit": "points", "amount": "50", "reason": "Sorry", "key": "k1"}
    return await send(reader, page, **(sent | typed))


async def test_an_account_shows_its_balances_entries_and_reasons(
    served: Served, world: World
) -> None:
    _, page = await account(served, world)
    listed = (await served.reader.get(f"{HOME}/customers?q=dan")).text
    assert page in listed and "500 points" in listed
    assert page not in (await served.reader.get(f"{HOME}/customers?q=eli")).text
    assert page not in (await served.reader.get(f"{HOME}/customers?q=%25")).text
    shown = (await served.reader.get(page)).text
    assert "dana@example.org" in shown and "500 points for one order" in shown
    assert "What they earned, and why" in shown and "(Orders)" in shown


async def test_an_account_is_set_right_once_with_a_reason_and_noted(
    served: Served, world: World
) -> None:
    loyal, page = await account(served, world)
    for _ in range(2):
        assert (await set_right(served.reader, page)).status_code == 303
    assert await loyal.balance("Dana") == (550, 0), "what is sent twice is entered once"
    out = await set_right(served.reader, page, way="out", amount="150", key="k2")
    assert out.status_code == 303 and await loyal.balance("Dana") == (400, 0)
    money = await set_right(served.reader, page, unit="USD", amount="7.50", key="k3")
    assert money.status_code == 303 and await loyal.balance("Dana", "USD") == (750, 0)
    shown = (await served.reader.get(page)).text
    assert "50 points set right by the store: Sorry" in shown and "−150 points" in shown
    deeds = [row for row in await log_of(world) if row[1] == "account_adjusted"]
    assert [row[4] for row in deeds] == [
        {"worth": 50, "why": "Sorry"},
        {"worth": -150, "why": "Sorry"},
        {"worth": "7.50 USD", "why": "Sorry"},
    ]
    assert "Adjusted the account" in (await served.reader.get("/studio/larkfield/log")).text


@pytest.mark.parametrize(
    "typed, status, about",
    [
        ({"way": "out", "amount": "501"}, 409, "amount"),
        ({"amount": "0"}, 422, "amount"),
        ({"amount": "many"}, 422, "amount"),
        ({"reason": " "}, 422, "reason"),
        ({"unit": "XXX"}, 422, "unit"),
    ],
)
async def test_what_cannot_be_entered_is_refused_and_nothing_goes_below_zero(
    served: Served, world: World, typed: dict[str, str], status: int, about: str
) -> None:
    loyal, page = await account(served, world)
    answer = await set_right(served.reader, page, **typed)
    assert answer.status_code == status and f'id="{about}-note"' in answer.text
    assert await loyal.balance("Dana") == (500, 0)


async def test_accounts_of_another_store_are_not_there(served: Served, world: World) -> None:
    _, page = await account(served, world)
    async with Reader(served.url) as charlie:
        await enter(charlie, "Charlie")
        other = page.replace("larkfield", "elsewhere")
        assert (await charlie.get(other)).status_code == 404
        assert (await set_right(charlie, other)).status_code == 404
        listed = (await charlie.get("/studio/elsewhere/programs/customers")).text
        assert "dana" not in listed.lower()


async def test_an_account_asks_as_much_of_few_entries_as_of_many(
    served: Served, world: World
) -> None:
    loyal, page = await account(served, world)
    said = []
    for _ in range(2):
        start = len(served.statements)
        assert (await served.reader.get(page)).status_code == 200
        said.append(len(served.statements_since(start)))
        for place in range(5):
            await loyal.order("Dana", 1000 + place)
            await set_right(served.reader, page, key=f"more-{place}")
    assert said[0] == said[1] <= 8, said
