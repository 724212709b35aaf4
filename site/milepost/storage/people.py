"""People: the pledges of whoever reads an address, all that is known of them, and forgetting it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("people")


async def is_known(db: Connection, email: str) -> bool:
    """True when anybody has pledged with this address."""
    return bool(await _sql.known_address(db, email=email))


async def of_pledge(db: Connection, key: str) -> Any | None:
    """The pledge's `email` and `locale`; None while nobody is known to have made it."""
    return await _sql.address_of_pledge(db, key=key)


async def only_store(db: Connection) -> Any | None:
    """The store's row for the frame of a page; None where there are several, or none."""
    found = await rows_of(_sql.stores_here(db))
    return found[0] if len(found) == 1 else None


async def own_pledges(db: Connection, email: str, before: int | None, most: int) -> list[Any]:
    """The next `most` pledges of this address, newest first, those with an id below `before`."""
    rows: list[Any] = await rows_of(
        _sql.own_pledges(db, email=email, key=None, before=before, most=most)
    )
    return rows


async def own_pledge(db: Connection, email: str, key: str) -> Any | None:
    """The pledge behind `key` if it is this address's; None if it is another's, or nobody's."""
    rows = await rows_of(_sql.own_pledges(db, email=email, key=key, before=None, most=1))
    return rows[0] if rows else None


async def payments(db: Connection, pledge_id: int) -> list[Any]:
    """Each payment of the pledge: what for, how much where we asked for a sum, when."""
    rows: list[Any] = await rows_of(_sql.payments_for_pledge(db, pledge_id=pledge_id))
    return rows


async def customers_of(db: Connection, email: str) -> list[Any]:
    """The address's customers, one in each store that knows it."""
    rows: list[Any] = await rows_of(_sql.customers_of_address(db, email=email))
    return rows


async def lock(db: Connection, email: str) -> list[int]:
    """The ids of the same, held until the transaction ends."""
    return [row["id"] for row in await rows_of(_sql.lock_customers_of_address(db, email=email))]


async def everything_of(
    db: Connection, email: str, customer_ids: Sequence[int]
) -> dict[str, list[dict[str, Any]]]:
    """All rows about these people, by what they are."""
    made = await rows_of(_sql.export_pledges(db, customer_ids=customer_ids))
    ids = [row["id"] for row in made]
    found = {
        "pledges": made,
        "lines": await rows_of(_sql.export_lines(db, pledge_ids=ids)),
        "ledger": await rows_of(_sql.export_entries(db, pledge_ids=ids)),
        "refunds": await rows_of(_sql.export_refunds(db, pledge_ids=ids)),
        "addresses": await rows_of(_sql.export_addresses(db, pledge_ids=ids)),
        "answers": await rows_of(_sql.export_answers(db, pledge_ids=ids)),
        "parcels": await rows_of(_sql.export_parcels(db, pledge_ids=ids)),
        "notes": await rows_of(_sql.export_notes(db, pledge_ids=ids)),
        "rewards": await rows_of(_sql.export_grants(db, customer_ids=customer_ids)),
        "orders": await rows_of(_sql.export_orders(db, customer_ids=customer_ids)),
        "subscriptions": await rows_of(_sql.export_subscriptions(db, customer_ids=customer_ids)),
        "order_refunds": await rows_of(_sql.export_order_refunds(db, customer_ids=customer_ids)),
        "accounts": await rows_of(_sql.export_accounts(db, customer_ids=customer_ids)),
        "account_entries": await rows_of(
            _sql.export_account_entries(db, customer_ids=customer_ids)
        ),
        "loyalty_facts": await rows_of(_sql.export_loyalty_facts(db, customer_ids=customer_ids)),
        "program_rewards": await rows_of(
            _sql.export_program_rewards(db, customer_ids=customer_ids)
        ),
        "referrals": await rows_of(_sql.export_referrals(db, customer_ids=customer_ids)),
        "mails": await rows_of(_sql.export_mails(db, email=email, customer_ids=customer_ids)),
        "follows": await rows_of(_sql.export_followers(db, email=email)),
        "visits": await rows_of(_sql.export_visits(db, email=email)),
        "comments": await rows_of(_sql.export_comments(db, customer_ids=customer_ids)),
        "carts": await rows_of(_sql.export_carts(db, customer_ids=customer_ids)),
        "reviews": await rows_of(_sql.export_reviews(db, customer_ids=customer_ids)),
        "commenting_as": await rows_of(_sql.export_commenters(db, customer_ids=customer_ids)),
    }
    return {name: [dict(row) for row in rows] for name, rows in found.items()}


