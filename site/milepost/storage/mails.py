"""Mails as they are promised, claimed and sent; each key once, whatever is repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("mails")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail about a pledge, to its backer; of two with one `key` the first is sent.

    What each `kind` wants in `detail` is in `milepost.mailing.letters`.
    """

    kind: str
    key: str
    pledge_id: int
    milestone_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderLetter:
    """A mail about an order, to whoever made it; of two with one `key` the first is sent."""

    kind: str
    key: str
    order_id: int
    detail: Mapping[str, Any] = field(default_factory=dict)


async def promise_of_orders(db: Connection, letters: Sequence[OrderLetter], now: datetime) -> None:
    """Promise these mails with this transaction, in one statement; to nobody who was erased."""
    if letters:
        await _sql.promise_order_mails(
            db,
            keys=[letter.key for letter in letters],
            kinds=[letter.kind for letter in letters],
            order_ids=[letter.order_id for letter in letters],
            details=[orjson.dumps(letter.detail).decode() for letter in letters],
            due_at=now,
        )


async def promise(
    db: Connection, letters: Sequence[Letter], now: datetime, due_at: datetime | None = None
) -> None:
    """Promise these mails with this transaction, in one statement; to nobody who was erased."""
    if letters:
        await _sql.promise_mails(
            db,
            keys=[letter.key for letter in letters],
            kinds=[letter.kind for letter in letters],
            pledge_ids=[letter.pledge_id for letter in letters],
            milestone_ids=[letter.milestone_id for letter in letters],
            details=[orjson.dumps(letter.detail).decode() for letter in letters],
            due_at=due_at or now,
        )


