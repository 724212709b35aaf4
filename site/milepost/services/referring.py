"""Referring: a personal link, and the friend whose first order counts for whoever gave it (S9)."""

import re
import secrets
from typing import Any

from milepost.storage import referrals
from milepost.storage.database import Database, reading, unit

# No vowels and nothing that is mistaken for another: 27^10 codes, and no words among them.
LETTERS = "bcdfghjkmnpqrstvwxz23456789"
LENGTH = 10
_CODE = re.compile(f"[{LETTERS}]{{{LENGTH}}}")


def is_code(text: str) -> bool:
    """True for what can be somebody's code."""
    return _CODE.fullmatch(text) is not None


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
