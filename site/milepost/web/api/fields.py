"""The fields that resources are made of: what a program may send, and in which unit."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from starlette.exceptions import HTTPException

from milepost.web.api.gate import said

LARGEST = 2**63 - 1
MOST_ON_A_PAGE = 200


def _is_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("Send a date and time as text, as RFC 3339 writes them.")
    return value


def _is_near(value: datetime) -> datetime:
    if not 2000 <= value.year < 2200:
        raise ValueError("Send a date and time of the years 2000 to 2199.")
    return value


Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
PathId = Annotated[int, Path(ge=1, le=LARGEST, examples=[1])]
QueryId = Annotated[int | None, Query(ge=1, le=LARGEST)]
SLUG = r"^[a-z0-9-]{1,80}$"
Slug = Annotated[str, Path(pattern=SLUG, examples=["field-recorder"])]
Amount = Annotated[int, Field(strict=True, ge=0, le=10**12, description="Minor units.")]
Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
LINE = r"^[^\x00-\x1f\x7f]*$"
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # several lines; nothing that no page can hold
PLACE = r"^[0-9]{1,19}(-[0-9]{1,19})*$"  # of a page, as `next` tells it
Line = Annotated[str, StringConstraints(strict=True, max_length=200, pattern=LINE)]
Prose = Annotated[str, StringConstraints(strict=True, max_length=20_000, pattern=TEXT)]
Flag = Annotated[bool, Field(strict=True)]
When = Annotated[AwareDatetime, BeforeValidator(_is_text), AfterValidator(_is_near)]
Since = Annotated[When | None, Query()]
QueryAddress = Annotated[
    str | None, Query(min_length=3, max_length=254, pattern=r"^[^\x00-\x20@]+@[^\x00-\x20@]+$")
]


def known_of(row: Any, model: type[BaseModel]) -> dict[str, Any]:
    """Those fields of `model` that the row has a column for, by name."""
    columns = set(row.keys())
    return {name: row[name] for name in model.model_fields if name in columns}


class Sent(BaseModel):
    """What a program sends: nothing but what is known."""

    model_config = ConfigDict(extra="forbid")


def unsent(description: str | None = None) -> Any:
    """A field that may be left out, and is in no `model_fields_set` then; null only by its type."""
    if description is None:
        return Field(default_factory=lambda: None)
    return Field(default_factory=lambda: None, description=description)


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some of many, in a fixed order; `next` is the `after` of the following page."""

    data: list[T]
    next: str | None = Field(None, description="Where the next page begins; null on the last.")


class Paging(BaseModel):
    """Which page: `limit` things after `after`."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(50, ge=1, le=MOST_ON_A_PAGE)
    after: str | None = Field(
        None,
        pattern=PLACE,
        description="The `next` of the page before.",
    )

    def place(self, width: int = 1) -> tuple[int, ...]:
        """The key after which the page begins, zeroes at first. Raises HTTPException 422."""
        if self.after is None:
            return (0,) * width
        place = tuple(int(part) for part in self.after.split("-"))
        if len(place) != width or max(place) > LARGEST:
            raise HTTPException(422, said("“after” is not the “next” of a page of this."))
        return place

    def page(self, rows: list[Any], made: list[T], *key: str) -> Page[T]:
        """A page of `made`, from `rows` of which one more than `limit` was asked for."""
        last = rows[self.limit - 1] if len(rows) > self.limit else None
        following = "-".join(str(last[name]) for name in key) if last is not None else None
        return Page(data=made[: self.limit], next=following)
