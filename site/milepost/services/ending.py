"""How tasks that run for ever are ended."""

import asyncio
from collections.abc import Iterable
from typing import Any

TELL_AGAIN = 1.0  # seconds that a task has until it is cancelled once more


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel these tasks until all of them have ended; what they raise is of no use any more.

    Telling them once is not enough: one whose database goes away while it is cancelled, as when
    both are stopped together, raises that instead, and whoever begins anew then would go on.
    """
    left = ended = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=TELL_AGAIN)
    await asyncio.gather(*ended, return_exceptions=True)
