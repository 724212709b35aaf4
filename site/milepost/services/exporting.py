"""Everything that is known of a person, for that person (GDPR, articles 15 and 20)."""

from datetime import datetime
from typing import Any

from milepost.storage import people
from milepost.storage.database import Database, reading

FORMAT = "milepost-person-1"


async def export_person(database: Database, email: str, now: datetime) -> dict[str, Any]:
    """All of it, by what it is; sums in minor units of the currency beside them."""
    async with reading(database) as db:
        known = await people.customers_of(db, email)
        found = await people.everything_of(db, email, [row["id"] for row in known])
    return {
        "format": FORMAT,
        "made_at": now,
        "address": email,
        "customers": [dict(row) for row in known],
        **found,
    }
