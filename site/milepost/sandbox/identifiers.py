"""Identifiers in the form Stripe gives them: a prefix that names the kind, then random letters."""

import secrets
import string

LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """A fresh id, such as `pi_` and 24 letters."""
    raw = secrets.token_bytes(length)
    return f"{prefix}_" + "".join(LETTERS[byte % 62] for byte in raw)


def secret_of(identifier: str) -> str:
    """The client secret of an intent."""
    return f"{identifier}_secret_{new_id('', 24)[1:]}"
