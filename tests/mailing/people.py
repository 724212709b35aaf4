"""Backers as the settlement leaves them, made without it: what mails are about."""

from datetime import timedelta
from typing import Any

from milepost.domain.lines import Line
from milepost.mailing.composing import Composer
from milepost.services.posting import post_waiting
from milepost.storage import mails, pledges
from milepost.storage.database import reading, unit
from milepost.storage.mails import Letter
from tests.world import World

SECRET_KEY = "a-secret-of-the-tests"
BASE_URL = "https://fund.example.org"
composer = Composer(BASE_URL, SECRET_KEY)

# What each kind is promised with.
DETAILS: dict[str, dict[str, Any]] = {
    "refunded": {"amount": 1250},
    "charge_failed": {
        "code": "expired_card",
        "next_at": "2026-06-04T12:00:00+00:00",
        "drop_at": "2026-06-08T12:00:00+00:00",
    },
    "shipped": {"carrier": "DHL", "tracking": "JD0146 0003"},
    "locks_soon": {"at": "2026-06-20T22:00:00+00:00"},
}


async def backer(
    world: World,
    campaign_id: int,
    who: str,
    *lines: Line,
    locale: str = "en",
    state: str = "charged",
    **columns: Any,
) -> int:
    """A live pledge of `who`, entered in the books; its id. `columns` are the pledge's own."""
    lines = lines or (Line("tier", "One recorder", 1, 4500, 1),)
    async with unit(world.database) as db:
        pledge_id = await pledges.add(
            db,
            key=f"key-of-{who.lower()}-{campaign_id}",
            campaign_id=campaign_id,
            locale=locale,
            lines=lines,
            late=False,
            claiming=False,
            now=world.now,
            expires_at=world.now + timedelta(minutes=31),
        )
        units, money = sum(x.units for x in lines), sum(x.amount for x in lines)
        customer_id = await db.fetchval(
            "insert into customers (store_id, email, name, created_at) values ($1, $2, $3, $4)"
            " on conflict (store_id, email) do update set name = excluded.name returning id",
            world.store_id, f"{who.lower()}@example.org", who, world.now,
        )  # fmt: skip
        seq = await db.fetchval(
            "update campaigns set seq = seq + 1, version = version + 1, units = units + $2,"
            " money = money + $3, backers = backers + 1 where id = $1 returning seq",
            campaign_id, units, money,
        )  # fmt: skip
        known = {
            "state": state,
            "customer_id": customer_id,
            "entered": True,
            "counted_units": units,
            "counted_money": money,
            "confirmed_at": world.now,
        } | columns
        names = ", ".join(f"{name} = ${place}" for place, name in enumerate(known, 2))
        await db.execute(f"update pledges set {names} where id = $1", pledge_id, *known.values())
        await db.execute(
            "insert into backers (campaign_id, customer_id, first_seq, live, pledge_id)"
            " values ($1, $2, $3, true, $4)", campaign_id, customer_id, seq, pledge_id,
        )  # fmt: skip
    return pledge_id


async def reach(world: World, milestone_id: int, seq: int, *, revealed: bool = True) -> None:
    """The entry `seq` reached the milestone; every live backer is granted it."""
    async with unit(world.database) as db:
        await db.execute(
            "update milestones set reached_seq = $2, granted_through = 9223372036854775807,"
            " reached_at = $3, revealed_at = $4 where id = $1",
            milestone_id, seq, world.now, world.now if revealed else None,
        )  # fmt: skip
        await db.execute(
            "insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id,"
            " granted_seq, state) select m.id, b.customer_id, b.customer_id, b.pledge_id,"
            " m.reward_id, $2, 'owed' from milestones m join campaigns c using (track_id)"
            " join backers b on b.campaign_id = c.id and b.live where m.id = $1",
            milestone_id, seq,
        )  # fmt: skip
        await db.execute(
            "update reward_codes c set beneficiary = g.beneficiary from ("
            " select beneficiary, row_number() over (order by beneficiary) as place from grants"
            " where milestone_id = $1) g where c.milestone_id = $1 and c.position = g.place",
            milestone_id,
        )  # fmt: skip


async def promise(world: World, *letters: Letter) -> None:
    """These mails are promised now."""
    async with unit(world.database) as db:
        await mails.promise(db, letters, world.now)


async def kept(world: World, most: int = 50) -> list[Any]:
    """What waits is composed and kept, as in the demo; the mails with their texts, in order."""
    while await post_waiting(world.database, None, composer, world.clock, most):
        pass
    return await world.rows("select * from mails order by id")


async def mail_of(world: World, kind: str, pledge_id: int, **letter: Any) -> Any:
    """The mail of this kind as it would go out; its row."""
    detail = letter.pop("detail", DETAILS.get(kind, {}))
    key = f"{kind}:{pledge_id}:{len(await world.rows('select id from mails'))}"
    await promise(world, Letter(kind, key, pledge_id, detail=detail, **letter))
    await kept(world)
    return await world.row("select * from mails where key = $1", key)


async def state_of(world: World, key: str) -> str:
    """What became of the mail with this key."""
    async with reading(world.database) as db:
        return str(await db.fetchval("select state from mails where key = $1", key))
