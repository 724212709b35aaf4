"""Calls of the API that change something: each once under its key, with its answer kept.

Source: The Idempotency-Key HTTP Header Field (IETF draft, HTTP APIs working group).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.services.clock import Clock
from milepost.storage import api
from milepost.storage.database import Database, unit

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Said:
    """A call: whose, under which key, and the hash of all that was sent."""

    caller: str
    key: str
    hash: bytes
    token_id: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes


async def once(
    database: Database, said: Said, now: datetime, act: Callable[[], Awaitable[Answer]]
) -> tuple[Answer, bool]:
    """The answer to this call, and whether it was kept from before.

    What is done, its deeds and its answer are one transaction: whoever dies in between has done
    nothing. The same call at the same moment waits, then gets the same answer. A refusal undoes
    all of it, so the key is free again. Raises what `act` raises, and Invalid when something else
    was sent under this key.
    """
    async with unit(database) as db:
        if not await api.claim_call(db, said.caller, said.key, said.hash, said.token_id, now):
            kept = await api.answered_call(db, said.caller, said.key)
            if kept["hash"] != said.hash:
                raise Invalid(N_("Something else was sent under this Idempotency-Key before."))
            return Answer(kept["status"], kept["headers"], kept["body"]), True
        answer = await act()
        await api.keep_answer(db, said.caller, said.key, answer.status, answer.headers, answer.body)
        return answer, False


async def forget_old_calls(database: Database, clock: Clock) -> None:
    """A key is free again after a week."""
    async with unit(database) as db:
        await api.forget_calls(db, clock() - KEPT)
