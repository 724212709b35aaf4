"""Editing together: what is typed is kept, what is saved has a revision, nobody is overwritten.

Whoever saves says on which revision their text stands. When somebody else has saved the part since,
nothing is changed: both texts are shown, and their owner decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from milepost.domain.errors import Conflict
from milepost.domain.messages import N_
from milepost.services.author import Author
from milepost.storage import editing
from milepost.storage.database import Connection, Database, reading, unit

LATELY = timedelta(days=7)  # others' unsaved text is told of for so long


class Overtaken(Conflict):
    """Somebody has saved this part since; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else who has typed something here and not saved it."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A part's revision and its last saver; what this author has typed on it and not saved."""

    revision: int
    saver: str
    saved_at: datetime | None
    saved_by_me: bool
    typed: dict[str, str] | None = None
    base: int = 0
    kept_at: datetime | None = None
    others: list[Other] = field(default_factory=list)

    @property
    def is_overtaken(self) -> bool:
        """True when what was typed stands on a revision that is not the last."""
        return self.typed is not None and self.base != self.revision


async def part_held(database: Database, author: Author, part: str, now: datetime) -> Held:
    """How the part stands for this author; one query."""
    async with reading(database) as db:
        return await _held(db, author, part, now)


async def keep_typed(
    database: Database,
    author: Author,
    part: str,
    base: int,
    typed: Mapping[str, str],
    now: datetime,
) -> Held:
    """Keep what the author has typed on revision `base`, and tell how the part stands."""
    async with unit(database) as db:
        await editing.keep(db, author.place(part), author.creator_id, base, typed, now)
        return await _held(db, author, part, now)


async def forget_typed(database: Database, author: Author, part: str) -> None:
    """The author does not want what they typed."""
    async with unit(database) as db:
        await editing.forget(db, author.place(part), author.creator_id)


async def save_part(
    db: Connection, author: Author, part: str, base: int | None, now: datetime
) -> None:
    """Claim the part's next revision, in the transaction that saves it. Raises Overtaken.

    With no `base` it is a program that saves, which has read the part otherwise: what its owner
    has typed meanwhile is kept, and stands on what is no longer the last.
    """
    place = author.place(part)
    if base is None:
        held = await editing.held(db, place, author.creator_id, now)
        await editing.save(db, place, author.creator_id, held["revision"], now)
        return
    if not await editing.save(db, place, author.creator_id, base, now):
        raise Overtaken(
            N_("Somebody else has saved this while you were typing. Nothing was overwritten.")
        )
    await editing.forget(db, place, author.creator_id)


async def pass_part(db: Connection, author: Author, part: str, now: datetime) -> None:
    """The part is saved by a program: whoever types on it is told, and what they typed is kept."""
    await editing.pass_by(db, author.place(part), author.creator_id, now)


async def _held(db: Connection, author: Author, part: str, now: datetime) -> Held:
    row = await editing.held(db, author.place(part), author.creator_id, now - LATELY)
    others = [Other(o["name"], datetime.fromisoformat(o["at"])) for o in row["others"]]
    return Held(
        row["revision"],
        row["saver"] or "",
        row["saved_at"],
        row["saved_by"] == author.creator_id,
        row["typed"],
        row["base"] or 0,
        row["kept_at"],
        others,
    )
