"""Previewing a milestone's mails, by the very code that will write them (R3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from milepost.domain.audience import Audience, Verdict, judge
from milepost.mailing.about import About
from milepost.storage import mail_contents
from milepost.storage.database import Connection

Reader = Literal["entitled", "others"]
NOBODY = 0  # the id of a pledge and a customer that do not exist


@dataclass(slots=True)
class Example:
    """A backer as the audience looks at one: somebody whose pledge qualifies, or does not."""

    kept_tiers: frozenset[int]
    late: bool = False
    is_secured: bool = False
    id: int = NOBODY
    kept_units: int = 1
    is_live: bool = True
    is_disputed: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """For whom a preview speaks: the first entry, and what the rules say to it (R5)."""

    first_seq: int
    verdict: Verdict


def speaker(
    reader: Reader, audience: Audience, reached_seq: int, examples: Any, provisional: bool
) -> Speaker | None:
    """Somebody who is entitled, or is not; None where the rules leave nobody out.

    `examples` has a real first entry of each, where there is one.
    """
    entitled = examples["entitled"] or max(audience.opens_after(reached_seq) + 1, 1)
    if reader == "entitled":
        first_seq, pledge = entitled, Example(audience.tiers)
    elif audience.kind == "new_backers":
        first_seq = examples["others"] or audience.opens_after(reached_seq)
        pledge = Example(audience.tiers)
    elif audience.tiers:
        first_seq, pledge = entitled, Example(frozenset())
    elif audience.exclude_late:
        first_seq, pledge = entitled, Example(audience.tiers, late=True)
    else:
        return None
    if first_seq <= 0:
        return None
    return Speaker(first_seq, judge(audience, reached_seq, first_seq, [pledge], provisional))


async def about_milestone(
    db: Connection,
    campaign_id: int,
    row: Mapping[str, Any],
    said: Speaker,
    kind: Literal["milestone", "code"],
    locale: str,
    base_url: str,
    now: datetime,
    code: str = "",
) -> About:
    """The letter to that reader as if the milestone opened now; their name and links aside."""
    campaign = (await mail_contents.campaigns_of(db, [campaign_id]))[campaign_id]
    mail: dict[str, Any] = {
        "id": NOBODY,
        "kind": kind,
        "recipient": "",
        "locale": locale,
        "customer_id": NOBODY,
        "detail": {},
        "due_at": now,
    }
    pledge: dict[str, Any] = {
        "key": "…",
        "erased_at": None,
        "customer_name": "",
        "news": True,
        "first_seq": said.first_seq,
        "paid": {},
        **dict.fromkeys(("money", "shipping", "tax"), 0),
    }
    opened = {
        **row,
        "revealed_at": row["revealed_at"] or now,
        "reached_seq": row["reached_seq"] or campaign["seq"] + 1,
        "exclusive": row["exclusive"] if kind == "code" else "",
        "code": code,
    }
    return About(
        mail=mail,
        locale=locale,
        base_url=base_url.rstrip("/"),
        now=now,
        store=campaign,
        pledge=pledge,
        campaign=campaign,
        milestone=opened,
        verdict=said.verdict,
    )
