"""Posting: each mail that waits is claimed, sent once, and never repeated by itself.

The claim is committed before the first word to the mail server. Whoever dies between the claim and
the answer leaves the mail `sending`: nobody knows whether it went, so only a person sends it again.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.errors import MessageError
from typing import Any

from milepost.domain.errors import NotFound
from milepost.domain.messages import N_
from milepost.gateways.mail import Away, InDoubt, NotSent, Parcel, Post, Refused, letter
from milepost.services.clock import Clock
from milepost.services.ending import to_its_end
from milepost.services.telling import tell_codes_of
from milepost.storage import mails, milestones
from milepost.storage.database import Connection, Database, reading, unit

log = logging.getLogger("milepost.mail")
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, *[360] * 7)]  # together two days
CHUNK = 1000  # backers whom one statement promises a milestone's news


class Pointless(Exception):
    """A mail has no point any more, for the reason in words."""


class Unspeakable(Exception):
    """A mail could not be composed: our mistake."""


Composed = Parcel | Pointless | Unspeakable
Compose = Callable[[Connection, Sequence[Any], datetime], Awaitable[Mapping[int, Composed]]]


async def post_waiting(
    database: Database, post: Post | None, compose: Compose, clock: Clock, most: int = 50
) -> int:
    """Send what is due, at most `most`; how many mails were looked at, 0 when nothing is due.

    Without a `post` (the demo) the mails are kept to be shown, and count as sent.
    """
    async with reading(database) as db:
        waiting = await mails.due(db, clock(), most)
        if not waiting:
            return 0
        composed = await compose(db, waiting, clock())
    sendable: list[tuple[Any, Parcel]] = []
    for row in waiting:
        made = composed[row["id"]]
        if isinstance(made, Parcel):
            sendable.append((row, made))
        else:
            await _lay_aside(database, row["id"], made)
    if post is None:
        for row, parcel in sendable:
            async with unit(database) as db:
                content = (parcel.subject, parcel.text, parcel.html)
                await mails.sent(db, row["id"], clock(), *content)
        return len(waiting)
    at, rows = 0, [row for row, _ in sendable]
    try:
        for at, (row, parcel) in enumerate(sendable):  # noqa: B007 - the rest waits from here
            await post.open()
            # Whoever is told to stop finishes the mail in hand: a claim left is a mail lost.
            await to_its_end(_send(database, post, row, parcel, clock))
    except Away as error:
        await _wait(database, rows[at:], str(error), clock())
    finally:
        await post.close()
    return len(waiting)


async def _send(database: Database, post: Post, row: Any, parcel: Parcel, clock: Clock) -> None:
    """One mail: the claim, the conversation, what became of it."""
    mail_id = row["id"]
    try:
        message = letter(parcel, post, row["key"], clock())
    except (ValueError, MessageError) as error:
        async with unit(database) as db:
            await mails.failed(db, mail_id, f"this can't be written as a mail: {error}")
        return
    async with unit(database) as db:
        if not await mails.claim(db, mail_id):
            return  # another worker has it
    try:
        await post.send(message)
    except InDoubt as error:
        log.warning("mail %s: %s; it may have been sent, see `milepost mails`", mail_id, error)
        async with unit(database) as db:
            await mails.in_doubt(db, mail_id, str(error))
    except Refused as error:
        log.warning("mail %s was refused: %s", mail_id, error)
        async with unit(database) as db:
            await mails.failed(db, mail_id, str(error))
    except NotSent as error:
        due_at = next_try(row["tries"], clock())
        async with unit(database) as db:
            if due_at is None:
                await mails.failed(db, mail_id, f"given up: {error}")
            else:
                await mails.put_off(db, mail_id, str(error), due_at)
    else:
        async with unit(database) as db:
            await mails.sent(db, mail_id, clock(), parcel.subject)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When a mail that was tried `tries` times before is tried again; None after two days."""
    return now + PAUSES[tries] if tries < len(PAUSES) else None


async def _wait(database: Database, rows: Sequence[Any], error: str, now: datetime) -> None:
    log.warning("the mail server is away: %s; %s mails wait", error, len(rows))
    async with unit(database) as db:
        await mails.server_away(db, {r["id"]: next_try(r["tries"], now) for r in rows}, error)


async def _lay_aside(database: Database, mail_id: int, why: Pointless | Unspeakable) -> None:
    async with unit(database) as db:
        if isinstance(why, Pointless):
            await mails.skipped(db, mail_id, str(why))
        else:
            await mails.failed(db, mail_id, str(why))


async def announce(database: Database, milestone_id: int, clock: Clock) -> None:
    """Promise a milestone's news to all who backed before it opened and want news (R3).

    In chunks that each stand alone; a second run promises nobody a second mail. Before the
    milestone is open nothing happens: whoever reveals it announces it.
    """
    async with reading(database) as db:
        found = await mails.campaign_of_news(db, milestone_id)
    if found is None or not found["is_open"]:
        return
    last: int | None = 0
    while last is not None:
        async with unit(database) as db:
            last = await mails.promise_news(db, milestone_id, found["id"], clock(), last, CHUNK)


async def announce_update(database: Database, update_id: int, clock: Clock) -> None:
    """Promise a published update to all who backed before it and want news, once each.

    In chunks that each stand alone; nobody is told of one that was withdrawn meanwhile.
    """
    last: int | None = 0
    while last is not None:
        async with unit(database) as db:
            campaign_id = await mails.campaign_of_update(db, update_id)
            if campaign_id is None:
                return
            last = await mails.promise_update(db, update_id, campaign_id, clock(), last, CHUNK)
            if last is None:
                await mails.update_told(db, update_id, clock())


async def tell_milestone(database: Database, milestone_id: int, clock: Clock) -> None:
    """A milestone's news to all, and their codes to those who have one; nobody is told twice."""
    await announce(database, milestone_id, clock)
    await tell_codes_of(database, milestone_id, clock)
    async with unit(database) as db:
        await mails.milestone_told(db, milestone_id, clock())


async def tell_what_is_left(database: Database, clock: Clock) -> None:
    """Go on telling of the milestones and updates whose telling did not come to its end."""
    async with reading(database) as db:
        opened, published = await mails.milestones_to_tell(db), await mails.updates_to_tell(db)
    for milestone_id in opened:
        await tell_milestone(database, milestone_id, clock)
    for update_id in published:
        await announce_update(database, update_id, clock)


async def tell_nobody_of_the_past(database: Database, now: datetime) -> None:
    """Whatever has happened so far was told long ago: its letters, news too, are written off."""
    async with reading(database) as db:
        opened = await milestones.revealed(db)
    for milestone_id in opened:
        await tell_milestone(database, milestone_id, lambda: now)
    await tell_what_is_left(database, lambda: now)
    async with unit(database) as db:
        await mails.skip_waiting(db, "it happened before this Milepost began")


async def send_again(database: Database, mail_id: int, now: datetime) -> None:
    """Send once more what failed or is in doubt. Raises NotFound when the mail is neither."""
    async with unit(database) as db:
        if not await mails.send_again(db, mail_id, now):
            raise NotFound(N_("Mail %(id)s neither failed nor is in doubt."), id=mail_id)
