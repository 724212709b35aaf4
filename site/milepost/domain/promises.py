"""Promises: what a campaign says it will do, kept as a chain of hashes that anybody can check (N6).

A link's hash is the SHA-256 of its canonical JSON, which holds the hash of the link before it. Who
knows one hash can tell whether anything up to it was changed since.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

Kind = Literal[
    "begun",
    "goal",
    "deadline",
    "added",
    "target",
    "audience",
    "opening",
    "reward",
    "revealed",
    "archived",
    "outcome",
]
Statement = dict[str, Any]
Row = Mapping[str, Any]
ALGORITHM = "SHA-256 of RFC 8785 JSON"
SHOWN = ("title", "image", "image_alt", "text_before", "text_after")  # what a reveal shows to all


@dataclass(frozen=True, slots=True)
class Link:
    """One promise; `subject` is the milestone it is about, `statement` what holds from now on."""

    number: int
    made_at: datetime
    kind: Kind
    subject: int | None
    statement: Statement
    hash: bytes

    def document(self, campaign: str, previous: bytes | None) -> Statement:
        """All that the hash is of; `previous` is None for the first link."""
        return {
            "campaign": campaign,
            "number": self.number,
            "made_at": moment(self.made_at),
            "kind": self.kind,
            "subject": None if self.subject is None else str(self.subject),
            "statement": self.statement,
            "previous": None if previous is None else previous.hex(),
        }


def forged(
    campaign: str,
    last: tuple[int, bytes] | None,
    kind: Kind,
    subject: int | None,
    statement: Statement,
    made_at: datetime,
) -> Link:
    """The next link of the chain whose `last` link has this number and hash."""
    number, previous = last or (0, None)
    bare = Link(number + 1, made_at.replace(microsecond=0), kind, subject, statement, b"")
    digest = sha256(canonical(bare.document(campaign, previous))).digest()
    return Link(bare.number, bare.made_at, kind, subject, statement, digest)


def canonical(document: Any) -> bytes:
    """JSON with sorted keys and no spaces, as UTF-8 (RFC 8785); numbers are whole, below 2^53."""
    said = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return said.encode()


def moment(when: datetime) -> str:
    """An instant as a chain writes it: UTC, whole seconds, Z."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seal(salt: str, content: Statement) -> str:
    """A commitment to `content` that tells nothing of it while its salt is secret."""
    return sha256(canonical({"content": content, "salt": salt})).hexdigest()


def shown_content(reward: Row) -> Statement:
    """What the reveal will show to everybody."""
    product = reward["product_id"]
    return {
        "kind": reward["kind"],
        "product": None if product is None else str(product),
        **{column: reward[column] for column in SHOWN},
        "translations": _in_languages(reward, SHOWN),
    }


def own_content(reward: Row) -> Statement:
    """What the entitled alone will see; one code each from a pool is not part of it."""
    return {
        "exclusive": reward["exclusive"],
        "code_kind": reward["code_kind"],
        "shared_code": reward["shared_code"],
        "translations": _in_languages(reward, ("exclusive",)),
    }


def _in_languages(reward: Row, columns: Iterable[str]) -> Statement:
    told = {
        locale: {column: texts[column] for column in columns if texts.get(column)}
        for locale, texts in reward["translations"].items()
    }
    return {locale: texts for locale, texts in told.items() if texts}


def reward_statement(row: Row) -> Statement:
    """A version of a reward: its title unless that is a mystery still, the rest sealed (R2, R3)."""
    said: Statement = {
        "version": row["version"],
        "kind": row["kind"],
        "sealed": seal(str(row["salt"]), shown_content(row)),
        "sealed_for_entitled": seal(str(row["own_salt"]), own_content(row)),
    }
    if not row["mystery"] or row["revealed_at"] is not None:
        said["title"] = row["title"]
        said["titles"] = {
            locale: texts["title"] for locale, texts in _in_languages(row, ("title",)).items()
        }
    return said


def milestone_statement(row: Row) -> Statement:
    """A milestone with its target, audience and reward."""
    return {
        "target": row["target"],
        "audience": audience_statement(row),
        "reveal": row["reveal"],
        "mystery": row["mystery"],
        "reward": reward_statement(row),
    }


def audience_statement(row: Row) -> Statement:
    """Who gets the reward, with every switch (A1, A2, A6, A7, A14)."""
    return {
        "kind": row["audience"],
        "include_crossing": row["include_crossing"],
        "exclude_late": row["exclude_late"],
        "per": row["per"],
        "tiers": [str(tier) for tier in sorted(row["tiers"])],
        "cap": row["cap"],
    }


def reveal_statement(row: Row) -> Statement:
    """What has opened, and the salt with which it was sealed."""
    content = shown_content(row)
    return {"version": row["version"], "salt": str(row["salt"]), "shown": content}


def campaign_statement(campaign: Row, milestones: Iterable[Row]) -> Statement:
    """All that a campaign promises as it stands: what a chain begins with."""
    return {
        "slug": campaign["slug"],
        "basis": campaign["basis"],
        "currency": campaign["currency"],
        "funding_model": campaign["funding_model"],
        "goal": campaign["goal"],
        "opens_at": moment(campaign["opens_at"]),
        "closes_at": moment(campaign["closes_at"]),
        "outcome": campaign["outcome"],
        "milestones": [{"id": str(row["id"]), **milestone_statement(row)} for row in milestones],
    }
