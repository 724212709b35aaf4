"""Grants: the record that a reward is owed, one per milestone and beneficiary (A6, A15)."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from milepost.domain.rewards import GrantState
from milepost.domain.settlement import Grant, Granted, GrantKey
from milepost.domain.tracks import Milestone
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("grants")
COLUMNS = (
    "milestone_id",
    "beneficiary",
    "customer_id",
    "pledge_id",
    "reward_id",
    "granted_seq",
    "quantity",
    "state",
    "backordered",
)


async def granted_to(
    db: Connection, milestone_ids: Sequence[int], beneficiaries: Sequence[int]
) -> dict[GrantKey, Granted]:
    """Each grant that these beneficiaries have, as it stands."""
    rows = await rows_of(
        _sql.grants_of(db, milestone_ids=milestone_ids, beneficiaries=beneficiaries)
    )
    return {
        (r["milestone_id"], r["beneficiary"]): Granted(
            r["state"], r["quantity"], r["pledge_id"], r["flagged"]
        )
        for r in rows
    }


async def open_secrets(db: Connection, granted: Sequence[Grant]) -> list[Any]:
    """Those of these grants whose open reward holds a code or a text for its owner alone (R2)."""
    rows: list[Any] = await rows_of(_sql.open_secrets(db, **_keys(granted)))
    return rows


async def write(
    db: Connection,
    campaign_id: int,
    grants: Sequence[Grant],
    milestones: Sequence[Milestone],
) -> None:
    """Bring these grants into their states, then hand out stock and codes that run out (A8, A14).

    A fulfilled grant among them is kept: flagged for the creator, or no longer.
    """
    sent = [g for g in grants if g.state == "fulfilled"]
    if sent:
        await _sql.flag_fulfilled(db, **_keys(sent), flagged=[g.flagged for g in sent])
        grants = [g for g in grants if g.state != "fulfilled"]
    kept = await within_caps(db, grants, milestones)
    finite = {m.id for m in milestones if m.reward.finite}
    rationed = {m.id for m in milestones if m.is_rationed}
    touched = {g.milestone_id for g in kept} & rationed
    by_unit = {m.id for m in milestones if m.audience.per == "unit"}
    less = [g for g in kept if g.state == "void" or g.milestone_id in by_unit]
    if less and rationed:
        await _sql.take_back_stock(
            db,
            **_keys(kept),
            quantities=[g.quantity for g in kept],
            states=[g.state for g in kept],
        )
        touched = rationed  # two milestones may give the same product
    await _add(db, [g for g in kept if g.is_new], finite)
    await _move(db, campaign_id, [g for g in kept if not g.is_new], finite)
    await allot_all(db, campaign_id, [m for m in milestones if m.id in touched])


async def _add(db: Connection, grants: Sequence[Grant], finite: set[int]) -> None:
    """New rows go in by COPY: nobody else adds any while the campaign is locked."""
    rows = (
        (
            g.milestone_id,
            g.beneficiary,
            g.customer_id,
            g.pledge_id,
            g.reward_id,
            g.seq,
            g.quantity,
            g.state,
            g.milestone_id in finite and g.state != "void",
        )
        for g in grants
    )
    if grants:
        await db.copy_records_to_table("grants", records=rows, columns=COLUMNS)


async def _move(
    db: Connection, campaign_id: int, grants: Sequence[Grant], finite: set[int]
) -> None:
    if not grants:
        return
    await _sql.write_grants(
        db,
        campaign_id=campaign_id,
        **_keys(grants),
        customer_ids=[g.customer_id for g in grants],
        pledge_ids=[g.pledge_id for g in grants],
        reward_ids=[g.reward_id for g in grants],
        seqs=[g.seq for g in grants],
        quantities=[g.quantity for g in grants],
        states=[g.state for g in grants],
        backordered=[g.milestone_id in finite and g.state != "void" for g in grants],
    )


async def within_caps(
    db: Connection, grants: Sequence[Grant], milestones: Sequence[Milestone]
) -> list[Grant]:
    """`grants` without the new ones for which a capped milestone has no room left (A14)."""
    capped = {m.id: m for m in milestones if m.audience.cap}
    if not any(g.milestone_id in capped for g in grants):
        return list(grants)
    here = [g for g in grants if g.milestone_id in capped]
    present = await granted_to(db, list(capped), [g.beneficiary for g in here])
    room = {key: await _sql.room_under_cap(db, milestone_id=key) for key in capped}
    kept = []
    for grant in grants:
        is_new = (grant.milestone_id, grant.beneficiary) not in present
        if grant.milestone_id in capped and is_new:
            if room[grant.milestone_id] <= 0:
                continue
            room[grant.milestone_id] -= 1
        kept.append(grant)
    return kept


def _keys(grants: Sequence[Grant]) -> dict[str, Any]:
    return {
        "milestone_ids": [g.milestone_id for g in grants],
        "beneficiaries": [g.beneficiary for g in grants],
    }


async def allot(db: Connection, campaign_id: int, milestone_id: int) -> None:
    """Stock and codes that are there go to the grants that wait for them, in order (A14, R2)."""
    await _sql.allot_stock(db, campaign_id=campaign_id, milestone_id=milestone_id)
    await _sql.allot_codes(db, campaign_id=campaign_id, milestone_id=milestone_id)


async def wait_no_more(db: Connection, milestone_id: int, product_id: int) -> None:
    """Nobody waits for a product any more that has no end (A14)."""
    await _sql.wait_no_more(db, milestone_id=milestone_id, product_id=product_id)


async def allot_all(db: Connection, campaign_id: int, milestones: Iterable[Milestone]) -> None:
    """The same for several, the oldest milestone first."""
    for milestone_id in sorted(m.id for m in milestones if m.is_rationed):
        await allot(db, campaign_id, milestone_id)


async def fulfil(db: Connection, milestone_id: int, pledges: Sequence[int] | None) -> list[Any]:
    """Those owed and in stock are fulfilled, all or these pledges' alone; the ones that were."""
    rows: list[Any] = await rows_of(
        _sql.fulfil_grants(db, milestone_id=milestone_id, pledge_ids=pledges)
    )
    return rows


