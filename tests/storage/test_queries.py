"""Every named query is sound against the migrated schema, named once, and used."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import aiosql
import asyncpg
import pytest
from aiosql.types import SQLOperationType

import milepost.storage

STORAGE = Path(milepost.storage.__path__[0])
FILES = sorted((STORAGE / "queries").glob("*.sql"))
NAME = re.compile(r"^-- name: *(\w+)", re.MULTILINE)


def queries_of(file: Path) -> dict[str, Any]:
    """The file's queries by name, with their parameters numbered as `storage` numbers them."""
    found = aiosql.from_path(file, "asyncpg", mandatory_parameters=False)
    return {name: getattr(found, name) for name in NAME.findall(file.read_text())}


def wrong_kind(query: Any, columns: int) -> str | None:
    """Why the mark after the query's name does not fit what it gives, if so."""
    if query.operation is SQLOperationType.SELECT_VALUE and columns != 1:
        return f"is marked $ and gives {columns} columns"
    gives_rows = query.operation in (SQLOperationType.SELECT, SQLOperationType.SELECT_ONE)
    if gives_rows and not columns:
        return "is to give rows and has no column"
    return None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_postgresql_accepts_each_query(file: Path, database_url: str) -> None:
    wrong = {}
    connection = await asyncpg.connect(database_url)
    try:
        for name, query in queries_of(file).items():
            try:
                prepared = await connection.prepare(query.sql)
            except asyncpg.PostgresError as error:
                wrong[name] = str(error)
                continue
            if said := wrong_kind(query, len(prepared.get_attributes())):
                wrong[name] = said
    finally:
        await connection.close()
    assert wrong == {}


def test_each_query_has_a_name_of_its_own() -> None:
    names = Counter(name for file in FILES for name in NAME.findall(file.read_text()))
    assert [name for name, count in names.items() if count > 1] == []


def test_each_query_is_used() -> None:
    code = "\n".join(path.read_text() for path in STORAGE.glob("*.py"))
    used = set(re.findall(r"(?:sql|_inbox)\.(\w+)\(", code))
    names = [name for file in FILES for name in NAME.findall(file.read_text())]
    assert [name for name in names if name not in used] == []
