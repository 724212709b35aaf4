"""What is told of a milestone, and what a program may send of it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from milepost.domain.audience import AudienceKind, Per
from milepost.domain.rewards import CodeKind, Reveal, RewardKind
from milepost.web.api.fields import LINE, Amount, Flag, Id, Prose, Sent, known_of, unsent
from milepost.web.api.gate import Call
from milepost.web.api.parts import (
    Alt,
    Locale,
    Picture,
    Short,
    Title,
    Translations,
    pictured,
    texts_of,
)

MOST_CODES = 10_000  # in one call
Long = Annotated[Prose, StringConstraints(max_length=5_000)]
Code = Annotated[
    str,
    StringConstraints(
        strict=True, strip_whitespace=True, min_length=1, max_length=100, pattern=LINE
    ),
]
Codes = Annotated[list[Code], Field(max_length=MOST_CODES)]
Target = Annotated[int, Field(strict=True, ge=1, lt=2**53)]
Cap = Annotated[int, Field(strict=True, ge=1, le=10**9)]
Tiers = Annotated[list[Id], Field(max_length=500)]
Seen = Annotated[str, StringConstraints(strict=True, pattern=r"^[01](\.[0-9]{1,15}){3}$")]
State = Literal["ahead", "reached", "revealed", "archived"]
TARGET = "In the campaign’s basis: units, or minor units of its currency."
CROSSING = "Of new backers: the pledge that reached it gets it too."
PER = "One for each backer, each pledge, or each unit."
TIERS = "The tiers and add-ons that qualify; none: all do."
CAP = "The first so many get it, in the order of their pledges; null for no end."
REVEAL = "Whether it opens by itself at the reach, or by hand."
MYSTERY = "Only its target shows until it opens."
COST = "What one piece costs you, in minor units; null where nobody said it."
BEFORE = "Shown until it opens."
AFTER = "Shown once it is open."
EXCLUSIVE = "For whoever has the reward."
HIDDEN = "Null for a token that may not edit."
SEEN = "The `seen` of what you have looked at before, where this takes effect at once."


class MilestoneReward(BaseModel):
    """What a milestone gives: a product of the store, or something that it reveals."""

    id: int
    version: int = Field(description="Each change makes the next one; grants keep theirs.")
    kind: RewardKind
    title: str
    product: int | None
    image: str | None
    image_alt: str
    text_before: str = Field(description=BEFORE)
    text_after: str | None = Field(description=f"{AFTER} {HIDDEN}")
    exclusive: str | None = Field(description=f"{EXCLUSIVE} {HIDDEN}")
    code_kind: CodeKind = Field(description="One code for all, one each from a pool, or none.")
    shared_code: str | None = Field(description=HIDDEN)
    cost: int | None = Field(description=COST)
    translations: Translations | None = Field(description=f"By language. {HIDDEN}")


class Milestone(BaseModel):
    """A milestone of a campaign: what was set, and whether it is reached."""

    id: int
    state: State
    target: int = Field(description=TARGET)
    audience: AudienceKind
    include_crossing: bool = Field(description=CROSSING)
    exclude_late: bool = Field(description="Late pledges don’t get it.")
    per: Per = Field(description=PER)
    tiers: list[int] = Field(description=TIERS)
    cap: int | None = Field(description=CAP)
    reveal: Reveal = Field(description=REVEAL)
    mystery: bool = Field(description=MYSTERY)
    reached_at: datetime | None
    reached_seq: int | None = Field(description="The ledger’s entry that reached it.")
    revealed_at: datetime | None
    archived_at: datetime | None
    reward: MilestoneReward


class RewardTexts(Sent):
    """A reward’s texts in another language; an empty one falls back to the original."""

    title: Short = unsent()
    image_alt: Alt = unsent()
    text_before: Long = unsent()
    text_after: Long = unsent()
    exclusive: Long = unsent()


class RewardSent(Sent):
    """What the milestone gives; of one that is there, what is not sent stays.

    A product brings its own title and picture, if none are sent.
    """

    title: Title = unsent()
    product: Id | None = unsent("A product of the store; null for a reveal.")
    image: Picture | None = unsent("The address of a picture that the store has uploaded.")
    image_alt: Alt = unsent()
    text_before: Long = unsent(BEFORE)
    text_after: Long = unsent(AFTER)
    exclusive: Long = unsent(EXCLUSIVE)
    code_kind: CodeKind = unsent("Of a reveal: one code for all, one each from a pool, or none.")
    shared_code: Short = unsent()
    cost: Amount | None = unsent(COST)
    translations: dict[Locale, RewardTexts] = unsent("By language; those not sent stay.")


class MilestoneEdit(Sent):
    """What is to be changed; what is not sent stays.

    Once it is reached its target, its audience and its way to open stand. A change of the reward
    is for grants to come, unless `also_granted`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"target": 300}]})

    target: Target = unsent(TARGET)
    audience: AudienceKind = unsent()
    include_crossing: Flag = unsent(CROSSING)
    exclude_late: Flag = unsent("Late pledges don’t get it.")
    per: Per = unsent(PER)
    tiers: Tiers = unsent(TIERS)
    cap: Cap | None = unsent(CAP)
    reveal: Reveal = unsent(REVEAL)
    mystery: Flag = unsent(MYSTERY)
    reward: RewardSent = unsent()
    also_granted: Flag = Field(
        False, description="Those who have it already, and it is not packed, get the change too."
    )
    seen: Seen | None = Field(None, description=SEEN)


