"""Where a visit comes from: the host that linked here, and the tag in the address (B12).

Nothing of either is about a person: a host's name and a word that the creator chose.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

LONGEST_SOURCE = 80
LONGEST_TAG = 40
OTHERS = "*"  # the source of visits beyond what a day keeps apart; no host is called so
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}")  # an address of digits is no name
_NO_TAG = re.compile(r"[^\w./-]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """A source and a tag; either may be empty: whoever typed the address came from nowhere."""

    source: str = ""
    tag: str = ""


def cleaned_source(host: str) -> str:
    """A host as it is counted: lower case, without `www.`; empty for what is no host's name."""
    name = host[: LONGEST_SOURCE + 5].lower().removeprefix("www.")
    return name if len(name) <= LONGEST_SOURCE and _HOST.fullmatch(name) else ""


def cleaned_tag(typed: str) -> str:
    """A tag as it is counted: lower case, letters, digits and `._-/`, at most forty of them."""
    text = _NO_TAG.sub("-", typed[: 4 * LONGEST_TAG].strip().lower())
    return "".join(c for c in text if c.isprintable())[:LONGEST_TAG].strip("-")


def tag_in(query: str) -> str:
    """The tag in an address's query: `via`, or else `utm_source` and `utm_campaign`."""
    if "via=" not in query and "utm_" not in query:
        return ""
    try:
        found = parse_qs(query, max_num_fields=50)
    except ValueError:
        return ""
    if "via" in found:
        return cleaned_tag(found["via"][0])
    parts = (found[name][0] for name in ("utm_source", "utm_campaign") if name in found)
    return cleaned_tag("/".join(parts))


def referred(referer: str, own_host: str, own_page: str) -> Origin | None:
    """What a Referer says of where somebody came from; None when it was `own_page` itself.

    From another page of the site, its own host is the source. A tag counts only from an address
    of the site: other sites' tags are about other things.
    """
    try:
        came = urlsplit(referer)
        host, netloc = came.hostname or "", came.netloc.lower()
    except ValueError:
        return Origin()
    if came.scheme not in ("http", "https", "android-app"):
        return Origin()
    if netloc != own_host:
        return Origin(cleaned_source(host))
    if came.path == own_page or came.path.startswith(f"{own_page}/"):
        return None
    return Origin(cleaned_source(host))
