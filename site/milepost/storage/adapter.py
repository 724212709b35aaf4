"""How a named query is put to a connection.

aiosql's own way lists the names of all that a connection can do before each query, to find out
whether it was given a pool: half of what a small query costs this process. We give no pools.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from aiosql.adapters.asyncpg import AsyncPGAdapter

Given = Mapping[str, Any] | tuple[Any, ...]


class Adapter(AsyncPGAdapter):
    """aiosql's adapter for asyncpg, for connections alone."""

    def _in_order(self, name: str, given: Given) -> Sequence[Any]:
        ordered: Sequence[Any] = self.maybe_order_params(name, given)  # type: ignore[no-untyped-call]
        return ordered

    async def select(
        self, db: Any, name: str, sql: str, given: Given, record_class: Any = None
    ) -> AsyncIterator[Any]:
        """All rows."""
        for row in await db.fetch(sql, *self._in_order(name, given)):
            yield row

    async def select_one(
        self, db: Any, name: str, sql: str, given: Given, record_class: Any = None
    ) -> Any:
        """The first row, or None."""
        return await db.fetchrow(sql, *self._in_order(name, given))

    async def select_value(self, db: Any, name: str, sql: str, given: Given) -> Any:
        """The first column of the first row, or None."""
        return await db.fetchval(sql, *self._in_order(name, given))

    async def insert_update_delete(self, db: Any, name: str, sql: str, given: Given) -> Any:
        """What PostgreSQL says was done, such as `UPDATE 3`."""
        return await db.execute(sql, *self._in_order(name, given))
