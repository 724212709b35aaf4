"""Launching: a draft is previewed by a secret link, announced, and published when it is whole.

Publishing begins the chain of the campaign's promises in the same transaction (N6).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict
from milepost.domain.messages import N_, Sentence
from milepost.services.arranging import lock, tell
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.services.promising import begin
from milepost.storage import launching
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a launch wants; `where` under the campaign's pages it is settled.

    Without what is `needed` nothing is published; the rest is advice.
    """

    name: str
    is_there: bool
    said: Sentence
    more: Sentence
    where: str
    needed: bool = True


async def checks(db: Connection, row: Any, now: datetime) -> list[Check]:
    """What a launch wants, in the order of the editor's parts. One query."""
    has = await launching.counts(db, row["id"])
    unsendable = ", ".join(has["unsendable"])
    found = [
        Check(
            "blurb",
            bool(row["blurb"]),
            Sentence(N_("A title and one sentence")),
            Sentence(N_("They stand at the top of the page, and wherever it is shared.")),
            "/edit",
        ),
        Check(
            "story",
            bool(row["story"]),
            Sentence(N_("The story")),
            Sentence(N_("What you make, why it can be done, what could go wrong.")),
            "/edit",
        ),
        Check(
            "image",
            bool(row["image"]),
            Sentence(N_("A picture")),
            Sentence(N_("Pages with one are read longer. It needs its words, too.")),
            "/edit",
            needed=False,
        ),
        Check(
            "rewards",
            bool(has["counting"] if row["basis"] == "units" else has["tiers"]),
            Sentence(N_("A reward to choose")),
            Sentence(
                N_("A campaign by units moves only with a reward that counts units.")
                if row["basis"] == "units"
                else N_("Without one, backers can only pledge a sum of their own.")
            ),
            "/edit/rewards",
            needed=row["basis"] == "units",
        ),
        Check(
            "shipping",
            not unsendable,
            Sentence(N_("A fee for whatever is sent by post")),
            Sentence(N_("No zone has a fee for: %(titles)s."), {"titles": unsendable})
            if unsendable
            else Sentence(N_("Each has one.")),
            "/edit/shipping",
        ),
        Check(
            "dates",
            row["closes_at"] > now,
            Sentence(N_("A close that lies ahead")),
            Sentence(N_("Most campaigns run for about thirty days.")),
            "/edit/money",
        ),
        Check(
            "milestones",
            bool(has["milestones"]),
            Sentence(N_("A milestone")),
            Sentence(N_("The first one within reach of the first days gets the crowd moving.")),
            "/milestones",
            needed=False,
        ),
    ]
    return found


async def publish_campaign(
    database: Database, author: Author, now: datetime, *, at_once: bool
) -> None:
    """Publish the draft: open at once, or at its opening, if that still lies ahead.

    Once: a second time changes nothing. Raises Conflict where something needed is missing.
    """
    async with unit(database) as db:
        row = await lock(db, author)
        if row["published"]:
            return
        missing = [c for c in await checks(db, row, now) if c.needed and not c.is_there]
        if missing:
            raise Conflict(N_("Something is still missing. It is in the list, each with its link."))
        opens_at = now if at_once or row["opens_at"] <= now else row["opens_at"]
        await launching.publish(db, row["id"], opens_at.replace(microsecond=0))
        await begin(db, row["id"], author.email, now)
        after = {"opens_at": opens_at.isoformat()}
        await _done(db, author, row, "published", now, after)


async def announce(database: Database, author: Author, now: datetime) -> None:
    """Show the public what is coming. Raises Conflict without one sentence that says what."""
    async with unit(database) as db:
        row = await lock(db, author)
        if row["announced_at"] is not None or row["published"]:
            return
        if not row["blurb"]:
            raise Conflict(N_("Say in one sentence what is coming, then announce it."))
        await launching.announce(db, row["id"], now)
        await _done(db, author, row, "announced", now)


async def withdraw(database: Database, author: Author, now: datetime) -> None:
    """Take the announcement back; whoever follows is kept, and hears of the launch."""
    async with unit(database) as db:
        row = await lock(db, author)
        if row["announced_at"] is None or row["published"]:
            return
        await launching.announce(db, row["id"], None)
        await _done(db, author, row, "announcement_withdrawn", now)


async def renew_preview(database: Database, author: Author, now: datetime) -> None:
    """Put the preview behind another link; the one before shows nothing any more."""
    async with unit(database) as db:
        row = await lock(db, author)
        await launching.renew_preview(db, row["id"], secrets.token_urlsafe(24))
        await note(db, author.store_id, author.creator_id, "preview_renewed", now, row["title"])


async def _done(
    db: Connection,
    author: Author,
    row: Any,
    what: str,
    now: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, row["title"], {}, after)
    await tell(db, row["id"])
