"""Referring: a personal link, and the friend whose first order counts for whoever gave it (S9).

To a campaign the link is the campaign's own address with the code behind it: nothing is kept in the
friend's browser. What they pledge moves the meter as every pledge does (N7).
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from milepost.storage import referrals
from milepost.storage.database import Connection, Database, reading, unit

# No vowels and nothing that is mistaken for another: 27^10 codes, and no words among them.
LETTERS = "bcdfghjkmnpqrstvwxz23456789"
LENGTH = 10
MOST_SHARED = 3  # campaigns beside the link to the shop
FIELD = "friend"  # what the code is called in an address and in a form
_CODE = re.compile(f"[{LETTERS}]{{{LENGTH}}}")


def is_code(text: str) -> bool:
    """True for what can be somebody's code."""
    return _CODE.fullmatch(text) is not None


def code_in(query: str) -> str:
    """The code in an address's query; empty where there is none."""
    if f"{FIELD}=" not in query:
        return ""
    try:
        found = parse_qs(query, max_num_fields=50).get(FIELD, [""])[0]
    except ValueError:
        return ""
    return found if is_code(found) else ""


@dataclass(frozen=True, slots=True)
class Friends:
    """What came of somebody's link to a campaign: friends whose pledges count, and how much.

    `units` and `money` are part of the campaign's own meter. `code` is empty until the link was
    shown once. `rewarded` says that a program of the store gives for friends now.
    """

    code: str
    count: int
    units: int
    money: int
    rewarded: bool


async def friends_in(db: Connection, customer_id: int, campaign_id: int, now: datetime) -> Friends:
    """What came of the customer's link to the campaign, by the ledger as it stands."""
    row = await referrals.friends(db, customer_id, campaign_id, now)
    return Friends(row["code"] or "", row["friends"], row["units"], row["money"], row["rewarded"])


async def campaigns_to_share(database: Database, store_id: int, now: datetime) -> list[Any]:
    """The store's campaigns that a friend may be led to: they take pledges now."""
    async with reading(database) as db:
        return await referrals.campaigns(db, store_id, now, MOST_SHARED)


async def own_code(database: Database, customer_id: int, store_id: int) -> str:
    """The customer's code for their link, made when it is first shown."""
    made = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    async with unit(database) as db:
        return await referrals.code_of(db, customer_id, store_id, made)


async def follow_link(database: Database, code: str) -> Any | None:
    """The link that a code stands in, with `has_shop`; None where nobody has it."""
    if not is_code(code):
        return None
    async with reading(database) as db:
        return await referrals.link(db, code)
