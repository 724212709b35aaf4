"""Orders as CSV: in chunks by key, so that a hundred thousand take no more memory."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from milepost.domain.money import major
from milepost.domain.sheets import written
from milepost.services.listing import ADDRESS, BOM, CHUNK
from milepost.services.showing_orders import state_of
from milepost.storage import order_list
from milepost.storage.database import Database, reading

MONEY = ("goods", "code_off", "tiers_off", "shipping", "shipping_off", "tax", "total", "refunded")


async def orders_csv(
    database: Database, store_id: int, show: str, ids: Sequence[int] | None, minds: bool
) -> AsyncIterator[str]:
    """The wanted orders, newest first; who only fulfils sees no mail address and no money."""
    heads = ["order", "state", "made", "paid", "customer", *(["mail"] if minds else [])]
    heads += ["items", "gifts", *([*MONEY, "currency"] if minds else [])]
    yield BOM + written([[*heads, *ADDRESS, "carrier", "tracking", "sent"]])
    before: int | None = None
    while True:
        async with reading(database) as db:
            rows = await order_list.some(db, store_id, show, ids, before, CHUNK)
        if rows:
            yield written([_cells(row, minds) for row in rows])
        if len(rows) < CHUNK:
            return
        before = rows[-1]["id"]


def _cells(row: Any, minds: bool) -> list[object]:
    address = row["address"] or {}
    cells: list[object] = [row["id"], state_of(row), _at(row["made_at"]), _at(row["paid_at"])]
    cells += [row["name"], *([row["email"]] if minds else [])]
    cells += [items_of(row["lines"]), items_of(row["gifts"])]
    if minds:
        cells += [major(row[name], row["currency"]) for name in MONEY] + [row["currency"]]
    cells += [address.get(name, "") for name in ADDRESS]
    return [*cells, row["carrier"], row["tracking"], _at(row["shipped_at"])]


def items_of(lines: Sequence[Any]) -> str:
    """What lies in the box, in one cell."""
    return "; ".join(f"{line['quantity']} × {line['title']}" for line in lines)


def _at(when: Any) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when is not None else ""
