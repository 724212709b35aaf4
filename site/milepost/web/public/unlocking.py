"""What a pledge that is being chosen would unlock for the crowd, in sentences (N7).

Nothing of a mystery is named, and nothing of what a reveal holds (R2, R3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milepost.domain.errors import Refusal
from milepost.domain.lines import Line, Tier, addon_field, choose
from milepost.domain.money import Money, typed_money
from milepost.domain.numbers import number_in
from milepost.domain.unlocking import Ahead, unlocked
from milepost.services.publishing import State, in_language
from milepost.wording.format import written_in
from milepost.wording.languages import translator


@dataclass(frozen=True, slots=True)
class Unlocking(Ahead):
    """A milestone ahead, and what is said of the pledge that takes the crowd to it."""

    sentence: str


def unlocking(milestones: Iterable[Any], c: Mapping[str, Any], locale: str) -> list[Unlocking]:
    """The milestones ahead, in order, each with its sentence (`c`: `basis`, `currency`)."""
    return [
        Unlocking(row["id"], row["target"], _sentence(row, c, locale))
        for row in milestones
        if row["reached_seq"] is None
    ]


def _sentence(row: Any, c: Mapping[str, Any], locale: str) -> str:
    _ = translator(locale).gettext
    if row["mystery"]:
        target = written_in(locale).amount(row["target"], c)
        what = _("the mystery at %(target)s") % {"target": target}
    else:
        what = _("“%(title)s”") % {"title": in_language(row, locale)("title")}
    if row["audience"] == "new_backers":
        said = _("This pledge unlocks %(what)s for new backers, from here on.")
    elif row["narrowed"]:
        said = _("This pledge unlocks %(what)s for those whom it is meant for.")
    else:
        said = _("This pledge unlocks %(what)s for everybody.")
    return said % {"what": what}


def told_by_form(c: State, tier_id: str, said: Mapping[str, str]) -> str:
    """What the form for this tier says as it was typed, a milestone a line; else of one piece."""
    lines = _lines(c, tier_id, said) if c["unlocking"] else []
    if not lines:
        return ""
    found = unlocked(c["unlocking"], c["total"], c["basis"], lines, c["review_limit"])
    return "\n".join(one.sentence for one in found)


def told_at_payment(locale: str, milestones: Sequence[Any], c: Mapping[str, Any]) -> str:
    """What stands on the payment page, beside its button, of these that the pledge unlocks."""
    if not milestones:
        return ""
    said = " ".join(one.sentence for one in unlocking(milestones, c, locale))
    return translator(locale).gettext("As the trail stands now: %(said)s") % {"said": said}


def _lines(c: State, tier_id: str, said: Mapping[str, str]) -> list[Line]:
    """The lines of what was typed; none where it is no pledge yet."""
    tier = next((t for t in c["tiers"] if t["id"] == tier_id), None)
    quantity = number_in(said.get("quantity") or "1")
    counts = [(t, number_in(said.get(addon_field(int(t["id"])), ""))) for t in c["addons"]]
    if not quantity:
        return []
    try:
        return choose(
            _tier(tier) if tier else None,
            quantity,
            _typed(said, "amount", c["currency"]),
            _typed(said, "bonus", c["currency"]),
            [(_tier(addon), count) for addon, count in counts if count],
        )
    except Refusal:
        return []


def _tier(t: State) -> Tier:
    return Tier(int(t["id"]), t["title"], t["price"], t["units"])


def _typed(said: Mapping[str, str], field: str, currency: str) -> Money:
    typed = said.get(field, "")
    return typed_money(typed, currency, field) if typed.strip() else Money(0, currency)
