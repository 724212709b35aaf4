"""What grants and fulfilments have in common: where they go, and how a parcel is told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field, StringConstraints

from milepost.domain.carriers import tracking_link
from milepost.web.api.fields import SLUG

GRANT = r"^[1-9][0-9]{0,17}:[1-9][0-9]{0,17}$"
GrantId = Annotated[
    str,
    StringConstraints(strict=True, pattern=GRANT),
    Field(description="A grant’s id, as hooks tell it.", examples=["3:41"]),
]


QuerySlug = Annotated[str | None, Query(pattern=SLUG)]
PathGrant = Annotated[str, Path(pattern=GRANT, examples=["3:41"])]
NO_GRANT = "There is no such grant."
Hindrance = Literal[
    "held", "disputed", "unpaid", "over", "unrevealed", "backordered", "moving", "no_parcel"
]
HINDRANCE = (
    "What keeps it from being sent now: `held` for review or by a dispute, `disputed`, `unpaid`,"
    " `over` (owed no more), `unrevealed`, `backordered`, `moving` (money of its pledge is on its"
    " way), `no_parcel` (a code, a text, or what a program gives). Null where it may go, and where"
    " it went."
)


class Address(BaseModel):
    """Where it goes, as its backer has typed it."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str = Field(description="ISO 3166-1 alpha-2.")
    phone: str


class SurveyAnswer(BaseModel):
    """What a backer has answered that matters for packing."""

    question: str
    answer: str


class Parcel(BaseModel):
    """How far it is on its way."""

    state: Literal["ready", "shipped"]
    carrier: str
    tracking: str
    tracking_url: str | None = Field(description="At a carrier that Milepost knows.")
    shipped_at: datetime | None
    batch: int | None


def two_numbers(id: str) -> tuple[int, int]:
    """Milestone and beneficiary of a grant’s id."""
    milestone_id, beneficiary = id.split(":")
    return int(milestone_id), int(beneficiary)


def parcel_of(row: Any, state: str) -> Parcel:
    """The parcel of a row."""
    return Parcel.model_validate(
        {
            "state": state,
            "carrier": row["carrier"],
            "tracking": row["tracking"],
            "tracking_url": tracking_link(row["carrier"], row["tracking"]) or None,
            "shipped_at": row["shipped_at"],
            "batch": row["batch_id"],
        }
    )
