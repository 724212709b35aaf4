"""Who gets a milestone's reward, and the one sentence that says why (A1–A9, R5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from milepost.domain.messages import N_, Sentence
from milepost.domain.money import Money
from milepost.domain.rewards import GrantState

AudienceKind = Literal["all_backers", "new_backers"]
Per = Literal["backer", "pledge", "unit"]


@dataclass(frozen=True, slots=True)
class Audience:
    """All backers, or new backers only, narrowed by switches (A1, A2, A6, A7, A14)."""

    kind: AudienceKind = "new_backers"
    include_crossing: bool = False
    exclude_late: bool = False
    per: Per = "backer"
    tiers: frozenset[int] = frozenset()
    cap: int | None = None

    def opens_after(self, reached_seq: int) -> int:
        """The first entry of a backer must come after this seq (A1, A2)."""
        if self.kind == "all_backers":
            return 0
        return reached_seq - 1 if self.include_crossing else reached_seq

    def takes(self, pledge: "Judged") -> bool:
        """True when the pledge's own lines and time qualify, whoever its backer is (A1, A6, A7)."""
        if (self.exclude_late and pledge.late) or (self.per == "unit" and not pledge.kept_units):
            return False
        return not self.tiers or not self.tiers.isdisjoint(pledge.kept_tiers)

    def quantity(self, pledge: "Judged") -> int:
        """How many of the reward a qualifying pledge earns (A6)."""
        return pledge.kept_units if self.per == "unit" else 1


class Judged(Protocol):
    """What the audience looks at in a pledge."""

    id: int
    late: bool

    @property
    def kept_units(self) -> int: ...
    @property
    def kept_tiers(self) -> frozenset[int]: ...
    @property
    def is_live(self) -> bool: ...
    @property
    def is_disputed(self) -> bool: ...
    @property
    def is_secured(self) -> bool: ...


Because = Literal[
    "all_backers",
    "new_backer",
    "crossing",
    "not_reached",
    "backed_before",
    "was_crossing",
    "late",
    "other_tier",
    "no_live_pledge",
    "disputed",
    "never_backed",
    "campaign_failed",
]


class Verdict(NamedTuple):
    """What the rules want for a beneficiary, and the rule that decided."""

    wanted: GrantState | None
    because: Because
    pledge_id: int | None = None
    quantity: int = 1


def judge(
    audience: Audience,
    reached_seq: int | None,
    first_seq: int | None,
    pledges: Iterable[Judged],
    provisional: bool = False,
) -> Verdict:
    """What one backer is owed for a milestone, by all of that backer's pledges (A1–A4, A7–A9).

    `provisional` is True until an all-or-nothing campaign is funded and the charge succeeded.
    """
    if reached_seq is None:
        return Verdict(None, "not_reached")
    if first_seq is None:
        return Verdict(None, "never_backed")
    if first_seq <= audience.opens_after(reached_seq):
        return Verdict(None, "was_crossing" if first_seq == reached_seq else "backed_before")
    chosen = disputed = None
    refused_late = refused_tier = False
    for pledge in pledges:
        if not (pledge.is_live or pledge.is_disputed):
            continue
        if not audience.takes(pledge):
            refused_late |= audience.exclude_late and pledge.late
            refused_tier |= not (audience.exclude_late and pledge.late)
            continue
        if pledge.is_disputed:
            disputed = disputed or pledge
        elif chosen is None or (pledge.is_secured and not chosen.is_secured):
            chosen = pledge  # whichever was charged earns it, whatever becomes of the others
    if chosen is not None:
        state: GrantState = "provisional" if provisional and not chosen.is_secured else "owed"
        because = _because(audience, reached_seq, first_seq)
        return Verdict(state, because, chosen.id, audience.quantity(chosen))
    if disputed is not None:
        return Verdict("held", "disputed", disputed.id, audience.quantity(disputed))
    if refused_tier:
        return Verdict(None, "other_tier")
    return Verdict(None, "late" if refused_late else "no_live_pledge")


def _because(audience: Audience, reached_seq: int, first_seq: int) -> Because:
    if audience.kind == "all_backers":
        return "all_backers"
    return "crossing" if first_seq == reached_seq else "new_backer"


_REASONS: dict[Because, str] = {
    "all_backers": N_(
        "You have this because everyone who backs the campaign gets it once “%(title)s” is reached."
    ),
    "new_backer": N_(
        "You have this because you first backed the campaign after “%(title)s” was reached"
        " (you: entry %(first_seq)s, the reach: entry %(reached_seq)s)."
    ),
    "crossing": N_("You have this because your pledge was the one that reached “%(title)s”."),
    "not_reached": N_("“%(title)s” has not been reached yet."),
    "backed_before": N_(
        "“%(title)s” is for those who first back the campaign after it is reached; you backed it"
        " before (you: entry %(first_seq)s, the reach: entry %(reached_seq)s)."
    ),
    "was_crossing": N_(
        "“%(title)s” is for those who first back the campaign after it is reached; yours was the"
        " pledge that reached it."
    ),
    "late": N_("“%(title)s” is not given to pledges made after the campaign closed."),
    "other_tier": N_("“%(title)s” comes with other rewards than the one you chose."),
    "no_live_pledge": N_("“%(title)s” is for live pledges, and yours is no longer one."),
    "disputed": N_("“%(title)s” waits until the dispute about your payment is settled."),
    "never_backed": N_("“%(title)s” is for backers, and your pledge is not confirmed yet."),
    "campaign_failed": N_(
        "“%(title)s” is void because the campaign closed below its goal, so no card was charged."
    ),
}


def reason(
    because: Because, title: str | int | Money, first_seq: int | None, reached_seq: int | None
) -> Sentence:
    """The one sentence of the rule that decided: why a backer has this, or doesn't (R5).

    A milestone whose title is still hidden is called by its target.
    """
    fields = {"title": title, "first_seq": first_seq, "reached_seq": reached_seq}
    return Sentence(_REASONS[because], fields)
