"""Showing a backer their own pledge: what it holds, each reward with its reason (R5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.audience import Verdict, reason
from milepost.domain.messages import Sentence
from milepost.domain.money import Money
from milepost.domain.settlement import Backer, verdicts
from milepost.domain.tracks import Milestone
from milepost.services.publishing import Published, publish
from milepost.services.settling import standing_of
from milepost.storage import ledger, milestones, parcels, pledges
from milepost.storage.database import Connection


@dataclass(frozen=True, slots=True)
class ShownReward:
    """One milestone as it concerns this backer; texts and codes only once they are due (R2, R3)."""

    milestone_id: int
    target: int
    left: int
    kind: str
    title: str
    image: str
    image_alt: str
    text: str
    exclusive: str
    code: str
    state: str  # a grant's state, `waiting` for the reveal, or `ahead`
    backordered: bool
    quantity: int
    why: Sentence
    parcel: Any = None  # how far it is on its way, once it is ready

    @property
    def is_mine(self) -> bool:
        """True when the backer has, or had, a grant for it."""
        return self.state != "ahead"


@dataclass(frozen=True, slots=True)
class ShownPledge:
    """A pledge with its lines, its campaign and the backer's rewards."""

    row: Any
    lines: list[Any]
    published: Published
    rewards: list[ShownReward]
    refunded: int
    locale: str
    goods: Any = None  # the parcel of its own goods, once it is ready


async def show_pledge(
    db: Connection, key: str, language: Callable[[str], str], now: datetime
) -> ShownPledge | None:
    """The pledge behind the link `key`, or None; nine queries, whatever the campaign's size.

    `language` gives the one to show it in for the one that it was made in.
    """
    row = await pledges.by_key(db, key)
    if row is None:
        return None
    locale = language(row["locale"])
    published = await publish(db, row["slug"], now)
    if published is None:
        return None
    campaign = published.campaign
    backer = await _backer(db, row)
    track = await milestones.promised_on(db, campaign["track_id"])
    judged = {m.id: _mine(campaign, m, backer, row) for m in track}
    travels = await parcels.of_backer(db, row["campaign_id"], row["customer_id"], row["id"])
    rewards = [
        _shown(r, judged[r["id"]], backer, campaign, locale, travels.get(r["id"]))
        for r in await pledges.rewards_of(db, row["campaign_id"], row["customer_id"], row["id"])
    ]
    own = next(p for p in backer.pledges if p.id == row["id"])
    lines = await pledges.lines_of(db, row["id"])
    goods = travels.get(parcels.GOODS)
    return ShownPledge(row, lines, published, rewards, own.refunded, locale, goods)


async def _backer(db: Connection, row: Any) -> Backer:
    """All that the rules look at: the backer's pledges in this campaign, and the first entry."""
    if row["customer_id"] is None:
        own = await ledger.pledges_by_id(db, row["campaign_id"], [row["id"]])
        return Backer(0, None, list(own.values()))
    found = await ledger.other_pledges_of(db, row["campaign_id"], [row["customer_id"]], [])
    return Backer(row["customer_id"], row["first_seq"], sorted(found, key=lambda p: p.id))


def _mine(campaign: Any, milestone: Milestone, backer: Backer, row: Any) -> Verdict:
    """What the rules say to this backer, or to this pledge where it counts by itself (A6)."""
    standing = standing_of(campaign)
    found = dict(verdicts(standing, milestone, backer))
    own = row["id"] if milestone.audience.per != "backer" else backer.customer_id
    return found[own]


def _shown(
    r: Any, verdict: Verdict, backer: Backer, campaign: Any, locale: str, parcel: Any
) -> ShownReward:
    total = campaign["units"] if campaign["basis"] == "units" else campaign["money"]
    translated = r["translations"].get(locale, {})
    revealed, reached = r["revealed_at"] is not None, r["reached_seq"] is not None
    secret = r["mystery"] and not revealed

    def text(column: str) -> str:
        return translated.get(column) or r[column] or ""

    state = "ahead" if r["state"] is None else r["state"] if revealed else "waiting"
    due = revealed and r["state"] in ("owed", "fulfilled")
    code = (r["code"] or (r["shared_code"] if r["code_kind"] == "shared" else "")) if due else ""
    title = "" if secret else text("title")
    target = r["target"]
    name = Money(target, campaign["currency"]) if campaign["basis"] == "money" else target
    return ShownReward(
        milestone_id=r["id"],
        target=r["target"],
        left=0 if reached else max(0, r["target"] - total),
        kind=r["kind"],
        title=title,
        image="" if secret else r["image"],
        image_alt="" if secret else text("image_alt"),
        text="" if secret else text("text_after" if revealed else "text_before"),
        exclusive=text("exclusive") if due else "",
        code=code,
        state=state,
        backordered=bool(r["backordered"]),
        quantity=r["quantity"] or 1,
        why=reason(verdict.because, title or name, backer.first_seq, r["reached_seq"]),
        parcel=parcel if revealed else None,
    )
