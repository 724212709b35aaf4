"""docs/api.md says what the document says, with calls that were made just now."""

import os
import re
from pathlib import Path

import orjson

from docs.reference import Made, reference
from milepost.web.api.app import make_api
from tests.web.api.full import a_full_store
from tests.web.api.program import HOME, Program
from tests.web.api.table import TABLE
from tests.world import World

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


async def test_the_reference_is_what_the_api_does(program: Program, world: World) -> None:
    await a_full_store(world)
    made: dict[str, Made] = {}
    for name, row in TABLE.items():
        headers = {"idempotency-key": name}
        if row.edits:
            path = row.path.partition("?")[0]
            headers["if-match"] = (await program.get(path)).headers["etag"]
        answer = await program.http.request(
            row.method, f"{HOME}{row.path}", json=row.sent, headers=headers
        )
        assert answer.status_code == row.answered, f"{name}: {answer.text}"
        said = answer.text.replace(program.served.url, "https://fund.example.org")
        made[name] = Made(row.call, row.sent, answer.status_code, _plain(said))
    page = reference(make_api().openapi(), made)
    if os.environ.get("WRITE_REFERENCE"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "docs/api.md is old: make reference"


def _plain(said: str) -> object:
    """An answer as it stands in the page; nothing of one without a body."""
    said = re.sub(r'"token":"[^"]+"', '"token":"pQ2s…"', said)  # of a cart: another one each time
    said = re.sub(r'"key":"order-[0-9]+"', '"key":"order-1"', said)  # counted in the whole process
    return said and orjson.loads(re.sub(r"-[0-9a-f]{12,}\.", ".", said))
