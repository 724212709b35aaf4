"""A campaign's books: what the settlement reads under its lock, and writes back set-wise."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from milepost.domain.facts import Fact
from milepost.domain.pledges import Pledge
from milepost.domain.settlement import Backer, Entry
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("ledger")
_inbox = named_queries("inbox")


async def lock_next_campaign(db: Connection) -> int | None:
    """A campaign with facts waiting that no other worker holds, locked from here on."""
    found: int | None = await _sql.lock_next_campaign(db)
    return found


async def lock_campaign(db: Connection, campaign_id: int) -> Any | None:
    """The campaign's row, locked until the transaction ends (C3)."""
    return await _sql.lock_campaign(db, campaign_id=campaign_id)


async def waiting_facts(db: Connection, campaign_id: int, most: int) -> list[Fact]:
    """The next facts about the campaign's pledges, in the order in which they were kept."""
    rows = await rows_of(_inbox.waiting_facts(db, campaign_id=campaign_id, most=most))
    return [Fact(r[1], r[2], r[0], r[3], r[4], r[5], r[6]) for r in rows]


async def pledges_by_id(
    db: Connection, campaign_id: int, pledge_ids: Sequence[int]
) -> dict[int, Pledge]:
    """These pledges of the campaign, by id."""
    rows = await rows_of(_sql.pledges_by_id(db, campaign_id=campaign_id, pledge_ids=pledge_ids))
    return {row["id"]: pledge_of(row) for row in rows}


async def other_pledges_of(
    db: Connection, campaign_id: int, customer_ids: Sequence[int], known: Sequence[int]
) -> list[Pledge]:
    """The customers' pledges in the campaign that are not `known` yet."""
    rows = await rows_of(
        _sql.other_pledges_of(
            db, campaign_id=campaign_id, customer_ids=customer_ids, pledge_ids=known
        )
    )
    return [pledge_of(row) for row in rows]


def pledge_of(row: Any) -> Pledge:
    """The pledge of its row, as the rules see it."""
    return Pledge(
        id=row["id"],
        units=row["units"],
        money=row["money"],
        state=row["state"],
        customer_id=row["customer_id"],
        tiers=frozenset(row["tiers"]),
        late=row["late"],
        held=row["held"],
        processing=row["processing"],
        counted_units=row["counted_units"],
        counted_money=row["counted_money"],
        shipping=row["shipping"],
        tax=row["tax"],
        paid=row["paid"],
        refunds=row["refunds"],
        refunded_totals=row["refunded_totals"],
        parts=row["refund_parts"],
        origins=row["origins"],
        disputes=row["disputes"],
        entered=row["entered"],
        claiming=row["claiming"],
        credit=row["credit"],
        credit_back=row["credit_back"],
        gifts=row["gifts"],
    )


async def know_customers(
    db: Connection, store_id: int, people: Mapping[str, tuple[str, str]], now: datetime
) -> dict[str, tuple[int, bool]]:
    """The customer id of each address, and whether it is new; `people`: address → name, locale."""
    known: dict[str, tuple[int, bool]] = {}
    while missing := [email for email in people if email not in known]:
        # a second round finds those whom another campaign's settlement has just made
        rows = await rows_of(
            _sql.know_customers(
                db,
                store_id=store_id,
                now=now,
                emails=missing,
                names=[people[email][0] for email in missing],
                locales=[people[email][1] for email in missing],
            )
        )
        known |= {row["email"]: (row["id"], row["is_new"]) for row in rows}
    return known


async def first_seqs(
    db: Connection, campaign_id: int, customer_ids: Sequence[int]
) -> dict[int, int]:
    """The seq of the first entry of each of these customers who has one (A3)."""
    rows = await rows_of(
        _sql.backers_by_customer(db, campaign_id=campaign_id, customer_ids=customer_ids)
    )
    return {row["customer_id"]: row["first_seq"] for row in rows}


async def write_entries(
    db: Connection, campaign_id: int, entries: Sequence[Entry], now: datetime
) -> None:
    """Append the entries (C2)."""
    rows = (
        (campaign_id, e.seq, e.kind, e.pledge_id, e.customer_id, e.units, e.money, e.inbox_id, now)
        for e in entries
    )
    await db.copy_records_to_table("entries", records=rows)