async def hindrances(db: Connection, customer_ids: Sequence[int]) -> list[Any]:
    """Each pledge for whose sake these people can't be forgotten yet, and `why`."""
    rows: list[Any] = await rows_of(_sql.hindrances(db, customer_ids=customer_ids))
    return rows


async def subscription_hindrances(db: Connection, customer_ids: Sequence[int]) -> list[Any]:
    """Each subscription of these people that goes on."""
    return await rows_of(_sql.subscription_hindrances(db, customer_ids=customer_ids))


async def order_hindrances(db: Connection, customer_ids: Sequence[int]) -> list[Any]:
    """Each order for whose sake these people can't be forgotten yet, and `why`."""
    rows: list[Any] = await rows_of(_sql.order_hindrances(db, customer_ids=customer_ids))
    return rows


async def forget(db: Connection, email: str, customer_ids: Sequence[int], now: datetime) -> None:
    """Nobody is behind these customers any more; the pledges and the ledger stay."""
    await _sql.erase_orders(db, customer_ids=customer_ids)
    await _sql.erase_subscriptions(db, customer_ids=customer_ids)
    await _sql.erase_addresses(db, customer_ids=customer_ids)
    await _sql.erase_answers(db, customer_ids=customer_ids)
    await _sql.erase_parcels(db, customer_ids=customer_ids)
    await _sql.erase_happenings(db, customer_ids=customer_ids)
    await _sql.erase_notes(db, customer_ids=customer_ids)
    await _sql.erase_tracking_lines(db, customer_ids=customer_ids)
    await _sql.erase_answering_comments(db, customer_ids=customer_ids)
    await _sql.erase_comments(db, customer_ids=customer_ids)
    await _sql.erase_commenters(db, customer_ids=customer_ids)
    await _sql.erase_accounts(db, customer_ids=customer_ids, now=now)
    await _sql.erase_carts(db, customer_ids=customer_ids)
    await _sql.erase_reviews(db, customer_ids=customer_ids)
    await _sql.erase_cards(db, customer_ids=customer_ids)
    await _sql.erase_followers(db, email=email)
    await _sql.erase_mails(db, email=email, customer_ids=customer_ids)
    await _sql.erase_from_facts(db, email=email, customer_ids=customer_ids)
    await _sql.erase_customers(db, customer_ids=customer_ids, now=now)


async def traces_of(db: Connection, customer_ids: Sequence[int]) -> list[str]:
    """The ids by which an event can be known to be about these people."""
    found: list[str] | None = await _sql.traces_of_customers(db, customer_ids=customer_ids)
    return found or []


async def events_with(db: Connection, words: Sequence[str], since: datetime) -> dict[int, str]:
    """The payload of each event kept since then in which one of these words stands."""
    rows = await rows_of(_sql.events_with(db, words=words, since=since))
    return {row["id"]: row["payload"] for row in rows}


async def rewrite_events(db: Connection, payloads: Mapping[int, str]) -> None:
    """These events hold something else from here on; that they came, and their ids, stays."""
    await _sql.rewrite_events(db, ids=list(payloads), payloads=list(payloads.values()))


async def lately_erased(db: Connection, since: datetime) -> list[Any]:
    """Who was erased since then, and when."""
    rows: list[Any] = await rows_of(_sql.lately_erased(db, since=since))
    return rows
