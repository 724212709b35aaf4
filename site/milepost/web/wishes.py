"""What a reader's headers ask for: a language, and an encoding."""

from functools import lru_cache
from urllib.parse import parse_qs

from milepost.wording.languages import LOCALES, negotiate


def language(headers: dict[bytes, bytes], query: bytes) -> str:
    """The reader's language: asked for in the address, else the browser's."""
    asked = None
    if b"lang=" in query:
        asked = parse_qs(query.decode("latin-1")).get("lang", [""])[0]
    if asked in LOCALES:
        return asked
    accepted = headers.get(b"accept-language", b"")
    return _negotiated(accepted) if accepted else LOCALES[0]


@lru_cache(maxsize=256)
def _negotiated(accepted: bytes) -> str:
    return negotiate(accepted.decode("latin-1"), None)


@lru_cache(maxsize=256)
def encoding(accepted: bytes) -> str:
    """`br`, `gzip` or nothing: the best of what is accepted by name (RFC 9110, 12.5.3)."""
    wanted = set()
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0") not in ("q=", "q=0."):
            wanted.add(name.strip())
    return "br" if "br" in wanted else "gzip" if "gzip" in wanted else ""
