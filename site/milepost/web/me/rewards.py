"""`/me/rewards`: somebody's points and credit, their programs, and why they have what they have."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.account_words import worth
from milepost.domain.loyalty_rewards import UNITS, LoyaltyReward, say_reward
from milepost.domain.messages import Sentence
from milepost.domain.numbers import number_in
from milepost.domain.program_reasons import why_not
from milepost.services.own_rewards import (
    OwnRewards,
    Place,
    Running,
    show_rewards,
    what_happened,
    why_given,
)
from milepost.services.programs import reward_of
from milepost.services.publishing import in_language
from milepost.services.referring import campaigns_to_share, own_code
from milepost.services.signing_in import Visit
from milepost.storage.database import reading
from milepost.web.loyalty.trail import Standing, capital, program_trail
from milepost.web.me.points import offers_view
from milepost.web.me.visit import language_of, shown, signed_in, store_here
from milepost.web.public.referral import link_to
from milepost.web.public.view import store_view
from milepost.web.slugs import is_slug
from milepost.wording.saying import say

_PLACE = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})")


@signed_in
async def rewards(request: Request, visit: Visit) -> Response:
    """`GET /me/rewards`: all in one store; `?store=` another, `?earned=` and `?before=` earlier."""
    site, locale = request.state.site, language_of(request, visit.locale)
    now, asked = site.clock(), request.query_params
    own = await show_rewards(
        site.database,
        visit.email,
        now,
        store=asked.get("store", "") if is_slug(asked.get("store", "")) else "",
        before_grant=_place_in(asked.get("earned", "")),
        before_entry=number_in(asked.get("before", "")),
    )
    if own is None:
        async with reading(site.database) as db:
            store = await store_here(db, locale)
        return shown(request, "me/rewards.html", locale, visit=visit, store=store, own=None)
    code = own.account["referral_code"]
    if own.counts_friends and code is None:
        code = await own_code(site.database, own.account["id"], own.account["store_id"])
    campaigns = []
    if own.counts_friends and own.account["counts_pledges"]:
        campaigns = await campaigns_to_share(site.database, own.account["store_id"], now)
    store = store_view(own.account, locale)
    return shown(
        request,
        "me/rewards.html",
        locale,
        visit=visit,
        store=store,
        own=own,
        others=[store_view(row, locale) for row in own.others],
        here=store["slug"] if own.others else "",
        balances=_balances(own, locale),
        offers=offers_view(own.offers, locale),
        link=f"{site.settings.base_url}/r/{code}" if own.counts_friends else "",
        links=[
            {
                "title": in_language(row, locale)("title"),
                "href": link_to(site.settings.base_url, row["slug"], code),
            }
            for row in campaigns
        ],
        **_earned(own, locale, now),
        later=bool(asked.get("earned") or asked.get("before")),
    )


def _earned(own: OwnRewards, locale: str, now: datetime) -> dict[str, Any]:
    """Where they stand in each program, what they were given, and their account's history."""
    titles = {id_: in_language(row, locale)("title") for id_, row in own.products.items()}
    return {
        "pendings": [
            {"worth": _worth(row["amount"], row["unit"], locale), "ripe_at": row["ripe_at"]}
            for row in own.pendings
        ],
        "programs": [_program(one, titles, locale) for one in own.running],
        "grants": [_grant(row, titles, locale, now) for row in own.grants],
        "older_grants": "-".join(map(str, own.older_grants)) if own.older_grants else "",
        "entries": [
            {
                "said": capital(say(what_happened(row), locale)),
                "at": row["made_at"],
                "id": row["id"],
                "amount": _signed(row, locale),
                "ripe_at": _coming(row["ripe_at"], now),
            }
            for row in own.entries
        ],
    }


def _coming(when: datetime | None, now: datetime) -> datetime | None:
    """The instant, while it is ahead."""
    return when if when is not None and when > now else None


def _place_in(text: str) -> Place | None:
    match = _PLACE.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _worth(amount: int, unit: str, locale: str) -> str:
    return say(Sentence("%(worth)s", {"worth": worth(amount, unit)}), locale)


def _signed(row: Any, locale: str) -> str:
    """What an entry moved, with its sign; nothing for one that only made something spendable."""
    moved = row["ready"] + row["pending"]
    sign = "+" if moved > 0 else "−" if moved < 0 else ""
    return sign + _worth(abs(moved), row["unit"], locale) if moved else ""


def _balances(own: OwnRewards, locale: str) -> list[dict[str, Any]]:
    """Points first, where the store gives any, then credit by currency."""
    known = {row["unit"]: row["ready"] for row in own.balances}
    has_points = own.account["keeps_facts"] or "points" in known
    units = ["points"] * has_points + sorted(set(known) - {"points"})
    return [
        {
            "unit": unit,
            "title": UNITS[unit].title if unit in UNITS else "",
            "ready": known.get(unit, 0),
            "said": _worth(known.get(unit, 0), unit, locale),
        }
        for unit in units
    ]


def _program(one: Running, titles: Mapping[int, str], locale: str) -> dict[str, Any]:
    ahead, plan = one.ahead, one.plan.spoken(locale)
    standing = Standing(one.readings, one.given)
    return {
        "id": one.id,
        "name": plan.name,
        "ends_at": one.plan.ends_at,
        "zone": one.plan.zone,
        "trail": program_trail(plan, standing, titles, locale, f"program-{one.id}"),
        "why_not": say(why_not(ahead), locale) if ahead is not None else "",
    }


def _grant(row: Any, titles: Mapping[int, str], locale: str, now: datetime) -> dict[str, Any]:
    reward = reward_of(row)
    return {
        "title": capital(say(say_reward(reward, listed(reward, titles)), locale)),
        "why": say(why_given(row, locale), locale),
        "state": state_of(row, now),
        "code": row["code"] or "",
        "code_id": row["code_id"],
        "closes_at": row["closes_at"],
        "ripe_at": row["ripe_at"],
        "zone": row["zone"],
    }


def listed(reward: LoyaltyReward, titles: Mapping[int, str]) -> str:
    """The titles of what it gives, as far as they are known."""
    return ", ".join(titles[one] for one in reward.products if one in titles)


def state_of(row: Any, now: datetime) -> str:
    """What became of a grant: `withdrawn`, `entered`, `pending`, a code's or a gift's state."""
    if row["state"] == "void" or row["withdrawn_at"] is not None:
        return "withdrawn"
    if row["unit"] is not None:
        return "pending" if row["ripe_at"] is not None else "entered"
    if row["code"] is None:
        return "sent" if row["state"] == "fulfilled" else "late" if row["backordered"] else "coming"
    if row["most"] is not None and row["used"] >= row["most"]:
        return "used"
    return "over" if row["closes_at"] is not None and row["closes_at"] <= now else "ready"
