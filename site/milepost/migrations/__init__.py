"""The schema's history: each revision in `versions/` is a pair of plain SQL scripts."""

from collections.abc import Callable
from pathlib import Path

from alembic import op


def scripts_beside(revision: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """The `upgrade` and `downgrade` of a revision file, from the two scripts that bear its name.

    `0001_ledger.py` runs `0001_ledger.up.sql` and `0001_ledger.down.sql`, each as one script.
    """
    stem = Path(revision).with_suffix("")
    return _runs(stem.with_suffix(".up.sql")), _runs(stem.with_suffix(".down.sql"))


def _runs(script: Path) -> Callable[[], None]:
    def run() -> None:
        adapted = op.get_bind().connection.dbapi_connection
        assert adapted is not None
        sql = script.read_text(encoding="utf-8")
        adapted.run_async(lambda connection: connection.execute(sql))

    return run
