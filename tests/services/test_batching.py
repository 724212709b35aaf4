"""Owed, ready, shipped: who comes into a batch, what keeps a parcel back, each sent once."""

import io
from typing import Any

import pytest

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict, NotFound
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.auditing import audit_campaign
from milepost.services.batching import (
    correct_parcel,
    dissolve_batch,
    make_batch,
    overview,
    ship_pledge,
)
from milepost.services.changing import cancel
from milepost.services.deciding import change_pledge
from milepost.services.erasing import erase_person
from milepost.services.foreseeing import Wish, foresee_reissue
from milepost.services.fulfilling import ship
from milepost.services.listing import batch_csv
from milepost.services.milestone_wishes import NewReward
from milepost.services.milestones import change_reward
from milepost.services.preparing import NewStore, create_store
from milepost.services.refunding import refund_pledge
from milepost.services.tracking import run_to_end, send, take_file
from milepost.storage import attempts, creators, parcels, tracking
from milepost.storage.database import reading, unit
from milepost.storage.parcels import Wanted
from tests.world import World

ALL = {"addressed": False, "answered": False}


class Road:
    """A campaign whose tier is sent by post, and a milestone's product for everybody."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def built(self, stock: int = 50, **campaign: Any) -> "Road":
        world = self.world
        self.campaign = await world.campaign(**campaign)
        self.tier = await world.tier(self.campaign, ships=True)
        self.product = await world.product(stock=stock)
        self.milestone = await world.milestone(self.campaign, 1, product_id=self.product)
        async with unit(world.database) as db:
            self.alice = await creators.add(db, "alice@example.org", "Alice", "en", world.now)
        return self

    def line(self, count: int = 1) -> Line:
        return Line("tier", "One recorder", count, 4500, count, self.tier)

    async def backed(self, *who: str) -> list[int]:
        return [await self.world.pledged(self.campaign, name, self.line()) for name in who]

    async def batch(self, name: str = "First", **wanted: Any) -> int:
        made = Wanted(**{"contents": [0, self.milestone], **ALL, **wanted})
        return await make_batch(
            self.world.database, self.world.store_id, self.campaign, name, made, self.alice,
            self.world.now,
        )  # fmt: skip

    async def parcels(self) -> list[tuple[Any, ...]]:
        rows = await self.world.rows(
            "select pledge_id, milestone_id <> 0 as is_reward, state, tracking from parcels"
            " order by 1, 2"
        )
        return [tuple(row) for row in rows]

    async def file(self, text: str | bytes, batch: int | None = None, carrier: str = "") -> int:
        body = text if isinstance(text, bytes) else text.encode()
        return await take_file(
            self.world.database, self.campaign, batch, "f.csv", io.BytesIO(body), carrier,
            self.alice, self.world.now,
        )  # fmt: skip

    async def problems(self, run: int) -> dict[int, str]:
        rows = await self.world.rows(
            "select line, problem from tracking_lines where run_id = $1 and problem is not null",
            run,
        )
        return {row["line"]: row["problem"] for row in rows}

    async def sent(self, run: int) -> None:
        world = self.world
        await send(world.database, world.store_id, self.campaign, run, self.alice, world.clock)
        await run_to_end(world.database, run, world.clock)

    async def letters(self) -> list[tuple[int, str]]:
        rows = await self.world.rows(
            "select pledge_id, detail ->> 'tracking' as n from mails where kind = 'shipped'"
            " order by id"
        )
        return [(row["pledge_id"], row["n"]) for row in rows]


async def test_what_is_not_paid_held_disputed_or_out_of_stock_comes_into_no_batch(
    world: World,
) -> None:
    road = await Road(world).built(stock=4, review_limit=9000)
    dana, eli, fay, gus = await road.backed("Dana", "Eli", "Fay", "Gus")
    hal = await world.pledged(road.campaign, "Hal", road.line(3))  # above the review limit
    ida = await world.started(road.campaign, road.line())
    (jo,) = await road.backed("Jo")  # the fifth, when four are in stock
    await world.hear(road.campaign, Fact("disputed", eli, ref="dp_1", payment=f"pi_{eli}"))
    await world.settle()
    await refund_pledge(world.database, fay, "alice", world.now)
    await road.batch()
    assert await road.parcels() == [
        (dana, False, "ready", ""), (dana, True, "ready", ""),
        (gus, False, "ready", ""), (gus, True, "ready", ""),
        (jo, False, "ready", ""),
    ]  # fmt: skip
    assert not {hal, ida, eli, fay} & {row[0] for row in await road.parcels()}


async def test_all_or_nothing_sends_nothing_before_the_charge(world: World) -> None:
    """A9."""
    road = await Road(world).built(funding_model="all_or_nothing")
    pledge = await world.started(road.campaign, road.line())
    detail = {"email": "dana@example.org", "name": "Dana", "locale": "en"}
    await world.hear(road.campaign, Fact("saved", pledge, detail=detail))
    await world.settle()
    with pytest.raises(Conflict):
        await road.batch()


async def test_who_is_in_a_batch_stays_and_is_in_no_other(world: World) -> None:
    road = await Road(world).built()
    await road.backed("Dana")
    first = await road.batch()
    await road.backed("Eli")
    with pytest.raises(Conflict):
        await road.batch("France", country="FR")
    second = await road.batch("Second")
    rows = await world.rows("select batch_id, count(*) from parcels group by 1 order by 1")
    assert [tuple(row) for row in rows] == [(first, 2), (second, 2)]
    gone = await dissolve_batch(
        world.database, world.store_id, road.campaign, second, road.alice, world.now
    )
    assert gone == 2
    await road.batch("Third")


async def test_a_refund_before_it_is_sent_keeps_the_box_back(world: World) -> None:
    """A8."""
    road = await Road(world).built()
    dana, eli = await road.backed("Dana", "Eli")
    batch = await road.batch()
    await refund_pledge(world.database, dana, "alice", world.now)
    run = await road.file(f"pledge,carrier,tracking\n{dana},DHL,1\n{eli},DHL,2\n", batch)
    assert await road.problems(run) == {2: "moving"}
    await world.hear(road.campaign, Fact("refund", dana, amount=4500, ref="re_1",
                                         payment=f"pi_{dana}"))  # fmt: skip
    await world.settle()
    await road.sent(run)
    assert await road.problems(run) == {2: "over"}, "judged again when it is sent"
    assert await world.grants(road.milestone) == {"dana": "void", "eli": "fulfilled"}
    assert await road.letters() == [(eli, "2")]


async def test_goods_that_came_back_are_not_sent_and_the_reward_alone_is(world: World) -> None:
    road = await Road(world).built()
    dana = await world.pledged(road.campaign, "Dana", road.line(2))
    await refund_pledge(world.database, dana, "alice", world.now, returned={1: 1})
    await world.rows("update refunds set state = 'sent', provider_id = 're_1' returning id")
    await world.hear(road.campaign, Fact("refund", dana, amount=4500, ref="re_1",
                                         payment=f"pi_{dana}"))  # fmt: skip
    await world.settle()
    batch = await road.batch()
    picks = (await world.row("select picks from batches where id = $1", batch))["picks"]
    assert {p["title"]: p["count"] for p in picks} == {"One recorder": 1, "Wind muff": 1}


async def test_the_same_file_twice_changes_nothing_the_second_time(world: World) -> None:
    """A15."""
    road = await Road(world).built()
    dana, eli = await road.backed("Dana", "Eli")
    await road.batch()
    lines = f"pledge,carrier,tracking\n{dana},DHL,1\n{eli},DHL,2\n"
    first = await road.file(lines)
    await road.sent(first)
    await road.sent(first)
    before = await world.rows("select * from parcels order by pledge_id, milestone_id")
    second = await road.file(lines)
    assert await road.problems(second) == {2: "already", 3: "already"}
    await road.sent(second)
    assert await world.rows("select * from parcels order by pledge_id, milestone_id") == before
    assert await road.letters() == [(dana, "1"), (eli, "2")]
    third = await road.file(f"pledge,carrier,tracking\n{dana},DHL,3\n")
    assert await road.problems(third) == {2: "otherwise"}


async def test_each_bad_line_is_named_and_the_good_ones_are_kept(world: World) -> None:
    road = await Road(world).built(review_limit=9000)
    dana, eli, _ = await road.backed("Dana", "Eli", "Fay")
    await road.batch()
    other = await world.campaign()
    stranger = await world.pledged(other, "Gus")
    (late,) = await road.backed("Late")
    lines = [
        "pledge;tracking;carrier",
        f"{dana};100;DHL",
        "4711;101;DHL",
        f"{stranger};102;DHL",
        f"{late};103;DHL",
        f"{dana};104;DHL",
        "x;105;DHL",
        f"{eli};106;DHL",
    ]
    run = await road.file("\n".join(lines))
    named = {3: "unknown", 4: "elsewhere", 5: "not_ready", 6: "twice", 7: "no_number"}
    assert await road.problems(run) == named
    await road.sent(run)
    assert await road.problems(run) == named
    assert await road.letters() == [(dana, "100"), (eli, "106")]
    row = await world.row("select sent, done, state from tracking_runs where id = $1", run)
    assert tuple(row) == (2, 7, "done")
    assert {state for _, _, state, _ in await road.parcels()} == {"shipped", "ready"}


async def test_a_pledge_of_another_store_is_unknown(world: World) -> None:
    road = await Road(world).built()
    (dana,) = await road.backed("Dana")
    await road.batch()
    async with unit(world.database) as db:
        elsewhere = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    other = World(world.database, elsewhere, world.now, world._serial)
    stranger = await other.pledged(await other.campaign(slug="theirs"), "Zoe")
    run = await road.file(f"pledge,carrier,tracking\n{stranger},DHL,1\n{dana},DHL,2\n")
    assert await road.problems(run) == {2: "unknown"}


async def test_a_wrong_shipped_is_corrected_only_while_nothing_has_moved_since(
    world: World,
) -> None:
    """A8: what was sent and flagged stays sent."""
    road = await Road(world).built()
    dana, eli = await road.backed("Dana", "Eli")
    here = (world.database, world.store_id, road.campaign)
    for pledge in (dana, eli):
        assert await ship_pledge(*here, pledge, "DHL", f"00{pledge}", road.alice, world.now) == 2
    await correct_parcel(*here, dana, road.milestone, road.alice, world.now)
    assert await world.grants(road.milestone) == {"dana": "owed", "eli": "fulfilled"}
    with pytest.raises(NotFound):
        await correct_parcel(*here, dana, road.milestone, road.alice, world.now)
    await world.hear(road.campaign, Fact("refund", eli, amount=4500, ref="re_1",
                                         payment=f"pi_{eli}"))  # fmt: skip
    await world.settle()
    with pytest.raises(Conflict):
        await correct_parcel(*here, eli, road.milestone, road.alice, world.now)
    assert await ship_pledge(*here, dana, "UPS", "1Z", road.alice, world.now) == 1
    letters = await road.letters()
    assert [n for pledge, n in letters if pledge == dana] == [f"00{dana}", "1Z"]
    with pytest.raises(Conflict):
        await ship_pledge(*here, dana, "UPS", "1Z", road.alice, world.now)


async def test_what_is_sent_from_the_command_line_is_a_parcel_too(world: World) -> None:
    road = await Road(world).built()
    (dana,) = await road.backed("Dana")
    await ship(world.database, road.milestone, world.now, carrier="DHL", tracking="7")
    assert await road.parcels() == [(dana, True, "shipped", "7")]
    async with reading(world.database) as db:
        track = await db.fetchval("select track_id from campaigns where id = $1", road.campaign)
        seen = await overview(db, road.campaign, track, world.now)
    assert [dict(content.counts) for content in seen.contents] == [{"owed": 1}, {"shipped": 1}]


async def test_a_chunk_that_fails_leaves_the_run_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A15: the cursor moves with what it counts."""
    road = await Road(world).built()
    dana, eli = await road.backed("Dana", "Eli")
    await road.batch()
    run = await road.file(f"pledge,carrier,tracking\n{dana},DHL,1\n{eli},DHL,2\n")
    monkeypatch.setattr("milepost.services.tracking.CHUNK", 1)
    monkeypatch.setattr("milepost.services.tracking.AT_ONCE", 0)
    await send(world.database, world.store_id, road.campaign, run, road.alice, world.clock)
    moved = tracking.move

    async def broken(*values: Any) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(tracking, "move", broken)
    with pytest.raises(ConnectionError):
        await run_to_end(world.database, run, world.clock)
    assert await road.letters() == []
    monkeypatch.setattr(tracking, "move", moved)
    await run_to_end(world.database, run, world.clock)
    await run_to_end(world.database, run, world.clock)
    assert await road.letters() == [(dana, "1"), (eli, "2")]


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("kind", ["refund", "disputed"])
async def test_a_reward_travels_with_the_pledge_that_still_earns_it(
    world: World, kind: Any, batched: bool
) -> None:
    """A6, A8: one reward for two pledges; the money of the first goes back before it is sent."""
    road = await Road(world).built()
    first, second = await road.backed("Dana", "Dana")
    if batched:
        await road.batch(contents=[road.milestone])
    await world.hear(road.campaign, Fact(kind, first, amount=4500, ref="x_1",
                                         payment=f"pi_{first}"))  # fmt: skip
    await world.settle()
    assert (await world.row("select coalesce(sum(parcels), 0) from batches"))[0] == 0
    await road.batch("Second", contents=[road.milestone])
    assert await road.parcels() == [(second, True, "ready", "")]
    here = (world.database, world.store_id, road.campaign)
    assert await ship_pledge(*here, second, "DHL", "1", road.alice, world.now) == 2
    assert await world.grants(road.milestone) == {"dana": "fulfilled"}


