"""Idempotency keys (source: Stripe API reference, "Idempotent requests")."""

from hashlib import sha256
from typing import Any

from .books import Thing
from .desk import Desk
from .errors import Refused, invalid

KIND = "note.idempotency"
LIFETIME = 24 * 60 * 60
LONGEST = 255


def fingerprint(text: str) -> str:
    """What stands for a request's parameters."""
    return sha256(text.encode()).hexdigest()


def recall(desk: Desk, key: str, path: str, parameters: str) -> Thing | None:
    """The saved answer to this key, None when it is new; refuses a key used for something else."""
    if len(key) > LONGEST:
        raise invalid(f"Idempotency keys can be at most {LONGEST} characters long.")
    known = desk.books.get(KIND, key)
    if known is None or known["at"] + LIFETIME <= desk.clock.now():
        return None
    if known["path"] != path:
        raise Refused(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{path}' vs '{known['path']}'). Try using a key other than '{key}' if you "
            "meant to execute a different request.",
        )
    if known["parameters"] != parameters:
        raise Refused(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
        )
    return known


def save(desk: Desk, key: str, path: str, parameters: str, status: int, body: Any) -> None:
    """What this key is answered from now on."""
    desk.books.put(
        KIND,
        {
            "id": key,
            "at": desk.clock.now(),
            "path": path,
            "parameters": parameters,
            "status": status,
            "body": body,
        },
    )


def in_use(key: str) -> Refused:
    """Another request with this key has not been answered yet."""
    return Refused(
        409,
        "invalid_request_error",
        "There is currently another in-progress request using this Idempotent Key (that probably "
        f"means you submitted twice, and the other request is still going through): {key}. Please "
        "try again later.",
        code="idempotency_key_in_use",
    )
