"""The overview's roll-ups and every past entry equal a plain fold of the whole ledger (N3, C7)."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milepost.domain import course as course_of
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services import reckoning, settling
from milepost.services.auditing import audit_campaign
from milepost.services.deciding import change_pledge
from milepost.services.milestones import move_target
from milepost.services.preparing import NewStore, create_store
from milepost.services.reckoning import reckon_all
from milepost.services.replaying import replay
from milepost.services.settling import settle_all
from milepost.services.travelling import Moment, travel
from milepost.storage.database import reading, unit
from tests.services.ground import Ground
from tests.world import NOON, World, open_world, paid, recorders

WHO = ("Dana", "Eli", "Fay", "Gus")


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url) as world:
        yield world


@pytest.fixture
def ground(database_url: str) -> Iterator[Ground]:
    ground = Ground(database_url)
    yield ground
    ground.close()


async def differences(world: World, campaign_id: int) -> list[str]:
    async with unit(world.database) as db:
        return (await audit_campaign(db, campaign_id)).differences


async def moment(world: World, campaign_id: int, seq: int) -> Moment:
    row = await world.row("select track_id from campaigns where id = $1", campaign_id)
    async with reading(world.database) as db:
        return await travel(db, campaign_id, row["track_id"], seq)


async def tallies(world: World, campaign_id: int, kind: str) -> dict[str, tuple[int, int, int]]:
    rows = await world.rows(
        "select name, pledges, units, money from tallies"
        " where campaign_id = $1 and kind = $2 and pledges > 0",
        campaign_id,
        kind,
    )
    return {row["name"]: (row["pledges"], row["units"], row["money"]) for row in rows}


# What may happen to a ledger: somebody backs, something is refunded, somebody comes back, the
# worker looks, a target moves, an hour passes.
acts = st.lists(
    st.one_of(
        st.tuples(st.just("back"), st.integers(0, 3), st.integers(1, 3)),
        st.tuples(st.just("refund"), st.integers(0, 20), st.sampled_from([1, 2])),
        st.tuples(st.just("dispute"), st.integers(0, 20), st.booleans()),
        st.tuples(st.just("reckon"), st.just(0), st.just(0)),
        st.tuples(st.just("move"), st.integers(0, 1), st.integers(1, 12)),
        st.tuples(st.just("wait"), st.integers(1, 30), st.just(0)),
    ),
    min_size=4,
    max_size=16,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=acts, stride=st.integers(1, 4), chunk=st.integers(1, 6))
def test_every_entry_shows_what_a_plain_fold_of_the_ledger_says(
    ground: Ground, acts: list[tuple[str, int, int]], stride: int, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reckoning, "STRIDE", stride)
        patch.setattr(reckoning, "CHUNK", chunk)
        ground.run(_lives_through(ground, acts))


async def _lives_through(ground: Ground, acts: list[tuple[str, int, int]]) -> None:
    world, number = ground.world, next(ground.serial)
    world.now = NOON
    async with unit(world.database) as db:
        world.store_id = await create_store(db, NewStore(f"s-{number}", "S"), NOON)
    campaign_id = await world.campaign(slug=f"road-{number}", zone="Asia/Kathmandu")
    targets = [await world.milestone(campaign_id, target) for target in (4, 9)]
    pledges: list[tuple[int, int]] = []
    stood = {0: await _standing(world, campaign_id)}  # the last look after each entry
    for act, one, two in acts:
        if act == "back":
            money = 4500 * two
            id_ = await world.started(campaign_id, recorders(two))
            pledges.append((id_, money))
            await world.hear(campaign_id, paid(id_, WHO[one], money))
        elif act == "refund" and pledges:
            id_, money = pledges[one % len(pledges)]
            ref = f"re_{next(ground.serial)}"
            await world.hear(campaign_id, Fact("refund", id_, amount=money // two, ref=ref))
        elif act == "dispute" and pledges:
            id_, _ = pledges[one % len(pledges)]
            await world.hear(campaign_id, Fact("disputed", id_, ref=f"dp_{id_}"))
            if two:
                await world.hear(campaign_id, Fact("dispute_won", id_, ref=f"dp_{id_}"))
        elif act == "reckon":
            await reckon_all(world.database, world.now)
        elif act == "move":
            row = await world.row("select reached_seq from milestones where id=$1", targets[one])
            if row["reached_seq"] is None:
                await move_target(world.database, targets[one], two, "alice", world.now)
        elif act == "wait":
            world.now += timedelta(hours=one)
        more = 1
        while more:
            more = await settle_one(world)
            now = await _standing(world, campaign_id)
            stood[now["seq"]] = now
    assert await differences(world, campaign_id) == []
    await reckon_all(world.database, world.now)
    assert await differences(world, campaign_id) == []
    for kept in stood.values():
        await _compare(world, campaign_id, kept)
    await _compare_sums(world, campaign_id)


async def settle_one(world: World) -> int:
    """Settle one fact, so that each entry is seen by itself."""
    batch, settling.BATCH = settling.BATCH, 1
    try:
        return await settling.settle_next(world.database, world.clock)
    finally:
        settling.BATCH = batch


async def _standing(world: World, campaign_id: int) -> dict[str, Any]:
    """The campaign as it stands at this moment, as the public page has it."""
    row = await world.row(
        "select seq, units, money, backers from campaigns where id = $1", campaign_id
    )
    track = await world.rows(
        "select m.id, m.target, m.reached_seq from milestones m join campaigns c using (track_id)"
        " where c.id = $1 order by m.target, m.id",
        campaign_id,
    )
    return {**dict(row), "milestones": [tuple(m) for m in track]}


async def _compare(world: World, campaign_id: int, kept: dict[str, Any]) -> None:
    found = await moment(world, campaign_id, kept["seq"])
    assert (found.units, found.money, found.backers) == (
        kept["units"],
        kept["money"],
        kept["backers"],
    )
    assert [(m.id, m.target, m.reached_seq) for m in found.milestones] == kept["milestones"]
    slug = (await world.row("select slug from campaigns where id = $1", campaign_id))["slug"]
    plainly = await replay(world.database, slug, kept["seq"])
    assert (plainly.units, plainly.money, plainly.backers) == (
        found.units,
        found.money,
        found.backers,
    )
    assert (found.entry and found.entry["seq"]) == (kept["seq"] or None)


async def _compare_sums(world: World, campaign_id: int) -> None:
    entries = await world.rows(
        "select kind, units, money, made_at at time zone 'Asia/Kathmandu' as at from entries"
        " where campaign_id = $1",
        campaign_id,
    )
    expected: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in entries:
        day = expected[entry["at"].date()]
        day[0] += entry["kind"] == "confirmed"
        day[1] += entry["units"]
        day[2] += entry["money"]
    rows = await world.rows(
        "select hour::date as day, sum(confirmed)::int as confirmed, sum(units)::int as units,"
        " sum(money)::int as money from hours where campaign_id = $1 and entries > 0 group by 1",
        campaign_id,
    )
    assert {r["day"]: [r["confirmed"], r["units"], r["money"]] for r in rows} == dict(expected)
    row = await world.row("select units, money from campaigns where id = $1", campaign_id)
    for kind in ("country", "source", "tag"):
        counted = (await tallies(world, campaign_id, kind)).values()
        assert sum(c[1] for c in counted) == row["units"]
        assert sum(c[2] for c in counted) == row["money"]


async def test_lines_that_change_without_moving_the_meter_are_counted_anew(world: World) -> None:
    campaign_id = await world.campaign()
    oak, elm = [await world.tier(campaign_id, title=title) for title in ("Oak", "Elm")]
    pledge_id = await world.pledged(campaign_id, "Dana", Line("tier", "Oak", 1, 4500, 1, oak))
    await reckon_all(world.database, world.now)
    assert await tallies(world, campaign_id, "line") == {str(oak): (1, 1, 4500)}
    new = [Line("tier", "Elm", 1, 4500, 1, elm)]
    await change_pledge(world.database, pledge_id, new, "Dana", world.now)
    await settle_all(world.database, world.clock)
    assert await differences(world, campaign_id) == []
    await reckon_all(world.database, world.now)
    assert await tallies(world, campaign_id, "line") == {str(elm): (1, 1, 4500)}
    assert await differences(world, campaign_id) == []


async def test_a_refunded_pledge_is_in_no_tally(world: World) -> None:
    campaign_id = await world.campaign()
    pledge_id = await world.pledged(campaign_id, "Dana", recorders(2))
    await world.pledged(campaign_id, "Eli", recorders(1))
    await reckon_all(world.database, world.now)
    await world.hear(campaign_id, Fact("refund", pledge_id, amount=9000, ref="re_1"))
    await world.settle()
    await reckon_all(world.database, world.now)
    assert await tallies(world, campaign_id, "country") == {"": (1, 1, 4500)}


async def test_the_audit_names_a_wrong_roll_up_and_repairs_it_by_reckoning_anew(
    world: World,
) -> None:
    """C7."""
    campaign_id = await world.campaign()
    await world.pledged(campaign_id, "Dana")
    await reckon_all(world.database, world.now)
    for wrong in (
        "update tallies set money = money + 1 where kind = 'country' returning 1",
        "update hours set units = units + 1 returning 1",
        "update counted set source = 'nowhere.example' returning 1",
    ):
        await world.rows(wrong)
        assert await differences(world, campaign_id) != [], wrong
        async with unit(world.database) as db:
            await audit_campaign(db, campaign_id, repair=True)
        assert await differences(world, campaign_id) == []
        await reckon_all(world.database, world.now)
        assert await differences(world, campaign_id) == []
        assert (await tallies(world, campaign_id, "country")) == {"": (1, 1, 4500)}


async def test_days_begin_where_the_campaign_s_clock_says_and_move_with_it(world: World) -> None:
    campaign_id = await world.campaign(zone="UTC")
    world.now = NOON + timedelta(hours=11, minutes=30)  # half past eleven at night in UTC
    await world.pledged(campaign_id, "Dana")
    await reckon_all(world.database, world.now)
    days = "select hour::date::text as day from hours where entries > 0"
    assert (await world.row(days))["day"] == "2026-06-01"
    await world.rows("update campaigns set zone = 'Europe/Berlin' returning 1")
    await reckon_all(world.database, world.now)
    assert (await world.row(days))["day"] == "2026-06-02"
    assert await differences(world, campaign_id) == []


async def test_checkouts_begun_are_counted_once_they_are_still(world: World) -> None:
    campaign_id = await world.campaign()
    await world.started(campaign_id)
    await reckon_all(world.database, world.now)
    assert await world.rows("select 1 from hours where started > 0") == []
    world.now += timedelta(minutes=5)
    await world.started(campaign_id)
    await reckon_all(world.database, world.now)
    await reckon_all(world.database, world.now)
    assert (await world.row("select sum(started)::int as n from hours"))["n"] == 1
    assert await differences(world, campaign_id) == []


def test_a_course_reads_no_more_than_a_stride_from_its_waypoint() -> None:
    assert course_of.STRIDE <= 500
