"""What an address may hold before anyone asks the database about it."""

import re

_SLUG = re.compile("[a-z0-9][a-z0-9-]{0,79}")
_KEY = re.compile("[A-Za-z0-9_-]{16,64}")


def is_slug(text: str) -> bool:
    """True for what can be a campaign's slug."""
    return _SLUG.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """True for what can be a pledge's key."""
    return _KEY.fullmatch(text) is not None
