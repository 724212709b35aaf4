"""What the templates of the milestones see: states, the answer of a what-if, the advice."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.domain.advice import Advice, Amount, Stone, advise
from milepost.domain.messages import Sentence
from milepost.domain.whatif import Foresight, Meter, Reissue
from milepost.services.publishing import in_language
from milepost.wording.format import written_in
from milepost.wording.languages import LOCALES, NAMES
from milepost.wording.saying import say

NEAR = (4, 5)  # four fifths of the way
View = dict[str, Any]


def milestone_view(row: Any, meter: Meter, locale: str) -> View:
    """A milestone for the studio: near, reached and waiting, revealed; its title in `locale`."""
    reached, revealed = row["reached_seq"] is not None, row["revealed_at"] is not None
    near = meter.total * NEAR[1] >= row["target"] * NEAR[0]
    state = "revealed" if revealed else "waiting" if reached else "near" if near else "ahead"
    text = in_language(row, locale)
    return {
        **dict(row),
        "state": "archived" if row["archived_at"] is not None else state,
        "is_reached": reached,
        "title": text("title"),
        "image_alt": text("image_alt"),
        "left": max(0, row["target"] - meter.total),
    }


def languages_beside(own: str) -> list[tuple[str, str]]:
    """The languages that a text can be translated into, with their names."""
    return [(tag, NAMES[tag]) for tag in LOCALES if tag != own]


def foresight_view(answer: Foresight, c: Mapping[str, Any], moved_from: int | None = None) -> View:
    """A what-if's answer, for its sentences."""
    return {
        "kind": "foresight",
        "target": answer.target,
        "moved_from": moved_from,
        "reached": answer.reached,
        "now": answer.now,
        "later": answer.later,
        "until": answer.until,
        "pace": answer.pace,
        "since_opening": answer.pace is not None and answer.pace.since <= c["opens_at"],
        "reached_at": answer.reached_at,
        "in_time": answer.in_time,
        "seen": str(answer.seen),
        "provisional": c["funding_model"] == "all_or_nothing" and c["outcome"] is None,
    }


def reissue_view(answer: Reissue) -> View:
    """What another version of a reward does to those who have the present one."""
    return {
        "kind": "reissue",
        "bill": answer.bill,
        "kept": answer.kept,
        "seen": str(answer.seen),
    }


def stone_of(row: Any) -> Stone:
    """A milestone's row as the advice looks at it."""
    return Stone(
        title=row["title"],
        target=row["target"],
        is_reached=row["reached_seq"] is not None,
        cost=row["cost"],
        stock=row["stock"],
        is_product=row["kind"] == "product",
        per_unit=row["per"] == "unit",
        for_all=row["audience"] == "all_backers" and not row["tiers"] and row["cap"] is None,
        text=row["text_before"],
    )


def advice_view(
    meter: Meter, c: Mapping[str, Any], stones: Sequence[Stone], locale: str
) -> list[View]:
    """The advice in the reader's language; what could be better first."""
    found = advise(meter, c["goal"], c["backers"], c["currency"], stones)
    found.sort(key=lambda piece: piece.is_good)
    return [
        {"topic": p.topic, "is_good": p.is_good, "sentence": _said(p, c, locale)} for p in found
    ]


def _said(piece: Advice, c: Mapping[str, Any], locale: str) -> str:
    shown = written_in(locale)
    fields = {
        name: shown.amount(value.value, c) if isinstance(value, Amount) else value
        for name, value in piece.fields.items()
    }
    if "percent" in piece.fields:
        fields["percent"] = shown.percent(piece.fields["percent"] / 100)
    return say(Sentence(piece.message, fields), locale)
