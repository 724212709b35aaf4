"""Pledges and boxes as CSV: in chunks by key, so that a hundred thousand take no more memory."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from milepost.domain.money import major
from milepost.domain.sheets import written
from milepost.storage import ledger, parcels, pledge_list
from milepost.storage.database import Connection, Database, reading
from milepost.storage.pledge_list import Filters

CHUNK = 1000
BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
ADDRESS = ("name", "line1", "line2", "city", "region", "postal_code", "country", "phone")
MONEY = ("pledged", "shipping", "tax", "paid", "credit", "refunded")


async def pledges_csv(
    database: Database,
    campaign: Any,
    wanted: Filters,
    minds: bool,
) -> AsyncIterator[str]:
    """The wanted pledges, newest first; who only fulfils sees no mail address and no money.

    Rows are read a chunk at a time, each on a connection of its own that waits for nobody.
    """
    async with reading(database) as db:
        asked = await pledge_list.questions(db, campaign["id"])
    heads = ["pledge", "state", "held", "late", "made", "confirmed", "backer"]
    heads += ["mail"] if minds else []
    heads += ["items", "rewards", *(MONEY if minds else ()), *(["currency"] if minds else [])]
    yield BOM + written([[*heads, *ADDRESS, *(q["prompt"] for q in asked)]])
    before: int | None = None
    while True:
        async with reading(database) as db:
            page, before = await _chunk(db, campaign, wanted, before, minds)
            table = await _rows(db, campaign, page, asked, minds)
        if table:
            yield written(table)
        if before is None:
            return


async def _chunk(
    db: Connection, campaign: Any, wanted: Filters, before: int | None, minds: bool
) -> tuple[list[Any], int | None]:
    floor = await pledge_list.floor(db, campaign["id"], wanted, before, CHUNK)
    rows = await pledge_list.some(db, campaign["id"], wanted, before, CHUNK, CHUNK, minds)
    return rows, floor


async def _rows(
    db: Connection, campaign: Any, page: Sequence[Any], asked: Sequence[Any], minds: bool
) -> list[list[object]]:
    ids = [row["id"] for row in page]
    customers = [row["customer_id"] for row in page if row["customer_id"] is not None]
    rewards = await pledge_list.rewards(db, campaign["track_id"], ids, customers)
    said = await pledge_list.answers(db, ids) if asked else {}
    currency = campaign["currency"]
    table: list[list[object]] = []
    for row in page:
        cells: list[object] = [row["id"], row["state"], _yes(row["held"]), _yes(row["late"])]
        cells += [_instant(row["started_at"]), _instant(row["confirmed_at"]), row["customer_name"]]
        cells += [row["email"]] if minds else []
        cells += [row["items"], rewards.get(row["id"], "")]
        if minds:
            pledge = ledger.pledge_of(row)
            paid, credit = sum(pledge.paid.values()), pledge.paid.get(pledge.credit_payment, 0)
            sums = (row["money"], row["shipping"], row["tax"], paid, credit, pledge.refunded)
            cells += [major(amount, currency) for amount in sums] + [currency]
        cells += [row[name] for name in ADDRESS]
        cells += [said.get((row["id"], q["id"]), "") for q in asked]
        table.append(cells)
    return table


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _instant(when: Any) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when is not None else ""


async def batch_csv(database: Database, batch_id: int, minds: bool) -> AsyncIterator[str]:
    """A batch for the carrier, box by box; `carrier` and `tracking` are to be filled in."""
    heads = ["pledge", "box", *ADDRESS, *(["mail"] if minds else []), "items", "answers"]
    yield BOM + written([[*heads, "carrier", "tracking"]])
    after = 0
    while True:
        async with reading(database) as db:
            through = await parcels.end_of_boxes(db, batch_id, after, CHUNK)
            if through is None:
                return
            rows = await parcels.boxes(db, batch_id, after, through, minds)
            items = await parcels.items(db, batch_id, after, through)
            said = await parcels.answers(db, batch_id, after, through)
        table: list[list[object]] = []
        for row in rows:
            own = [f"{i['quantity']} × {i['title']}" for i in items.get(row["pledge_id"], [])]
            told = [f"{a['prompt']}: {a['answer']}" for a in said.get(row["pledge_id"], [])]
            cells: list[object] = [row["pledge_id"], row["box"]]
            cells += [row["name"] or row["customer_name"], *(row[name] for name in ADDRESS[1:])]
            cells += [row["email"]] if minds else []
            cells += ["; ".join(own), "; ".join(told), row["carrier"], row["tracking"]]
            table.append(cells)
        yield written(table)
        after = through


async def found(
    db: Connection,
    store_id: int,
    campaign: Any,
    wanted: Filters,
    said: str,
    flagged: bool,
    minds: bool,
) -> Filters:
    """The filters with what was searched for: their pledges by number."""
    if said:
        ids = await pledge_list.search(db, store_id, campaign["id"], said, minds)
        wanted = wanted.among(ids)
    if flagged:
        wanted = wanted.among(await pledge_list.flagged(db, campaign["track_id"]))
    return wanted