async def write_pledges(db: Connection, pledges: Iterable[Pledge], now: datetime) -> None:
    """What the settlement moved in each pledge.

    Pledges that come into the same state go together: most of a batch is one statement.
    """
    groups: dict[tuple[Any, ...], list[Pledge]] = {}
    for p in pledges:
        state = (p.state, p.held, p.processing, p.entered, p.claiming)
        groups.setdefault(state, []).append(p)
    for (state, held, processing, entered, claiming), group in groups.items():
        await _sql.write_pledges(
            db,
            now=now,
            state=state,
            held=held,
            processing=processing,
            entered=entered,
            claiming=claiming,
            ids=[p.id for p in group],
            customer_ids=[p.customer_id for p in group],
            counted_units=[p.counted_units for p in group],
            counted_money=[p.counted_money for p in group],
            taxes=[p.tax for p in group],
            paid=[_json(p.paid) for p in group],
        )


async def write_pledge_history(db: Connection, pledges: Sequence[Pledge]) -> None:
    """Refunds, disputes and changed lines of each pledge."""
    await _sql.write_pledge_history(
        db,
        ids=[p.id for p in pledges],
        refunds=[_json(p.refunds) for p in pledges],
        refunded_totals=[_json(p.refunded_totals) for p in pledges],
        parts=[_json(p.parts) for p in pledges],
        origins=[_json(p.origins) for p in pledges],
        disputes=[_json(p.disputes) for p in pledges],
        units=[p.units for p in pledges],
        money=[p.money for p in pledges],
        shipping=[p.shipping for p in pledges],
        tiers=["{" + ",".join(map(str, sorted(p.tiers))) + "}" for p in pledges],
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


async def know_payments(
    db: Connection, campaign_id: int, payments: Mapping[str, int]
) -> dict[str, int]:
    """Note which pledge each payment belongs to, and say it: the first that named it."""
    rows = await rows_of(
        _sql.know_payments(
            db, campaign_id=campaign_id, payments=list(payments), pledge_ids=list(payments.values())
        )
    )
    return {row["payment"]: row["pledge_id"] for row in rows}


async def write_backers(
    db: Connection, campaign_id: int, backers: Iterable[Backer], after: int
) -> None:
    """Each backer's first seq, once, and whether and by which pledge the backer is live.

    Those whose first entry comes `after` the seq before the batch are new.
    """
    known = [(b, b.first_seq) for b in backers if b.first_seq is not None]
    new = [
        (campaign_id, b.customer_id, first_seq, b.is_live, _standing_pledge(b).id)
        for b, first_seq in known
        if first_seq > after
    ]
    if new:
        await db.copy_records_to_table("backers", records=new)
    moved = [b for b, first_seq in known if first_seq <= after]
    if moved:
        await _sql.move_backers(
            db,
            campaign_id=campaign_id,
            customer_ids=[b.customer_id for b in moved],
            live=[b.is_live for b in moved],
            pledge_ids=[_standing_pledge(b).id for b in moved],
        )


def _standing_pledge(backer: Backer) -> Pledge:
    """The pledge that rewards travel with: a charged one first, as the rules have it (A8, A9)."""
    live = [p for p in backer.pledges if p.is_live] or backer.pledges
    return next((p for p in live if p.is_secured), live[0])


async def write_standing(
    db: Connection, campaign_id: int, seq: int, units: int, money: int, backers: int
) -> int:
    """The campaign's new totals; returns its new version."""
    version: int = await _sql.write_standing(
        db, campaign_id=campaign_id, seq=seq, units=units, money=money, backers=backers
    )
    return version


async def close_checkouts(db: Connection, pledge_ids: Sequence[int], failed: Sequence[int]) -> None:
    """The checkouts of these pledges are over (P4)."""
    await _sql.close_checkouts(db, pledge_ids=pledge_ids, failed=failed)


async def bump_version(db: Connection, campaign_id: int) -> int:
    """The campaign's next version, for an edit that open pages must see."""
    version: int = await _sql.bump_version(db, campaign_id=campaign_id)
    return version


async def take_settled(db: Connection, inbox_ids: Sequence[int]) -> None:
    """These facts have had their effect."""
    await _inbox.take_settled(db, inbox_ids=inbox_ids)


async def mark_refused(db: Connection, refused: Mapping[int, str]) -> None:
    """These facts changed nothing, each for its reason (P1)."""
    await _inbox.mark_refused(db, inbox_ids=list(refused), reasons=list(refused.values()))