async def promise_to(
    db: Connection,
    kind: str,
    key: str,
    recipient: str,
    locale: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> None:
    """Promise a mail to an address, whoever that is, such as a link to sign in with."""
    await _sql.promise_mail_to(
        db, key=key, kind=kind, recipient=recipient, locale=locale, detail=dict(detail), now=now
    )


async def promise_news(
    db: Connection, milestone_id: int, campaign_id: int, now: datetime, after: int, most: int
) -> int | None:
    """A milestone's news to the next `most` backers; the last customer's id, None when all have it.

    Begin with `after=0`, go on with what it gave. Whoever has the mail already gets no second.
    """
    last: int | None = await _sql.last_of_news_chunk(
        db, campaign_id=campaign_id, after=after, most=most
    )
    if last is not None:
        await _sql.promise_news(
            db,
            milestone_id=milestone_id,
            campaign_id=campaign_id,
            now=now,
            after=after,
            through=last,
        )
    return last


async def promise_update(
    db: Connection, update_id: int, campaign_id: int, now: datetime, after: int, most: int
) -> int | None:
    """An update to the next `most` backers; the last customer's id, None when all have it.

    Begin with `after=0`, go on with what it gave. Whoever has the mail already gets no second.
    """
    last: int | None = await _sql.last_of_news_chunk(
        db, campaign_id=campaign_id, after=after, most=most
    )
    if last is not None:
        await _sql.promise_update(
            db, update_id=update_id, campaign_id=campaign_id, now=now, after=after, through=last
        )
    return last


async def campaign_of_update(db: Connection, update_id: int) -> int | None:
    """The campaign of an update that is published and not withdrawn."""
    found: int | None = await _sql.campaign_of_update(db, update_id=update_id)
    return found


async def updates_to_tell(db: Connection) -> list[int]:
    """Published updates that stand and whose mails are not all promised yet."""
    return [row["id"] for row in await rows_of(_sql.updates_to_tell(db))]


async def update_told(db: Connection, update_id: int, now: datetime) -> None:
    """Everybody is promised its mail."""
    await _sql.update_told(db, update_id=update_id, now=now)


async def milestones_to_tell(db: Connection) -> list[int]:
    """Open milestones whose mails are not all promised yet."""
    return [row["id"] for row in await rows_of(_sql.milestones_to_tell(db))]


async def milestone_told(db: Connection, milestone_id: int, now: datetime) -> None:
    """Everybody is promised its mails; nothing is noted before it is open."""
    await _sql.milestone_told(db, milestone_id=milestone_id, now=now)


async def milestone_to_tell_again(db: Connection, milestone_id: int) -> None:
    """It concerns more people than when everybody was told."""
    await _sql.milestone_to_tell_again(db, milestone_id=milestone_id)


async def promise_to_all(
    db: Connection,
    campaign_id: int,
    kind: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """A mail of this `kind` about each live pledge to its backer, in one statement."""
    await _sql.promise_mails_to_all(
        db, campaign_id=campaign_id, kind=kind, detail=dict(detail or {}), now=now
    )


async def due(db: Connection, now: datetime, most: int) -> list[Any]:
    """Mails that wait and are due, the longest due first, news last; nobody has claimed them."""
    rows: list[Any] = await rows_of(_sql.due_mails(db, now=now, most=most))
    return rows


async def claim(db: Connection, mail_id: int) -> bool:
    """Take the mail to send it; False when somebody else has. Commit before a word is said."""
    return bool(await _sql.claim_mail(db, mail_id=mail_id))


async def sent(
    db: Connection,
    mail_id: int,
    now: datetime,
    subject: str,
    text: str | None = None,
    html: str | None = None,
) -> None:
    """The mail is gone; `text` and `html` are kept only where nothing is really sent."""
    await _sql.mail_sent(db, mail_id=mail_id, now=now, subject=subject, text=text, html=html)


async def put_off(db: Connection, mail_id: int, error: str, due_at: datetime) -> None:
    """The mail surely was not sent, and waits until `due_at`."""
    await _sql.put_off_mail(db, mail_id=mail_id, error=error[:1000], due_at=due_at)


async def failed(db: Connection, mail_id: int, error: str) -> None:
    """The mail surely was not sent, and will not be by itself."""
    await _sql.mail_failed(db, mail_id=mail_id, error=error[:1000])


async def skip_waiting(db: Connection, reason: str) -> None:
    """Nothing that waits now is sent."""
    await _sql.skip_waiting_mails(db, reason=reason)


async def skipped(db: Connection, mail_id: int, reason: str) -> None:
    """The mail has no point any more."""
    await _sql.mail_skipped(db, mail_id=mail_id, error=reason[:1000])


async def in_doubt(db: Connection, mail_id: int, error: str) -> None:
    """Nobody knows whether the mail was sent: it stays `sending` until the operator says."""
    await _sql.note_on_mail(db, mail_id=mail_id, error=error[:1000])


async def server_away(db: Connection, waits: Mapping[int, datetime | None], error: str) -> None:
    """No mail can be sent now; each waits until its instant, None: it has waited enough."""
    await _sql.wait_for_the_server(
        db, mail_ids=list(waits), due_ats=list(waits.values()), error=error[:1000]
    )


async def send_again(db: Connection, mail_id: int, now: datetime) -> bool:
    """A failed mail, or one in doubt, waits again; False when it is neither."""
    return bool(await _sql.send_mail_again(db, mail_id=mail_id, now=now))


async def counts(db: Connection) -> Any:
    """How many mails are `waiting`, `sending` and `failed`."""
    return await _sql.count_mails(db)


async def in_trouble(db: Connection, most: int = 100) -> list[Any]:
    """Mails in doubt, failed, or put off; newest first."""
    rows: list[Any] = await rows_of(_sql.mails_in_trouble(db, most=most))
    return rows


async def composed(db: Connection, most: int = 200) -> list[Any]:
    """Mails that were kept instead of sent, newest first."""
    rows: list[Any] = await rows_of(_sql.composed_mails(db, most=most))
    return rows


async def composed_mail(db: Connection, mail_id: int) -> Any | None:
    """One of them, with its text and HTML."""
    return await _sql.composed_mail(db, mail_id=mail_id)


async def campaign_of_news(db: Connection, milestone_id: int) -> Any | None:
    """The campaign of a milestone, and whether that may be told (`is_open`)."""
    return await _sql.campaign_of_news(db, milestone_id=milestone_id)


async def subscription(db: Connection, customer_id: int) -> Any | None:
    """Whether the customer wants `news`, with their store; None when there is no such customer."""
    return await _sql.subscription(db, customer_id=customer_id)


async def want_news(db: Connection, customer_id: int, wanted: bool) -> bool:
    """News, or none, from here on; False when there is no such customer."""
    return bool(await _sql.want_news(db, customer_id=customer_id, wanted=wanted))
