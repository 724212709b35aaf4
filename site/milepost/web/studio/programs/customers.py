"""`…/programs/customers`: accounts of points and credit with their reasons; set right by hand."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.account_words import worth
from milepost.domain.accounts import POINTS
from milepost.domain.errors import Invalid, Refusal
from milepost.domain.loyalty_rewards import say_reward
from milepost.domain.messages import N_, Sentence
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.adjusting import LARGEST, LONGEST_REASON, adjust
from milepost.services.own_rewards import program_in, what_happened, why_given
from milepost.services.programs import reward_of
from milepost.services.publishing import in_language
from milepost.storage import accounts, loyal_customers, own_rewards
from milepost.storage.database import reading
from milepost.web.loyalty.trail import capital
from milepost.web.me.rewards import listed as titles_of
from milepost.web.me.rewards import state_of
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.parts import asked, errors_of, numbered, question, status_of
from milepost.web.studio.programs.frame import HOME
from milepost.wording.saying import say

PAGE, MOST_GRANTS, MOST_ENTRIES = 50, 50, 50


@behind(Deed.MIND_PLEDGES)
async def listed(request: Request, desk: Desk) -> Response:
    """`GET …/customers`: the newest first; `?q=` how an address begins, `?before=` goes on."""
    q, before = asked(request, "q", 320).lower(), number_in(asked(request, "before"))
    async with reading(request.state.site.database) as db:
        ids = await loyal_customers.by_address(db, desk.store_id, q) if q else None
        rows = await loyal_customers.some(db, desk.store_id, ids, before, PAGE + 1)
    here = f"{desk.home}{HOME}/customers"
    older = rows[PAGE - 1]["customer_id"] if len(rows) > PAGE else None
    return shown(
        request,
        "studio/programs/customers.html",
        desk,
        rows=[
            {
                "id": row["customer_id"],
                "who": who_of(row),
                "name": row["name"] if not row["erased"] else "",
                "has": [
                    _worth(n, unit, desk.locale) for unit, n in sorted(row["balances"].items())
                ],
            }
            for row in rows[:PAGE]
        ],
        q=q,
        first_href=here + question(q=q) if before is not None else None,
        older_href=here + question(q=q, before=older) if older else None,
    )


def who_of(row: Any) -> str:
    """Their address; nothing of somebody who was erased."""
    return "" if row["erased"] else row["email"] or ""


def _worth(amount: int, unit: str, locale: str) -> str:
    return say(Sentence("%(worth)s", {"worth": worth(amount, unit)}), locale)


@behind(Deed.MIND_PLEDGES)
async def one(request: Request, desk: Desk) -> Response:
    """`…/customers/{customer}`: balances, entries, rewards with their reasons; POST adjusts."""
    site, customer_id = request.state.site, numbered(request, "customer")
    typed, refusal = {"unit": POINTS, "way": "in"}, None
    async with reading(site.database) as db:
        row = await loyal_customers.one(db, desk.store_id, customer_id)
    if row is None:
        raise HTTPException(404)
    if request.method == "POST":
        typed |= forms.typed_in(await forms.sent_to(request))
        try:
            await _adjust(request, desk, row, typed)
            return back_to(f"{desk.home}{HOME}/customers/{customer_id}?done=adjusted")
        except Refusal as refused:
            refusal = refused
    before = number_in(asked(request, "before"))
    async with reading(site.database) as db:
        balances = await accounts.balances(db, customer_id)
        entries = await accounts.history(db, customer_id, None, before, MOST_ENTRIES + 1)
        grants = await own_rewards.grants(db, customer_id, None, MOST_GRANTS)
        products = await own_rewards.products(db, {p for g in grants for p in g["products"]})
    titles = {p["id"]: in_language(p, desk.locale)("title") for p in products}
    older = entries[MOST_ENTRIES - 1]["id"] if len(entries) > MOST_ENTRIES else None
    return shown(
        request,
        "studio/programs/customer.html",
        desk,
        status_of(refusal),
        row=row,
        who=who_of(row),
        balances=[
            {
                "title": None if b["unit"] == POINTS else b["unit"],
                "ready": _worth(b["ready"], b["unit"], desk.locale),
                "pending": _worth(b["pending"], b["unit"], desk.locale) if b["pending"] else "",
            }
            for b in balances
        ],
        entries=[_entry(e, desk.locale) for e in entries[:MOST_ENTRIES]],
        grants=[_grant(g, titles, desk.locale, site.clock()) for g in grants],
        most_grants=MOST_GRANTS,
        units=[POINTS, *row["currencies"]],
        older=question(before=older) if older else "",
        is_first=before is None,
        v=typed,
        key=typed.get("key") or secrets.token_urlsafe(12),
        errors=errors_of(refusal, desk.locale),
        done=N_("The account is set right.") if asked(request, "done") else "",
    )


async def _adjust(request: Request, desk: Desk, row: Any, typed: Mapping[str, str]) -> None:
    """Enter what was typed. Raises Invalid, Conflict."""
    site, unit = request.state.site, typed.get("unit", "")
    if unit not in (POINTS, *row["currencies"]):
        raise Invalid(N_("Choose points, or a currency of the shop."), about="unit")
    if unit == POINTS:
        amount = forms.whole(typed, "amount", LARGEST)
    else:
        amount = forms.amount(typed, "amount", unit)
    reason = forms.line(typed, "reason", LONGEST_REASON)
    signed = -(amount or 0) if typed.get("way") == "out" else amount or 0
    key = typed.get("key", "")[:40] or secrets.token_urlsafe(12)
    await adjust(
        site.database, desk.author, row["customer_id"], unit, signed, reason, key, site.clock()
    )


def _entry(row: Any, locale: str) -> dict[str, Any]:
    moved = row["ready"] + row["pending"]
    sign = "+" if moved > 0 else "−"
    return {
        "said": capital(say(what_happened(row), locale)),
        "program": program_in(row, locale) if row["program"] else "",
        "moved": sign + _worth(abs(moved), row["unit"], locale) if moved else "",
        "ripe_at": row["ripe_at"],
        "at": row["made_at"],
    }


def _grant(row: Any, titles: Mapping[int, str], locale: str, now: Any) -> dict[str, Any]:
    reward = reward_of(row)
    return {
        "title": capital(say(say_reward(reward, titles_of(reward, titles)), locale)),
        "why": say(why_given(row, locale), locale),
        "state": state_of(row, now),
    }
