"""Passwords: hashed by argon2id, off the event loop, and compared in the same time for nobody.

Source: OWASP, "Password Storage Cheat Sheet"; NIST SP 800-63B, 5.1.1.2, for what one must be.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_

SHORTEST, LONGEST = 12, 200  # characters
_hasher = PasswordHasher()  # RFC 9106's second choice: 64 MiB, 3 passes
_threads = ThreadPoolExecutor(2, "password")  # so that 64 MiB stay 128 at most


def good_password(typed: str, email: str) -> str:
    """The password as it is hashed. Raises Invalid for one that is too short or is the address."""
    password = unicodedata.normalize("NFKC", typed)
    if len(password) < SHORTEST:
        raise Invalid(N_("Use at least 12 characters. A few words in a row are easy to remember."),
                      about="password")  # fmt: skip
    if len(password) > LONGEST:
        raise Invalid(N_("Use at most 200 characters."), about="password")
    plain = password.strip().lower()
    if plain in email or email in plain or len(set(plain)) < 4:
        raise Invalid(
            N_("This is too easy to guess: do not use your address, or the same letters again and"
               " again."), about="password")  # fmt: skip
    return password


async def hashed(password: str) -> str:
    """What is kept of a good password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def fits(kept: str | None, typed: str) -> bool:
    """True when `typed` is the password behind `kept`; as slow where there is none."""
    password = unicodedata.normalize("NFKC", typed)[: LONGEST + 1]
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _fits, kept, password)


def is_old(kept: str) -> bool:
    """True when today's parameters are others, and the password should be hashed again."""
    return _hasher.check_needs_rehash(kept)


def _fits(kept: str | None, password: str) -> bool:
    try:
        same = _hasher.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return same and kept is not None


@cache
def _nobodys() -> str:
    """A hash that is compared with where there is none."""
    return _hasher.hash("nobody has this password")
