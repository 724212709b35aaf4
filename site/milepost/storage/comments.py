"""Comments of backers, the creator's answers, and what was decided about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("comments")


async def of_thread(
    db: Connection,
    campaign_id: int,
    update_id: int | None,
    customer_id: int | None,
    before: int | None,
    most: int,
) -> list[Any]:
    """The next comments that this reader may see, newest first, those with an id below `before`."""
    rows: list[Any] = await rows_of(
        _sql.comments_of_thread(
            db,
            campaign_id=campaign_id,
            update_id=update_id,
            customer_id=customer_id,
            before=before,
            most=most,
        )
    )
    return rows


async def answers(
    db: Connection, comment_ids: Sequence[int], customer_id: int | None, most: int
) -> dict[int, list[Any]]:
    """The latest `most` answers to each of these, oldest first, by the comment."""
    found: dict[int, list[Any]] = {}
    rows = await rows_of(
        _sql.answers_of_comments(db, comment_ids=comment_ids, customer_id=customer_id, most=most)
    )
    for row in rows:
        found.setdefault(row["parent_id"], []).append(row)
    return found


async def count(db: Connection, campaign_id: int, update_id: int | None) -> int:
    """How many are shown in this thread, answers among them."""
    found: int = await _sql.count_comments(db, campaign_id=campaign_id, update_id=update_id)
    return found


async def can_be_answered(
    db: Connection, campaign_id: int, update_id: int | None, comment_id: int
) -> bool:
    """True for a comment that is shown in this thread and is no answer itself."""
    found = await _sql.comment_to_answer(
        db, campaign_id=campaign_id, update_id=update_id, comment_id=comment_id
    )
    return found is not None


async def since(db: Connection, customer_id: int, moment: datetime) -> int:
    """How many this customer has written since then."""
    found: int = await _sql.comments_since(db, customer_id=customer_id, since=moment)
    return found


async def keep_commenter(db: Connection, campaign_id: int, customer_id: int, name: str) -> Any:
    """The form offers them this name; whether they are `trusted`, and `blocked_at`."""
    return await _sql.keep_commenter(
        db, campaign_id=campaign_id, customer_id=customer_id, name=name
    )


async def setting(db: Connection, campaign_id: int) -> str:
    """Whose comments are shown when."""
    found: str = await _sql.comments_setting(db, campaign_id=campaign_id)
    return found


async def set_to(db: Connection, campaign_id: int, setting: str) -> None:
    """The same, decided anew."""
    await _sql.set_comments(db, campaign_id=campaign_id, setting=setting)


async def add(
    db: Connection,
    campaign_id: int,
    update_id: int | None,
    parent_id: int | None,
    text: str,
    state: str,
    now: datetime,
    customer_id: int | None = None,
    name: str = "",
    creator_id: int | None = None,
) -> int:
    """A comment of a customer's under this name, or a creator's answer; its id."""
    made: int = await _sql.add_comment(
        db,
        campaign_id=campaign_id,
        update_id=update_id,
        parent_id=parent_id,
        customer_id=customer_id,
        creator_id=creator_id,
        name=name,
        text=text,
        state=state,
        now=now,
    )
    return made


async def withdraw(db: Connection, campaign_id: int, comment_id: int, customer_id: int) -> bool:
    """Taken back by its writer, its text gone; False when it is not theirs, or gone already."""
    return bool(
        await _sql.withdraw_comment(
            db, campaign_id=campaign_id, comment_id=comment_id, customer_id=customer_id
        )
    )


async def shown_one(db: Connection, campaign_id: int, comment_id: int) -> Any | None:
    """A comment that is shown, with the update that it is on."""
    return await _sql.shown_comment(db, campaign_id=campaign_id, comment_id=comment_id)


async def report(db: Connection, campaign_id: int, comment_id: int) -> None:
    """One more reader finds fault with it."""
    await _sql.report_comment(db, campaign_id=campaign_id, comment_id=comment_id)


async def in_studio(
    db: Connection, campaign_id: int, only: str, before: int | None, most: int
) -> list[Any]:
    """The next comments for the creator: `only` those in one state, `reported`, or all."""
    rows: list[Any] = await rows_of(
        _sql.comments_in_studio(db, campaign_id=campaign_id, only=only, before=before, most=most)
    )
    return rows


async def counts(db: Connection, campaign_id: int) -> Any:
    """How many are `waiting` and `reported`, and the campaign's `setting`."""
    return await _sql.counts_of_comments(db, campaign_id=campaign_id)


async def lock(db: Connection, campaign_id: int, comment_id: int) -> Any | None:
    """The comment's row, locked."""
    return await _sql.lock_comment(db, campaign_id=campaign_id, comment_id=comment_id)


async def decide(
    db: Connection, comment_id: int, state: str, reason: str, creator_id: int, now: datetime
) -> None:
    """The creator shows or hides it; what was reported is settled by that."""
    await _sql.decide_on_comment(
        db, comment_id=comment_id, state=state, reason=reason, creator_id=creator_id, now=now
    )


async def trust(db: Connection, campaign_id: int, customer_id: int, trusted: bool) -> None:
    """Whether this person's next comments need no approval."""
    await _sql.trust_commenter(
        db, campaign_id=campaign_id, customer_id=customer_id, trusted=trusted
    )


async def block(db: Connection, campaign_id: int, customer_id: int, now: datetime) -> bool:
    """This person comments here no more; False when that was so already."""
    return bool(
        await _sql.block_commenter(db, campaign_id=campaign_id, customer_id=customer_id, now=now)
    )


async def unblock(db: Connection, campaign_id: int, customer_id: int) -> bool:
    """This person may comment again; False when nothing was in the way."""
    return bool(await _sql.unblock_commenter(db, campaign_id=campaign_id, customer_id=customer_id))


async def blocked(db: Connection, campaign_id: int, most: int) -> list[Any]:
    """Who is blocked, the latest first."""
    rows: list[Any] = await rows_of(_sql.blocked_commenters(db, campaign_id=campaign_id, most=most))
    return rows
