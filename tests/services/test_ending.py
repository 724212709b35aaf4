"""Tasks that run for ever end when they are told to, and what must not break off does not."""

import asyncio

import pytest

from milepost.services.ending import end, to_its_end


async def deaf(times: int, begun: asyncio.Event) -> None:
    """Somebody who begins anew `times` after being told to end."""
    for _ in range(times + 1):
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not times:
                raise
            times -= 1


async def test_whoever_begins_anew_is_told_again() -> None:
    begun = asyncio.Event()
    tasks = [asyncio.create_task(deaf(times, begun)) for times in (0, 1, 5)]
    await begun.wait()
    await end(tasks, tell_again=0.01)
    assert all(task.cancelled() for task in tasks)


async def test_an_end_within_an_end_is_waited_for() -> None:
    begun = asyncio.Event()
    inner = asyncio.create_task(deaf(3, begun))

    async def outer() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await end([inner], tell_again=0.02)
            assert inner.cancelled()

    task = asyncio.create_task(outer())
    await begun.wait()
    await end([task], tell_again=0.001)
    assert inner.cancelled()
    assert task.cancelled()


async def test_work_is_done_however_often_its_worker_is_told_to_end() -> None:
    told, answer = [0], asyncio.Event()

    async def work() -> None:
        await answer.wait()
        told.append(1)

    async def worker() -> None:
        await to_its_end(work())

    task = asyncio.create_task(worker())
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == [0, 1]


async def test_what_work_gives_or_raises_is_told() -> None:
    async def give() -> int:
        return 3

    async def fail() -> None:
        raise ConnectionError("gone")

    assert await to_its_end(give()) == 3
    with pytest.raises(ConnectionError):
        await to_its_end(fail())
