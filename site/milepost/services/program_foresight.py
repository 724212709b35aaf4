"""Foreseeing: what a program would give if it were turned on and counted from some day (S20).

The same SQL that gives is asked what it would give, so that neither can say anything else. Of very
many customers an even sample is asked, and its numbers are multiplied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.program_costs import Bill, Stock
from milepost.domain.program_plans import ProgramPlan
from milepost.storage import foresight, program_list
from milepost.storage.database import Database, reading

MOST_ASKED = 10_000  # customers, before a sample stands for all
LATELY = timedelta(days=90)  # the orders that tell what one usually comes to


@dataclass(frozen=True, slots=True)
class Count:
    """How many customers reach a milestone, and how many grants that makes now."""

    customers: int = 0
    grants: int = 0


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a program would do, counted from `since`.

    `each` is 1 where all `customers` were asked; else one in so many was. `begun` have something
    that is counted.
    """

    since: datetime
    customers: int
    each: int
    begun: int
    counts: Mapping[int, Count] = field(default_factory=dict)

    def of(self, milestone_id: int | None) -> Count:
        """What is foreseen of one milestone."""
        return self.counts.get(milestone_id or 0, Count())


@dataclass(frozen=True, slots=True)
class Around:
    """What of the store a program's cost depends on: usual orders, and what gifts there are."""

    bills: Mapping[str, Bill]
    gifts: Mapping[int, Stock]
    rows: Mapping[int, Any]


async def foresee(
    database: Database, store_id: int, row: Any, since: datetime, now: datetime
) -> Foresight:
    """What the program of this row would have given by now, had it counted since then."""
    async with reading(database) as db:
        everybody = await foresight.customers(db, store_id)
        each = max(1, -(-everybody // MOST_ASKED))
        among = await foresight.windows(db, store_id, each)
        found = await foresight.milestones(
            db, row["id"], among, since, now, in_steps=row["in_steps"]
        )
        begun = await foresight.begun(db, row["id"], among, since)
    counts: dict[int, Count] = {}
    for one in found:
        had = counts.get(one["milestone_id"], Count())
        counts[one["milestone_id"]] = Count(
            had.customers + one["customers"] * each, had.grants + one["grants"] * each
        )
    return Foresight(since, everybody, each, begun * each, counts)


async def around(database: Database, store_id: int, plan: ProgramPlan, now: datetime) -> Around:
    """What the plan's cost depends on."""
    wanted = {product for step in plan.steps for product in step.reward.products}
    async with reading(database) as db:
        bills = await foresight.bills(db, store_id, now - LATELY)
        rows = await program_list.gifts(db, store_id, "", sorted(wanted), 0) if wanted else []
    return Around(
        {c: Bill(b["goods"] or 0, b["shipping"] or 0) for c, b in bills.items()},
        {p["id"]: Stock(p["stock"], p["prices"]) for p in rows},
        {p["id"]: p for p in rows},
    )


async def first_fact(database: Database, store_id: int) -> datetime | None:
    """When a customer of the store first did anything that programs count."""
    async with reading(database) as db:
        return await foresight.first_fact(db, store_id)
