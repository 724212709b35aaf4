"""The studio's pages about a campaign of 100,000 pledges, against one of 100 (V11)."""

import asyncio
import http.client
import secrets
import statistics
import time
from datetime import timedelta
from typing import Any

from bench.crowd import campaign
from bench.rows import Row
from bench.stage import Stage, free_port, now
from milepost.services.entering import token_hash
from milepost.services.reckoning import reckon_all
from milepost.storage import creators
from milepost.storage.database import Database, open_database, unit

FEW, MANY = 100, 100_000
EACH = 40  # requests of a page in one round
PAGES = (  # what stands behind the campaign's address; `{middle}` is an entry half way
    *("", "?at={middle}", "/milestones", "/pledges", "/disputes", "/fulfilment"),
    *("/fulfilment/parcels", "/fulfilment/questions", "/updates", "/edit"),
)
SPREAD = """
alter table entries disable trigger user;
update entries set made_at = made_at - (c.seq - entries.seq) * (interval '30 days' / c.seq)
from campaigns c where c.id = entries.campaign_id;
alter table entries enable trigger user;
update pledges p set started_at = e.made_at - interval '5 minutes', confirmed_at = e.made_at,
       country = (array['DE', 'FR', 'US', 'AT', 'GB', 'JP'])[1 + p.id % 6],
       source = 'site-' || p.id % 40 || '.example', tag = 'tag-' || p.id % 25
from entries e where e.pledge_id = p.id;
insert into pledge_lines (pledge_id, position, source, tier_id, title, quantity, unit_price, units)
select id, 1, 'tier', tiers[1], 'Tier 0', 1, 4500, 1 from pledges;
insert into visited (campaign_id, day, source, tag, seen)
select c.id, current_date - d, 'site-' || s || '.example', 'tag-' || s % 25, 30
from campaigns c, generate_series(0, 29) d, generate_series(1, 40) s;
update campaigns set opens_at = opens_at - interval '30 days';
"""


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V11: each page's time at 100,000 pledges over its time at 100."""
    url = await stage.database()
    async with open_database(url) as database:
        await campaign(database, "few", FEW)
        await campaign(database, "many", MANY)
        async with unit(database) as db:
            await db.execute(SPREAD, timeout=600)
        await reckon_all(database, now())
        async with database.connection() as connection:
            await connection.raw_connection.execute("vacuum analyze", timeout=600)
        cookie = await _sit_down(database)
    port = free_port()
    rows: list[Row] = []
    with stage.process("serve", port=port, url=url):
        for page in PAGES:
            row = Row(f"V11 studio{page or ' overview'}, 100,000 pledges / 100", "ms", "≤ 5 ×",
                      better="less", reach=5)  # fmt: skip
            for _ in range(rounds):
                few = await asyncio.to_thread(_timed, port, cookie, "few", page, FEW)
                many = await asyncio.to_thread(_timed, port, cookie, "many", page, MANY)
                if few is None or many is None:
                    break
                row.floor.append(few)
                row.ours.append(many)
            if row.ours:
                rows.append(row)
    return rows


async def _sit_down(database: Database) -> str:
    """An owner of the store who is signed in; the cookie's value."""
    token = secrets.token_urlsafe(32)
    async with unit(database) as db:
        creator_id = await creators.add(db, "alice@example.org", "Alice", "en", now())
        store_id: Any = await db.fetchval("select id from stores")
        await creators.keep_member(db, store_id, creator_id, "owner", now())
        await db.execute(
            "insert into sittings (token_hash, creator_id, made_at, seen_at, proved_at, expires_at)"
            " values ($1, $2, $3, $3, $3, $4)",
            token_hash(token),
            creator_id,
            now(),
            now() + timedelta(days=1),
        )
    return token


def _timed(port: int, cookie: str, slug: str, page: str, count: int) -> float | None:
    """The median of the milliseconds that the page takes; None where there is no such page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path = f"/studio/bench/campaigns/{slug}{page.format(middle=count // 2)}"
    took = []
    for number in range(EACH + 3):
        begun = time.perf_counter()
        connection.request("GET", path, headers={"cookie": f"milepost-studio={cookie}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise RuntimeError(f"{path} answers {answer.status}")
        if number >= 3:
            took.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return statistics.median(took)
