"""The example's fulfilment house: told of what is owed, it ships and tells, whatever stops it."""

import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.crowd import Crowd, Paid, live_campaign, world_of
from tests.acceptance.processes import Crew, Milepost, eventually, port_of_our_own
from tests.web.parcels import lives
from tests.world import World

SERVICE = Path(__file__).parents[2] / "docs" / "examples" / "fulfilment" / "service.py"
SHIPPED = "select count(*) from hooks where became like 'shipped%'"
pytestmark = pytest.mark.xdist_group("fulfilment house")


class House:
    """The example as a process, that knows what `milepost connect` has printed."""

    def __init__(self, milepost: Milepost, folder: Path) -> None:
        port = port_of_our_own()
        self.milepost, self.books = milepost, folder / "house.sqlite"
        said = milepost.run(
            "connect", "--name", "House", "--scope", "fulfilment:read", "--scope",
            "fulfilment:write", "--hook", f"http://127.0.0.1:{port}/hooks",
            "--event", "grant.owed", "--event", "grant.voided",
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        known = dict(line.split("=", 1) for line in said.stdout.splitlines())
        assert known["MILEPOST_API"] == f"{milepost.webs[0]}/api/v1"
        self._environment = milepost.environment | known
        self._environment |= {"FULFILMENT_PORT": str(port), "FULFILMENT_BOOKS": str(self.books)}
        self._folder, self._crew = folder, Crew(folder / "log")
        self.heard: list[str] = []

    def open(self, *words: str, api: str = "") -> None:
        """It takes hooks, and works."""
        known = self._environment | ({"MILEPOST_API": f"{api}/api/v1"} if api else {})
        self._crew.start("house", [sys.executable, str(SERVICE), *words], known)

    def kill(self) -> None:
        """It dies in the middle of whatever it does."""
        self._crew.kill("house")
        self.heard += (self._folder / "log" / "house.log").read_text().splitlines()

    def close(self) -> None:
        """For good."""
        self._crew.stop()

    def written(self, sql: str) -> list[Any]:
        """What its books say."""
        db = sqlite3.connect(self.books, timeout=30)
        try:
            with db:
                return db.execute(sql).fetchall()
        except sqlite3.OperationalError:  # it has not opened yet
            return []
        finally:
            db.close()

    async def until(self, sql: str, *rows: Any) -> None:
        """Return once its books say this."""

        async def holds() -> bool:
            return self.written(sql) == list(rows)

        await eventually(holds, f"{sql} is {rows}")


@pytest.fixture
async def world(milepost: Milepost) -> AsyncIterator[World]:
    async with world_of(milepost) as world:
        yield world


@pytest.fixture
def house(milepost: Milepost, world: World, tmp_path: Path) -> Iterator[House]:
    """Connected, and closed still."""
    assert milepost.run("create-owner", "alice@example.org").returncode == 0
    house = House(milepost, tmp_path)
    try:
        yield house
    finally:
        house.close()


async def tracking_on(crowd: Crowd, paid: Paid) -> list[str]:
    """The numbers that a backer's own page shows."""
    page = await crowd.page(f"/p/{paid.key}")
    return re.findall(r">(0034\d{16})</a>", page)


async def test_what_is_owed_is_shipped_once_whatever_stops_the_house(
    milepost: Milepost, world: World, crowd: Crowd, house: House
) -> None:
    campaign = await live_campaign(world, "recorder")
    tier = await world.tier(campaign, ships=True)
    await world.zone(campaign, {tier: (500, 0)})
    muff = await world.product(stock=50)
    await world.milestone(campaign, 1, product_id=muff)

    async def pledge(who: str) -> Paid:
        session = await crowd.choose("recorder", tier=tier, country="CH")
        newest = (await world.row("select max(id) as id from pledges"))["id"]
        await lives(world, newest, who)
        return await crowd.pay(session, who)

    house.open()
    dana = await pledge("dana")
    await house.until(SHIPPED, (1,))
    ((number,),) = house.written("select tracking from labels")
    assert await tracking_on(crowd, dana) == [number]
    # It dies with a hook that it has taken and can't work on; another comes meanwhile.
    house.kill()
    milepost.kill_web()
    house.open(api=milepost.webs[1])
    eli = await pledge("eli")
    await house.until("select became from hooks where grant_id like '%:2'", ("",))
    house.kill()
    frances = await pledge("frances")
    house.open(api=milepost.webs[1])
    milepost.start_web()
    await house.until(SHIPPED, (3,))
    # It dies before it has noted what it did: the same call gets the same answer.
    house.kill()
    house.written("update hooks set became = ''")
    house.open()
    await house.until(SHIPPED, (3,))
    house.kill()
    labels = [line for line in house.heard if line.startswith("LABEL")]
    assert sorted(label.split("→ ")[1].split(",")[0] for label in labels) == [
        "dana", "eli", "frances",
    ]  # fmt: skip
    numbers = house.written("select tracking from labels order by grant_id")
    shown = [await tracking_on(crowd, paid) for paid in (dana, eli, frances)]
    assert shown == [list(row) for row in numbers]
    letters = await world.rows("select pledge_id from mails where kind = 'shipped' order by 1")
    assert len({row["pledge_id"] for row in letters}) == len(letters) == 3
    calls = await world.rows("select key from api_calls where caller like 'token:%'")
    assert {row["key"] for row in calls} == {
        row[0] for row in house.written("select id from hooks")
    }


async def test_what_is_owed_no_more_is_not_shipped(
    milepost: Milepost, world: World, crowd: Crowd, house: House
) -> None:
    campaign = await live_campaign(world, "flute")
    tier = await world.tier(campaign)
    await world.milestone(campaign, 1, product_id=await world.product(stock=50))
    house.open()
    await crowd.pledge("flute", "gwen", tier=tier)
    await house.until("select became from hooks", ("",))
    gwen = (await world.row("select id from pledges where campaign_id = $1", campaign))["id"]
    said = milepost.run("refund", str(gwen))
    assert said.returncode == 0, said.stderr
    await house.until("select became from hooks order by rowid", ("stopped",), ("heard",))
    house.kill()
    assert any("must not be sent any more" in line for line in house.heard)
    assert house.written("select * from labels where printed") == []


async def test_what_was_owed_before_is_shipped_by_whoever_asks_for_it(
    milepost: Milepost, world: World, crowd: Crowd, house: House
) -> None:
    campaign = await live_campaign(world, "drum")
    tier = await world.tier(campaign)
    await world.milestone(campaign, 1, product_id=await world.product(stock=50))
    await world.rows("update hooks set paused_at = now() returning id")
    hetty = await crowd.pledge("drum", "hetty", tier=tier)
    pledge = (await world.row("select id from pledges where campaign_id = $1", campaign))["id"]
    await lives(world, pledge, "hetty")

    async def is_owed() -> bool:
        return bool(await world.rows("select from grants where pledge_id = $1", pledge))

    await eventually(is_owed, "a grant for Hetty")
    house.open("--catch-up")
    await house.until(SHIPPED, (1,))
    assert await tracking_on(crowd, hetty) == [house.written("select tracking from labels")[0][0]]
