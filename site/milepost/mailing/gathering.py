"""Gathering what a batch of mails shows: a few queries for all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.audience import Verdict
from milepost.domain.settlement import Backer, gather, verdicts
from milepost.domain.tracks import Milestone
from milepost.mailing.about import About
from milepost.services.settling import standing_of
from milepost.storage import ledger, mail_contents, milestones, own_rewards
from milepost.storage.database import Connection
from milepost.wording.languages import LOCALES


async def gathered(
    db: Connection, mails: Sequence[Mapping[str, Any]], base_url: str, now: datetime
) -> list[About]:
    """What each mail is about, in their order; the queries are as few for fifty as for one.

    Only news of milestones asks what the rules say to each reader: two queries more a campaign;
    updates are looked up by one more, orders too; what programs gave by three.
    """
    pledge_ids = sorted({m["pledge_id"] for m in mails if m["pledge_id"] is not None})
    pledges = await mail_contents.pledges_of(db, pledge_ids)
    campaign_ids = sorted(
        {p["campaign_id"] for p in pledges.values()}
        | {m["detail"]["campaign"] for m in mails if "campaign" in m["detail"]}
    )
    campaigns = await mail_contents.campaigns_of(db, campaign_ids)
    lines = await mail_contents.lines_of(db, pledge_ids)
    shown = await mail_contents.milestones_of(db, mails)
    has_updates = any(m["update_id"] is not None for m in mails)
    told = await mail_contents.updates_of(db, mails) if has_updates else {}
    order_ids = sorted({m["order_id"] for m in mails if m["order_id"] is not None})
    ordered = await mail_contents.orders_of(db, order_ids) if order_ids else {}
    loyal = await _loyal(db, mails)
    strangers = [
        m["recipient"]
        for m in mails
        if m["pledge_id"] is None and m["order_id"] is None and m["id"] not in loyal.customers
    ]
    stores = await mail_contents.stores_of(db, strangers) if strangers else {}
    judged = await _judged(db, mails, pledges, campaigns)
    found = []
    for mail in mails:
        pledge = pledges.get(mail["pledge_id"])
        about = pledge["campaign_id"] if pledge is not None else mail["detail"].get("campaign")
        campaign, order = campaigns.get(about), ordered.get(mail["order_id"])
        own, customer = campaign if campaign is not None else order, loyal.customers.get(mail["id"])
        own = own if own is not None else customer
        found.append(
            About(
                mail=mail,
                locale=_spoken(mail["locale"]),
                base_url=base_url,
                now=now,
                store=own if own is not None else stores.get(mail["recipient"]),
                pledge=pledge,
                campaign=campaign,
                lines=lines.get(mail["pledge_id"], []),
                milestone=shown.get(mail["id"]),
                verdict=judged.get(mail["id"]),
                update=told.get(mail["id"]),
                order=order,
                customer=customer,
                grants=loyal.grants.get(mail["id"], []),
                products=loyal.products,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Loyal:
    """What mails about programs show, by mail."""

    customers: Mapping[int, Any] = field(default_factory=dict)
    grants: Mapping[int, list[Any]] = field(default_factory=dict)
    products: Mapping[int, Any] = field(default_factory=dict)


async def _loyal(db: Connection, mails: Sequence[Mapping[str, Any]]) -> _Loyal:
    about = [mail for mail in mails if "grants" in mail["detail"]]
    if not about:
        return _Loyal()
    named = {m["id"]: [(one[0], one[1]) for one in m["detail"]["grants"]] for m in about}
    rows = await own_rewards.grants_told(db, {one for own in named.values() for one in own})
    found = {(row["milestone_id"], row["beneficiary"]): row for row in rows}
    known = await own_rewards.customers_told(db, {m["customer_id"] for m in about})
    gifts = {product for row in rows for product in row["products"]}
    return _Loyal(
        {m["id"]: known[m["customer_id"]] for m in about if m["customer_id"] in known},
        {id_: [found[one] for one in own if one in found] for id_, own in named.items()},
        {row["id"]: row for row in await own_rewards.products(db, gifts)},
    )


def _spoken(locale: str) -> str:
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in LOCALES else LOCALES[0]


async def _judged(
    db: Connection,
    mails: Sequence[Mapping[str, Any]],
    pledges: Mapping[int, Any],
    campaigns: Mapping[int, Any],
) -> dict[int, Verdict]:
    """For each mail with a milestone's news, what the rules say to its reader (R5)."""
    news: dict[int, list[Mapping[str, Any]]] = {}
    for mail in mails:
        if mail["kind"] == "milestone" and mail["pledge_id"] in pledges:
            news.setdefault(pledges[mail["pledge_id"]]["campaign_id"], []).append(mail)
    found: dict[int, Verdict] = {}
    for campaign_id, own in news.items():
        campaign = campaigns[campaign_id]
        track = {m.id: m for m in await milestones.of_track(db, campaign["track_id"])}
        asked = {m["customer_id"] for m in own}
        seqs = {
            p["customer_id"]: p["first_seq"]
            for p in pledges.values()
            if p["campaign_id"] == campaign_id and p["customer_id"] in asked and p["first_seq"]
        }
        made = await ledger.other_pledges_of(db, campaign_id, sorted(seqs), [])
        backers = gather(seqs, made)
        for mail in own:
            milestone, backer = track.get(mail["milestone_id"]), backers.get(mail["customer_id"])
            if milestone is not None and backer is not None:
                found[mail["id"]] = _verdict(campaign, milestone, backer, mail["pledge_id"])
    return found


def _verdict(campaign: Any, milestone: Milestone, backer: Backer, pledge_id: int) -> Verdict:
    """The backer's own; where it counts by the pledge, the mail's pledge speaks for it (A6)."""
    said = dict(verdicts(standing_of(campaign), milestone, backer))
    own = backer.customer_id if milestone.audience.per == "backer" else pledge_id
    return said[own]
