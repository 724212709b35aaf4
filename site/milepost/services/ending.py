"""How tasks that run for ever are ended, and how work that must not break off is finished."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Result = TypeVar("Result")
TELL_AGAIN = 1.0  # seconds that a task has until it is cancelled once more


async def end(tasks: Iterable[asyncio.Task[Any]], tell_again: float = TELL_AGAIN) -> None:
    """Cancel these tasks until all of them have ended; what they raise is of no use any more.

    Telling them once is not enough: one whose database goes away while it is cancelled, as when
    both are stopped together, raises that instead, and whoever begins anew then would go on. They
    have ended even where this itself is cancelled meanwhile.
    """
    await to_its_end(_end(set(tasks), tell_again))


async def _end(tasks: set[asyncio.Task[Any]], tell_again: float) -> None:
    left = tasks
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=tell_again)
    await asyncio.gather(*tasks, return_exceptions=True)


async def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work gives, once it is done: whoever is cancelled meanwhile finishes it before."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    result = task.result()
    if cancelled is not None:
        raise cancelled
    return result
