"""`…/{program}/turn`: on, after what it would give and cost; off, which takes nothing (S20)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.campaigns import instant
from milepost.domain.errors import Invalid, Refusal
from milepost.domain.loyalty_rewards import say_reward
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.domain.program_costs import Cost, cost_of, in_all
from milepost.domain.program_plans import ProgramPlan
from milepost.domain.programs import KINDS, MEASURES
from milepost.domain.roles import Deed
from milepost.services.program_foresight import Around, Foresight, around, first_fact, foresee
from milepost.services.programs import turn_off, turn_on
from milepost.services.publishing import in_language
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.gates import require
from milepost.web.studio.parts import asked, errors_of, status_of, typed_in
from milepost.web.studio.programs.frame import HOME, program_of, state_of
from milepost.web.studio.programs.rule import plan_here
from milepost.wording.format import written_in
from milepost.wording.saying import say


@dataclass(frozen=True)
class Since:
    """From when on facts would count: which of the choices, and the instant."""

    choice: str  # today, start, past, day, before (where it counted the last time)
    at: datetime
    day: str = ""


@behind(Deed.SEE_STORE)
async def turn(request: Request, desk: Desk) -> Response:
    """GET shows what turning it on would give, or asks before it is turned off; POST does it."""
    site, refusal = request.state.site, None
    row, kept = await program_of(request, desk)
    here = f"{desk.home}{HOME}/{row['id']}"
    if request.method == "POST" and desk.may(Deed.EDIT_CAMPAIGN):
        typed = await typed_in(request)
        try:
            if typed.get("do") == "off":
                await turn_off(site.database, desk.author, row["id"], site.clock())
                return back_to(f"{here}?done=off")
            require(request, desk, f"program.{row['kind']}")
            for step in plan_here(row, kept).steps:
                require(request, desk, f"reward.{step.reward.kind}")
            await _turn_on(request, desk, row, typed)
            return back_to(f"{here}?done=on")
        except Refusal as refused:
            refusal = refused
    context: dict[str, Any] = {
        "row": row,
        "state": state_of(row, site.clock()),
        "base_at": here,
        "may_edit": desk.may(Deed.EDIT_CAMPAIGN),
        "errors": errors_of(refusal, desk.locale),
    }
    if row["is_on"]:
        return shown(request, "studio/programs/off.html", desk, status_of(refusal), **context)
    context |= await _what_if(request, desk, row, plan_here(row, kept), refusal)
    return shown(
        request, "studio/programs/on.html", desk, status_of(context.pop("refusal")), **context
    )


async def _turn_on(request: Request, desk: Desk, row: Any, typed: Mapping[str, str]) -> None:
    """Turn it on, counting from what was shown. Raises Invalid, Conflict."""
    site, said = request.state.site, typed.get("since", "")
    counts_from = None
    if said:
        try:
            counts_from = datetime.fromisoformat(said)
        except ValueError:
            counts_from = None
        if counts_from is None or counts_from.tzinfo is None:
            raise Invalid(N_("Choose from when on it counts."), about="day")
    await turn_on(site.database, desk.author, row["id"], site.clock(), counts_from)


async def _what_if(
    request: Request, desk: Desk, row: Any, plan: ProgramPlan, refusal: Refusal | None
) -> dict[str, Any]:
    """What the program would do, counted from what the address asks for."""
    site, now = request.state.site, request.state.site.clock()
    past = await first_fact(site.database, desk.store_id)
    since = Since("before", row["counts_from"]) if row["turned_at"] else _today(row, now)
    try:
        since = chosen(request, row, past, now)
    except Invalid as refused:
        refusal = refusal or refused
    counted = past if since.choice == "today" and past is not None else since.at
    found = await foresee(site.database, desk.store_id, row, counted, now)
    known = await around(site.database, desk.store_id, plan, now)
    rows, costs = _table(plan, found, known, row, desk.locale)
    points, money = in_all(costs)
    return {
        "refusal": refusal,
        "errors": errors_of(refusal, desk.locale),
        "since": since,
        "posted": since.at.isoformat() if since.choice not in ("today", "before") else "",
        "counted": counted,
        "is_backfill": since.choice != "today",
        "found": found,
        "past": past,
        "now": now,
        "steps": rows,
        "grants": sum(found.of(step.id).grants for step in plan.steps),
        "points": points,
        "money": [Money(amount, currency) for currency, amount in money.items()],
        "in_steps": row["in_steps"],
        "zone": row["store_zone"],
    }


def _today(row: Any, now: datetime) -> Since:
    return Since("today", max(row["starts_at"], now))


def chosen(request: Request, row: Any, past: datetime | None, now: datetime) -> Since:
    """From when on, as the address asks. Raises Invalid about `day`."""
    match asked(request, "from"):
        case "start" if row["starts_at"] < now:
            return Since("start", row["starts_at"])
        case "past" if past is not None:
            return Since("past", past)
        case "day":
            said = asked(request, "day", 10)
            try:
                day = date.fromisoformat(said)
                at = instant(datetime.combine(day, time()), row["store_zone"])
            except (ValueError, OverflowError):
                raise Invalid(
                    N_("“%(typed)s” is not a day. Type it like 2027-03-31."),
                    about="day",
                    typed=said,
                ) from None
            if at > now:
                raise Invalid(N_("Choose a day that is over."), about="day")
            return Since("day", at, said)
    return Since("before", row["counts_from"]) if row["turned_at"] else _today(row, now)


def _table(
    plan: ProgramPlan, found: Foresight, known: Around, row: Any, locale: str
) -> tuple[list[dict[str, Any]], list[Cost]]:
    """The milestones with who reaches them, where they stand, and what that costs."""
    titles = {p: in_language(r, locale)("title") for p, r in known.rows.items()}
    steps = list(plan.steps)
    if not KINDS[plan.kind].in_steps:
        steps.sort(key=lambda step: step.target)
    reached = [found.of(step.id).customers for step in steps]
    rows: list[dict[str, Any]] = []
    all_costs: list[Cost] = []
    for place, step in enumerate(steps):
        count, beyond = found.of(step.id), reached[place + 1] if place + 1 < len(steps) else 0
        costs = cost_of(
            step.reward, count.grants, plan.currency, row["buys"] or {}, known.bills, known.gifts
        )
        all_costs += costs if count.grants else ()
        listed = ", ".join(titles[one] for one in step.reward.products if one in titles)
        rows.append(
            {
                "target": written_in(locale).field(
                    MEASURES[step.measure].said(step.target, plan.currency)
                ),
                "reward": say(say_reward(step.reward, listed), locale),
                "customers": count.customers,
                "here": max(0, count.customers - beyond),
                "grants": count.grants,
                "share": round(100 * count.customers / found.customers) if found.customers else 0,
                "costs": [say(cost.said, locale) for cost in costs] if count.grants else [],
            }
        )
    return rows, all_costs