class MilestoneNew(Sent):
    """A milestone. At or below the present total it is reached at once, and grants at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "target": 250,
                    "audience": "all_backers",
                    "reward": {"title": "A wind muff", "text_before": "One for every recorder."},
                }
            ]
        }
    )

    target: Target = Field(description=TARGET)
    audience: AudienceKind = "new_backers"
    include_crossing: Flag = Field(False, description=CROSSING)
    exclude_late: Flag = Field(False, description="Late pledges don’t get it.")
    per: Per = Field("backer", description=PER)
    tiers: Tiers = Field([], description=TIERS)
    cap: Cap | None = Field(None, description=CAP)
    reveal: Reveal = Field("automatic", description=REVEAL)
    mystery: Flag = Field(False, description=MYSTERY)
    reward: RewardSent
    codes: Codes = Field([], description="Of a reveal whose `code_kind` is a pool: one for each.")
    seen: Seen | None = Field(None, description=SEEN)


class MoreCodes(Sent):
    """Codes for the pool; whoever waits for one gets it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"codes": ["MUFF-1", "MUFF-2"]}]})

    codes: Annotated[list[Code], Field(min_length=1, max_length=MOST_CODES)]


class CodePool(BaseModel):
    """How many codes a milestone has, and how many nobody has."""

    codes: int
    free: int


class MilestoneTotals(BaseModel):
    """What came of a milestone so far."""

    left: int = Field(description="What is missing to its target, in the campaign’s basis.")
    provisional: int = Field(description="Grants that stand once the campaign is funded.")
    owed: int
    held: int = Field(description="Grants whose payment is disputed.")
    fulfilled: int
    void: int
    pieces: int = Field(description="Of all grants that are not void.")
    backordered: int = Field(description="Owed or provisional, waiting for stock or a code.")
    flagged: int = Field(description="Sent, and no longer owed.")
    pool: CodePool


def told(row: Any, call: Call) -> Milestone:
    """A milestone as it is told."""
    known = known_of(row, Milestone)
    parts = known_of(row, MilestoneReward)
    reward = MilestoneReward(
        **parts
        | {
            "id": row["reward_id"],
            "product": row["product_id"],
            "image": pictured(call, row["image"]),
            "translations": None if row["translations"] is None else texts_of(row["translations"]),
        }
    )
    return Milestone(**known | {"state": state_of(row), "reward": reward})


def standing(milestone: Milestone) -> Milestone:
    """What its `ETag` is of, the same for every token: a secret that changes is a new version."""
    secrets = dict.fromkeys(("text_after", "exclusive", "shared_code", "translations"))
    return milestone.model_copy(update={"reward": milestone.reward.model_copy(update=secrets)})


def state_of(row: Any) -> State:
    """How far a milestone is."""
    if row["archived_at"] is not None:
        return "archived"
    if row["revealed_at"] is not None:
        return "revealed"
    return "ahead" if row["reached_seq"] is None else "reached"
