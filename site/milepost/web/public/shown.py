"""What a page shows of one pledge: its lines, its sums, its rewards with their reasons."""

from typing import Any

from milepost.domain.carriers import tracking_link
from milepost.domain.pledges import credit_used
from milepost.services.showing import ShownPledge, ShownReward
from milepost.web.public.destinations import shipping_title
from milepost.wording.languages import translator
from milepost.wording.prose import prose
from milepost.wording.saying import card_sentence, credit_sentence, say


def pledge_view(shown: ShownPledge, c: dict[str, Any], locale: str) -> dict[str, Any]:
    """The pledge with its lines, the rewards that travel with it among them (R1)."""
    row, gettext = shown.row, translator(locale).gettext
    names = {"bonus": gettext("Bonus"), "own_amount": gettext("Pledge without a reward")}
    tiers = {t["id"]: t["title"] for t in (*c["tiers"], *c["addons"])}
    lines = [
        {
            "title": shipping_title(locale, row["country"], x["title"])
            if x["source"] == "shipping"
            else tiers.get(str(x["tier_id"])) or x["title"] or names.get(x["source"], ""),
            "quantity": x["quantity"],
            "unit_price": x["unit_price"],
            "amount": x["quantity"] * x["unit_price"],
            "source": x["source"],
        }
        for x in shown.lines
    ]
    given = [
        {
            "title": r.title,
            "quantity": r.quantity,
            "unit_price": 0,
            "amount": 0,
            "source": "milestone",
        }
        for r in shown.rewards
        if r.kind == "product" and r.state in ("owed", "fulfilled", "held", "provisional")
    ]
    given += [
        {"title": gift["title"], "quantity": 1, "unit_price": 0, "amount": 0, "source": "gift"}
        for gift in row["gifts"]
        if row["state"] not in ("expired", "cancelled", "dropped")
    ]
    total, credit = row["money"] + row["shipping"] + row["tax"], credit_used(row)
    sentence = credit_sentence if credit and credit >= total else card_sentence
    return {
        "key": row["key"],
        "state": "processing" if row["processing"] else row["state"],
        "held": row["held"],
        "lines": lines + given,
        "tax": row["tax"],
        "total": total,
        "credit": credit,
        "currency": row["currency"],
        "refunded": shown.refunded,
        "made_at": row["started_at"],
        "confirmed_at": row["confirmed_at"],
        "pay_url": row["pay_url"],
        "goods": parcel_view(shown.goods),
        "has_backer": row["customer_id"] is not None,
        "card_sentence": sentence(c, locale) if row["state"] == "confirmed" else None,
    }


def rewards_view(shown: ShownPledge, locale: str) -> dict[str, Any]:
    """`rewards` that the backer has or had, and what is `not_yet` theirs, each with its reason."""
    return {
        "rewards": [reward_view(r, locale) for r in shown.rewards if r.is_mine],
        "not_yet": [
            {"target": r.target, "left": r.left, "title": r.title, "reason": say(r.why, locale)}
            for r in shown.rewards
            if not r.is_mine
        ],
    }


def reward_view(r: ShownReward, locale: str) -> dict[str, Any]:
    """One reward that the backer has or had."""
    return {
        "milestone_id": r.milestone_id,
        "target": r.target,
        "title": r.title,
        "image": r.image,
        "image_alt": r.image_alt,
        "text": r.text,
        "state": r.state,
        "backordered": r.backordered,
        "quantity": r.quantity,
        "reason": say(r.why, locale),
        "exclusive": prose(r.exclusive) if r.exclusive else None,
        "code": r.code or None,
        "parcel": parcel_view(r.parcel) if r.state in ("owed", "fulfilled") else None,
    }


def parcel_view(parcel: Any) -> dict[str, Any] | None:
    """A parcel for its backer: how far it is, and where to follow it if that can be known."""
    if parcel is None:
        return None
    carrier, tracking = parcel["carrier"], parcel["tracking"]
    return {
        "state": parcel["state"],
        "carrier": carrier,
        "tracking": tracking,
        "url": tracking_link(carrier, tracking),
        "at": parcel["shipped_at"],
    }
