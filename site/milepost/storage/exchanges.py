"""What points can be turned into."""

from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("exchanges")


async def offers(db: Connection, email: str, store: str | None = None) -> list[Any]:
    """What this address can turn its points into, by store and currency; of one store by slug."""
    return await rows_of(_sql.offers_for_points(db, email=email, store=store))
