"""What a chain of promises comes to: followed link by link, and held against what is there."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from milepost.domain.promises import Link, Row, Statement, canonical, seal

Promised = dict[str, Any]
OF_A_MILESTONE = ("target", "audience", "reveal", "mystery")


def follow(promised: Promised, link: Link) -> None:
    """Let `promised`, empty before the first link, stand as it stands after this one."""
    said, about = link.statement, str(link.subject)
    match link.kind:
        case "begun":
            promised |= {name: value for name, value in said.items() if name != "milestones"}
            promised["milestones"], promised["versions"] = {}, {}
            for milestone in said["milestones"]:
                _add(promised, milestone["id"], milestone)
        case "goal" | "deadline" | "outcome":
            promised |= said
        case "added":
            _add(promised, about, said)
        case "target" | "audience" | "opening":
            promised["milestones"][about] |= said
        case "reward":
            _add(promised, about, {**promised["milestones"][about], "reward": said["reward"]})
        case "archived":
            del promised["milestones"][about]
        case "revealed":
            sealed = promised["versions"][about, said["version"]]
            sealed["opens"] = seal(said["salt"], said["shown"]) == sealed["sealed"]


def _add(promised: Promised, milestone_id: str, said: Statement) -> None:
    kept = {name: said[name] for name in (*OF_A_MILESTONE, "reward")}
    promised["milestones"][milestone_id] = kept
    promised["versions"][milestone_id, said["reward"]["version"]] = dict(said["reward"])


def promised_by(links: Iterable[Link]) -> Promised:
    """What the chain says in the end. Raises LookupError or TypeError where it makes no sense."""
    promised: Promised = {}
    for link in links:
        follow(promised, link)
    return promised


def faults(links: Sequence[Link]) -> Iterator[str]:
    """Where the chain itself does not hold: gaps, and hashes that are not of their words."""
    campaign = str(links[0].statement.get("slug")) if links else ""
    expected, previous = 1, None
    for link in links:
        if link.number != expected:
            yield f"promise {expected} is missing"
        found = sha256(canonical(link.document(campaign, previous))).digest()
        if found != link.hash:
            yield (
                f"promise {link.number} does not hold: its hash is {link.hash.hex()[:12]},"
                f" its words give {found.hex()[:12]}"
            )
        expected, previous = link.number + 1, link.hash


def differences(links: Sequence[Link], present: Statement, rewards: Iterable[Row]) -> Iterator[str]:
    """Where what is there differs from what was promised last.

    `present` is what a chain that began now would begin with; `rewards` are all versions, each as
    a reward's statement with its milestone's id.
    """
    try:
        promised = promised_by(links)
    except (LookupError, TypeError, AttributeError):
        yield "what its promises come to can't be made out"
        return
    for name, said in promised.items():
        if name not in ("slug", "milestones", "versions") and present[name] != said:
            yield f"{name} is {present[name]}; its promises say {said}"
    there = {milestone["id"]: milestone for milestone in present["milestones"]}
    for one in sorted(there.keys() | promised["milestones"].keys(), key=int):
        yield from _of_one(one, there.get(one), promised["milestones"].get(one))
    kept = {(row["id"], row["version"]): row for row in rewards}
    for (one, version), said in promised["versions"].items():
        row = kept.get((one, version))
        if row is None or any(row[name] != said[name] for name in _SEALED):
            yield f"milestone {one}: version {version} of its reward is not what was promised"
        if not said.get("opens", True):
            yield f"milestone {one}: what was revealed is not what was sealed"


_SEALED = ("kind", "sealed", "sealed_for_entitled")


def _of_one(one: str, there: Statement | None, said: Statement | None) -> Iterator[str]:
    if there is None:
        yield f"milestone {one} is promised, and is not there"
    elif said is None:
        yield f"milestone {one} is there, and its promises don't know it"
    else:
        for name in OF_A_MILESTONE:
            if there[name] != said[name]:
                yield f"milestone {one}: its {name} is {there[name]}; its promises say {said[name]}"
        used, last = there["reward"]["version"], said["reward"]["version"]
        if used != last:
            yield f"milestone {one} gives version {used} of its reward; its promises say {last}"
