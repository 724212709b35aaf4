"""Bodies that no form of ours sends: each gets a page that says so, and nothing is kept."""

from typing import Any

import pytest

from tests.web.client import Reader
from tests.web.kept import nothing_changes
from tests.world import World


@pytest.fixture
async def campaign(world: World) -> None:
    """The recorder, with a tier."""
    await world.tier(await world.campaign(slug="recorder"))


BODIES: dict[str, tuple[bytes, str, int]] = {
    "no body": (b"", "application/x-www-form-urlencoded", 422),
    "json": (b'{"amount": "12"}', "application/json", 422),
    "no type": (b"amount=12", "", 422),
    "invalid utf-8": (b"amount=%ff%fe&quantity=\xff", "application/x-www-form-urlencoded", 422),
    "half an escape": (b"amount=%&quantity=%f", "application/x-www-form-urlencoded", 422),
    "only separators": (b"&&==&=;", "application/x-www-form-urlencoded", 422),
    "the same field twice": (b"amount=-1&amount=-2", "application/x-www-form-urlencoded", 422),
    "many fields": (b"a=1&" * 500, "application/x-www-form-urlencoded", 400),
    "multipart without a boundary": (b"--x", "multipart/form-data", 400),
    "multipart that is none": (b"amount=12", "multipart/form-data; boundary=x", 400),
    "a file": (
        b'--x\r\ncontent-disposition: form-data; name="amount"; filename="a"\r\n\r\n1\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        400,
    ),
    "an oversized form": (b"amount=" + b"1" * 70_000, "application/x-www-form-urlencoded", 413),
}


async def test_a_body_that_is_no_form_gets_a_page_that_says_so(
    reader: Reader, world: World, campaign: None, subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for what, (body, kind, status) in BODIES.items():
            headers = reader.from_here | ({"content-type": kind} if kind else {})
            answer = await reader.post("/c/recorder/pledge", content=body, headers=headers)
            with subtests.test(what):
                assert answer.status_code == status
                assert answer.headers["content-type"] == "text/html; charset=utf-8"
                assert "no page at this address" not in answer.text


async def test_a_form_in_chunks_counts_like_any_other(
    reader: Reader, world: World, campaign: None
) -> None:
    async def chunks(size: int) -> Any:
        yield b"amount=12&x="
        for _ in range(size):
            yield b"y" * 1024

    headers = reader.from_here | {"content-type": "application/x-www-form-urlencoded"}
    async with nothing_changes(world):
        big = await reader.post("/c/recorder/pledge", content=chunks(80), headers=headers)
    assert big.status_code == 413
    small = await reader.post("/c/recorder/pledge", content=chunks(8), headers=headers)
    assert small.status_code == 303