async def void_all(db: Connection, track_id: int) -> None:
    """Nothing on the track is owed any more; what was shipped is kept (A9)."""
    await _sql.void_all_of_track(db, track_id=track_id)


async def secrets_after(db: Connection, milestone_id: int, after: int, most: int) -> list[Any]:
    """The next grants of the milestone that hold an open code or text, by beneficiary (R2)."""
    rows: list[Any] = await rows_of(
        _sql.secrets_of_milestone(db, milestone_id=milestone_id, after=after, most=most)
    )
    return rows


async def take_back(db: Connection, campaign_id: int, milestone_id: int) -> None:
    """Stock set aside for the milestone's grants returns, save what is packed or shipped (A12)."""
    await _sql.take_back_stock_of_milestone(db, campaign_id=campaign_id, milestone_id=milestone_id)


async def fan_out(
    db: Connection,
    campaign_id: int,
    milestone: Milestone,
    seq: int,
    state: GrantState,
    upto: int,
    most: int,
) -> int | None:
    """Grant the next `most` backers; the last first entry judged, None when none is left."""
    last: int | None = await _sql.end_of_chunk(
        db, campaign_id=campaign_id, after=milestone.granted_through, upto=upto, most=most
    )
    if last is None:
        return None
    chunk = {
        "campaign_id": campaign_id,
        "milestone_id": milestone.id,
        "reward_id": milestone.reward.id,
        "after": milestone.granted_through,
        "through": last,
        "seq": seq,
        "state": state,
        "finite": milestone.reward.finite,
    }
    try:
        async with db.transaction():
            await _sql.fan_out(db, **chunk)
    except asyncpg.UniqueViolationError:
        # only after a repair: else nobody but the fan-out grants past its own cursor
        await _sql.fan_out_again(db, **chunk)
    return last


async def advance(db: Connection, milestone_id: int, through: int) -> None:
    """The fan-out has judged every backer up to this first entry."""
    await _sql.advance_fan_out(db, milestone_id=milestone_id, through=through)


async def backers_after(db: Connection, campaign_id: int, after: int, most: int) -> dict[int, int]:
    """The next backers in order: customer → first entry."""
    rows = await rows_of(_sql.backers_after(db, campaign_id=campaign_id, after=after, most=most))
    return {row["customer_id"]: row["first_seq"] for row in rows}
