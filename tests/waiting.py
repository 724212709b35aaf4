"""Waiting for something to become true, and never for ever."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 60.0  # seconds until something has failed to happen, on a busy machine


def wait_until(condition: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
    """Return as soon as `condition` holds; AssertionError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within:.0f} s"
        time.sleep(0.01)


async def until(condition: Callable[[], bool | Awaitable[bool]], within: float = PATIENCE) -> None:
    """The same in the test's own loop; TimeoutError."""
    async with asyncio.timeout(within):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)