async def test_the_audit_finds_a_reward_with_a_pledge_that_no_longer_earns_it(
    world: World,
) -> None:
    """C7."""
    road = await Road(world).built()
    first, second = await road.backed("Dana", "Dana")
    await world.rows("update grants set pledge_id = $1 returning 1", second)
    async with unit(world.database) as db:
        (told,) = (await audit_campaign(db, road.campaign, repair=True)).differences
    assert f"with pledge {second}; the rules say owed × 1 with pledge {first}" in told
    async with unit(world.database) as db:
        assert not (await audit_campaign(db, road.campaign)).differences


class _Stripe:
    async def end_checkout(self, session: str) -> bool:
        return True


@pytest.mark.parametrize("sent", [False, True])
async def test_a_pledge_whose_box_is_packed_or_sent_stands_as_it_is(
    world: World, sent: bool
) -> None:
    """P6; what the creator gives back still goes."""
    road = await Road(world).built()
    (dana,) = await road.backed("Dana")
    here = (world.database, world.store_id, road.campaign)
    if sent:
        await ship_pledge(*here, dana, "DHL", "1", road.alice, world.now)
    else:
        await road.batch()
    with pytest.raises(Conflict, match="being packed"):
        await change_pledge(world.database, dana, [road.line(2)], "backer", world.now)
    with pytest.raises(Conflict, match="being packed"):
        await cancel(world.database, _Stripe(), world.clock, dana)  # type: ignore[arg-type]
    assert (await refund_pledge(world.database, dana, "alice", world.now)).amount == 4500


