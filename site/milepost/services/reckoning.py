"""Reckoning: the ledger is rolled up behind a cursor, a chunk at a time, and replayed from there.

Everything that is written here is derived: it can be thrown away and reckoned again (C7).
"""

from datetime import datetime, timedelta

from milepost.domain.course import STRIDE, Course
from milepost.storage import course
from milepost.storage.database import Connection, Database, reading, unit

CHUNK = 5000  # entries, and started pledges, that one step takes
STILL = timedelta(minutes=2)  # no checkout takes longer to begin: older ones are all committed


async def reckon_all(database: Database, now: datetime) -> int:
    """Bring every campaign's roll-ups up to its ledger; returns how many steps that took."""
    async with reading(database) as db:
        campaigns = await course.behind(db, now - STILL)
    steps = 0
    for campaign_id in campaigns:
        left = True
        while left:
            async with unit(database) as db:
                left = await reckon(db, campaign_id, now)
            steps += 1
    return steps


async def reckon(db: Connection, campaign_id: int, now: datetime) -> bool:
    """One step, in the caller's transaction; True while more is left to do.

    Safe with any number at once: where another one is at it, nothing happens here. As many
    statements for one entry as for `CHUNK`.
    """
    found = await course.lock(db, campaign_id)
    if found is not None and found["zone"] != found["zone_now"]:
        await course.forget(db, campaign_id)
        found = await course.lock(db, campaign_id)
    if found is None:
        return False
    after, through = found["seq"], min(found["last"], found["seq"] + CHUNK)
    meter = Course(after, found["units"], found["money"], found["backers"])
    touched: set[int] = set()
    if through > after:
        entries = await course.entries_after(db, campaign_id, after, through)
        customers = list({entry["customer_id"] for entry in entries})
        meter.know(await course.worths_before(db, campaign_id, customers, after))
        waypoints = []
        for entry in entries:
            meter.take(entry)
            touched.add(entry["pledge_id"])
            if meter.seq % STRIDE == 0:
                waypoints.append((meter.seq, meter.units, meter.money, meter.backers))
        await course.keep_waypoints(db, campaign_id, waypoints)
        await course.keep_hours(db, campaign_id, found["zone"], after, through)
    changed = await course.take_to_recount(db, campaign_id, CHUNK)
    touched.update(changed)
    if touched:
        await course.recount(db, campaign_id, sorted(touched))
    still = now - STILL
    started, more = await course.count_started(
        db, campaign_id, found["zone"], found["started"], still, CHUNK
    )
    await course.keep_reckoned(db, campaign_id, meter, started)
    return through < found["last"] or len(changed) == CHUNK or more
