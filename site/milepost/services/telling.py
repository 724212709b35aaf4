"""Telling backers what happened: each letter is promised in the transaction that made it true."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.domain.facts import Fact
from milepost.domain.pledges import CREDIT, Pledge
from milepost.domain.settlement import Grant, Outcome
from milepost.services.clock import Clock
from milepost.storage import grants, mails
from milepost.storage.database import Connection, Database, enqueue, unit
from milepost.storage.mails import Letter

CHUNK = 1000  # letters promised in one transaction


def about_pledges(
    facts: Sequence[Fact],
    outcome: Outcome,
    touched: Sequence[Pledge],
    was: Mapping[int, str],
) -> list[Letter]:
    """What each backer is told about their pledge; `was` is the state before, by pledge."""
    letters = []
    for pledge in touched:
        before, key = was[pledge.id], pledge.id
        if before == "started" and pledge.state in ("confirmed", "charged", "disputed"):
            letters.append(Letter("receipt", f"receipt:{key}", key))
        elif before in ("confirmed", "past_due") and pledge.state == "charged":
            letters.append(Letter("charged", f"charged:{key}", key))
        if pledge.state in ("dropped", "cancelled") and before != pledge.state:
            letters.append(Letter(pledge.state, f"{pledge.state}:{key}", key))
    for fact in facts:
        if fact.inbox_id in outcome.refused:
            continue
        if fact.inbox_id in outcome.changed:
            words = f"changed:{fact.pledge_id}:{fact.inbox_id}"
            letters.append(Letter("changed", words, fact.pledge_id))
        elif fact.kind == "refund" and fact.amount:
            words = f"refunded:{fact.ref}"
            detail: dict[str, Any] = {"amount": fact.amount}
            if fact.payment.startswith(CREDIT):
                detail["credit"] = True
            letters.append(Letter("refunded", words, fact.pledge_id, detail=detail))
    return letters


async def tell_codes(db: Connection, earned: Sequence[Grant], now: datetime) -> None:
    """A letter to each whose reward is open and holds a code or something for them alone (R2)."""
    await mails.promise(db, _of_codes(await grants.open_secrets(db, earned)), now)


async def announce_soon(db: Connection, milestone_id: int) -> None:
    """Let the worker tell of the milestone whoever was not told: each mail is kept once."""
    await mails.milestone_to_tell_again(db, milestone_id)
    await enqueue(db, "announce", {"milestone_id": milestone_id})


async def tell_codes_of(database: Database, milestone_id: int, clock: Clock) -> None:
    """The same letters to all who have the milestone's reward; a second run writes none twice."""
    after: int | None = -1
    while after is not None:
        async with unit(database) as db:
            rows = await grants.secrets_after(db, milestone_id, after, CHUNK)
            await mails.promise(db, _of_codes(rows), clock())
        after = rows[-1]["beneficiary"] if rows else None


def _of_codes(rows: Sequence[Any]) -> list[Letter]:
    return [
        Letter(
            "code",
            f"code:{row['milestone_id']}:{row['beneficiary']}",
            row["pledge_id"],
            row["milestone_id"],
        )
        for row in rows
    ]