async def test_what_is_being_changed_is_not_packed(world: World) -> None:
    """P6."""
    road = await Road(world).built()
    dana, eli = await road.backed("Dana", "Eli")
    batch = await road.batch(country=None, contents=[0])
    await dissolve_batch(
        world.database, world.store_id, road.campaign, batch, road.alice, world.now
    )
    async with unit(world.database) as db:
        made = await attempts.begin(db, dana, "change", "change-1", world.now, amount=4500)
    await road.batch()
    assert {row[0] for row in await road.parcels()} == {eli}
    here = (world.database, world.store_id, road.campaign)
    with pytest.raises(Conflict):
        await ship_pledge(*here, dana, "DHL", "1", road.alice, world.now)
    async with unit(world.database) as db:
        await attempts.close(db, {made or 0: ("failed", "left")})
    assert await ship_pledge(*here, dana, "DHL", "1", road.alice, world.now) == 2


async def test_what_was_sent_stays_in_a_batch_that_is_dissolved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milepost.services.listing.CHUNK", 2)
    road = await Road(world).built()
    *_, last = await road.backed("Dana", "Eli", "Fay", "Gus", "Hal")
    batch = await road.batch(contents=[0])
    here = (world.database, world.store_id, road.campaign)
    await ship_pledge(*here, last, "DHL", "1", road.alice, world.now)
    whole = [line async for line in batch_csv(world.database, batch, True)]
    assert len("".join(whole).splitlines()) == 6
    await dissolve_batch(*here, batch, road.alice, world.now)
    left = "".join([line async for line in batch_csv(world.database, batch, True)]).splitlines()
    assert len(left) == 2 and left[-1].startswith(f'"{last}","5",')


