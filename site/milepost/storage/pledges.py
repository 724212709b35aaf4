"""Pledges as they are made and shown; what the settlement moves in them is in `ledger`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.lines import Line, goods_of, shipping_of
from milepost.domain.origins import Origin
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("pledges")


async def campaign_to_pledge(db: Connection, slug: str) -> Any | None:
    """The campaign's row, as a new pledge must know it."""
    return await _sql.campaign_to_pledge(db, slug=slug)


async def tier_to_pledge(db: Connection, campaign_id: int, tier_id: int) -> Any | None:
    """The tier's row, when it is one of the campaign's."""
    return await _sql.tier_to_pledge(db, campaign_id=campaign_id, tier_id=tier_id)


async def claim_slots(db: Connection, tier_id: int, quantity: int) -> bool:
    """Claim the slots of a tier; False when fewer are left (P3)."""
    return bool(await _sql.claim_slots(db, tier_id=tier_id, quantity=quantity))


async def add(
    db: Connection,
    *,
    key: str,
    campaign_id: int,
    locale: str,
    lines: Sequence[Line],
    late: bool,
    claiming: bool,
    now: datetime,
    expires_at: datetime,
    country: str | None = None,
    origin: Origin | None = None,
    customer_id: int | None = None,
    credit: int = 0,
    gifts: Sequence[Mapping[str, Any]] = (),
) -> int:
    """A started pledge with its lines, priced for good (M3); returns its id.

    Its `money` is the goods alone, its `tiers` are tiers alone: no shipping, no add-ons (C1, A7).
    `credit` and `gifts` are what it uses of its customer's own.
    """
    pledge_id: int = await _sql.add_pledge(
        db,
        key=key,
        campaign_id=campaign_id,
        locale=locale,
        units=sum(line.units for line in lines),
        money=goods_of(lines),
        shipping=shipping_of(lines),
        country=country,
        tiers=[line.tier_id for line in lines if line.tier_id and line.source == "tier"],
        late=late,
        claiming=claiming,
        now=now,
        expires_at=expires_at,
        source=(origin and origin.source) or None,
        tag=(origin and origin.tag) or None,
        customer_id=customer_id,
        credit=credit,
        gifts=list(gifts),
    )
    await _add_lines(db, pledge_id, lines)
    return pledge_id


async def change_lines(
    db: Connection,
    pledge_id: int,
    lines: Sequence[Line],
    claims: Mapping[str, int],
    country: str | None,
    claiming: bool,
) -> None:
    """Other lines for the pledge.

    With `claims` it holds slots enough for them; what it holds beyond is free (P3).
    """
    await free_claims(db, claims)
    await _sql.free_slots(db, pledge_ids=[pledge_id])
    await _sql.clear_lines(db, pledge_id=pledge_id)
    await _add_lines(db, pledge_id, lines)
    await _sql.hold_slots(db, pledge_id=pledge_id)
    await _sql.send_to(db, pledge_id=pledge_id, country=country, claiming=claiming)
    await _sql.recount_later(db, pledge_id=pledge_id)


async def is_changing(db: Connection, campaign_id: int, pledge_id: int) -> bool:
    """True while a change of the pledge is decided and not settled yet."""
    return bool(await _sql.is_changing(db, campaign_id=campaign_id, pledge_id=pledge_id))


async def is_packed(db: Connection, pledge_id: int) -> bool:
    """True once something of the pledge is in a batch, or was sent."""
    return bool(await _sql.is_packed(db, pledge_id=pledge_id))


async def held_slots(db: Connection, pledge_id: int) -> dict[int, int]:
    """The slots that the pledge holds, by limited tier."""
    rows = await rows_of(_sql.held_slots(db, pledge_id=pledge_id))
    return {row["tier_id"]: row["quantity"] for row in rows}


async def free_claims(db: Connection, claims: Mapping[str, int]) -> None:
    """Slots claimed for a change that did not come about are free: tier → how many (P3)."""
    await _sql.free_claims(
        db, tier_ids=[int(key) for key in claims], quantities=list(claims.values())
    )


async def free_slots(db: Connection, pledge_ids: Sequence[int]) -> None:
    """Give back the limited slots that these pledges claimed (P3)."""
    await _sql.free_slots(db, pledge_ids=pledge_ids)


async def _add_lines(db: Connection, pledge_id: int, lines: Sequence[Line]) -> None:
    await _sql.add_lines(
        db,
        pledge_id=pledge_id,
        sources=[line.source for line in lines],
        tier_ids=[line.tier_id for line in lines],
        titles=[line.title for line in lines],
        quantities=[line.quantity for line in lines],
        unit_prices=[line.unit_price for line in lines],
        units=[line.units for line in lines],
    )


async def begin_attempt(
    db: Connection, pledge_id: int, purpose: str, idempotency_key: str, now: datetime
) -> int:
    """The row that stands before a call to the provider (P4); returns its id."""
    attempt_id: int = await _sql.begin_attempt(
        db, pledge_id=pledge_id, purpose=purpose, idempotency_key=idempotency_key, now=now
    )
    return attempt_id


async def open_attempt(db: Connection, attempt_id: int, session: str, url: str) -> bool:
    """The call succeeded: the payment page is there; False when it was given up meanwhile."""
    return bool(await _sql.open_attempt(db, attempt_id=attempt_id, session=session, url=url))


async def abandon(db: Connection, pledge_id: int, attempt_id: int, error: str) -> None:
    """The call failed: the attempt says why, the pledge is over, its slots are free (P3, P4)."""
    await _sql.fail_attempt(db, attempt_id=attempt_id, error=error[:1000])
    await _sql.abandon_pledge(db, pledge_id=pledge_id)


async def by_key(db: Connection, key: str) -> Any | None:
    """The pledge behind an unguessable link, with its campaign's slug and currency."""
    return await _sql.pledge_by_key(db, key=key)


async def lines_of(db: Connection, pledge_id: int) -> list[Any]:
    """The pledge's lines, in order."""
    rows: list[Any] = await rows_of(_sql.lines_of_pledge(db, pledge_id=pledge_id))
    return rows


async def disputed(db: Connection, every: bool) -> list[Any]:
    """Pledges whose payment is disputed, or with `every` ever was."""
    rows: list[Any] = await rows_of(_sql.disputed_pledges(db, all=every))
    return rows


async def rewards_of(
    db: Connection, campaign_id: int, customer_id: int | None, pledge_id: int
) -> list[Any]:
    """Each milestone of the campaign, with the backer's grant for it where there is one."""
    rows: list[Any] = await rows_of(
        _sql.rewards_of_backer(
            db, campaign_id=campaign_id, customer_id=customer_id, pledge_id=pledge_id
        )
    )
    return rows


async def overdue_checkouts(
    db: Connection, now: datetime, grace: timedelta, most: int
) -> list[Any]:
    """Started pledges whose payment page should be closed now (P3, P7)."""
    rows: list[Any] = await rows_of(_sql.overdue_checkouts(db, now=now, grace=grace, most=most))
    return rows


async def lock_campaign_of(db: Connection, pledge_id: int) -> int | None:
    """Hold the pledge's campaign until the transaction ends, as the settlement does; its id."""
    found: int | None = await _sql.lock_campaign_of_pledge(db, pledge_id=pledge_id)
    return found


async def lock(db: Connection, pledge_id: int) -> Any | None:
    """The pledge's row, locked until the transaction ends."""
    return await _sql.lock_pledge(db, pledge_id=pledge_id)