async def test_what_was_sent_by_hand_and_corrected_is_owed_and_fits_a_batch(world: World) -> None:
    road = await Road(world).built()
    (dana,) = await road.backed("Dana")
    here = (world.database, world.store_id, road.campaign)
    await ship_pledge(*here, dana, "DHL", "1", road.alice, world.now)
    for content in (0, road.milestone):
        await correct_parcel(*here, dana, content, road.alice, world.now)
    async with reading(world.database) as db:
        track = await db.fetchval("select track_id from campaigns where id = $1", road.campaign)
        seen = await overview(db, road.campaign, track, world.now)
    assert [dict(content.counts) for content in seen.contents] == [{"owed": 1}, {"owed": 1}]
    batch = await road.batch()
    run = await road.file(f"pledge,carrier,tracking\n{dana},DHL,2\n", batch)
    await road.sent(run)
    assert await road.letters() == [(dana, "1"), (dana, "2")]


async def test_a_tracking_number_does_not_outlive_an_erasure(world: World) -> None:
    road = await Road(world).built()
    (dana,) = await road.backed("Dana")
    here = (world.database, world.store_id, road.campaign)
    await ship_pledge(*here, dana, "DHL", "0034-SECRET", road.alice, world.now)
    await correct_parcel(*here, dana, 0, road.alice, world.now)
    await ship_pledge(*here, dana, "DHL", "0034-SECRET", road.alice, world.now)
    await erase_person(world.database, "dana@example.org", world.now)
    assert "SECRET" not in str(await world.rows("select before, after from deeds"))


async def test_another_reward_leaves_what_is_packed_as_it_is_and_says_so(world: World) -> None:
    """A12."""
    road = await Road(world).built()
    dana, _ = await road.backed("Dana", "Eli")
    batch = await road.batch(most=1)
    case = await world.product(title="Hard case", stock=50)
    wish = Wish(1, Audience(), product_id=case, milestone_id=road.milestone)
    async with reading(world.database) as db:
        told = await foresee_reissue(db, road.campaign, road.milestone, wish, world.now)
    assert (told.bill.grants, told.kept) == (1, 1)
    reward = NewReward("Hard case", product_id=case)
    await change_reward(
        world.database, road.milestone, reward, "alice", world.now, also_granted=True
    )
    async with reading(world.database) as db:
        inside = await parcels.items(db, batch, 0, 10)
    assert [item["title"] for item in inside[dana]] == ["One recorder", "Wind muff"]
    stock = await world.rows("select stock from products order by id")
    assert [row["stock"] for row in stock] == [49, 49]


async def test_a_box_sent_by_hand_takes_goods_and_products_but_no_code(world: World) -> None:
    """A8: a code that was in no box is void when its money goes back."""
    road = await Road(world).built()
    song = await world.milestone(road.campaign, 1, code_kind="shared", shared_code="SONG")
    (dana,) = await road.backed("Dana")
    here = (world.database, world.store_id, road.campaign)
    assert await ship_pledge(*here, dana, "DHL", "1", road.alice, world.now) == 2
    assert await world.grants(song) == {"dana": "owed"}
    await world.hear(road.campaign, Fact("refund", dana, amount=4500, ref="re_1",
                                         payment=f"pi_{dana}"))  # fmt: skip
    await world.settle()
    assert await world.grants(song) == {"dana": "void"}


async def test_an_empty_batch_says_which_demand_left_out_how_many(world: World) -> None:
    road = await Road(world).built()
    await road.backed("Dana", "Eli")
    with pytest.raises(Conflict, match="address”") as refused:
        await road.batch(addressed=True, answered=True)
    assert refused.value.sentence.fields == {"homeless": 2, "silent": 0}
    assert not await world.rows("select from parcels") and not await world.rows(
        "select from batches"
    )
