"""`/studio/{store}/campaigns/{campaign}`: how it goes, what waits, how it stood at any entry."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.money import exponent, major
from milepost.domain.numbers import number_in
from milepost.domain.origins import OTHERS
from milepost.domain.roles import Deed
from milepost.domain.sheets import written
from milepost.services.overviewing import NEAR, Overview, all_days, all_entries, look
from milepost.services.publishing import in_language
from milepost.services.travelling import Then, travel
from milepost.storage.database import reading
from milepost.web.studio.charts import Course, columns, course, share
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import download
from milepost.wording.format import written_in
from milepost.wording.languages import translator

JUST = timedelta(days=3)  # a reach is news for so long
LONGEST_LABEL = 26
MOST_COLUMNS = 92
DAY_HEADS = (
    *("day", "visits", "checkouts begun", "pledges confirmed", "units", "money"),
    *("units until then", "money until then"),
)


@behind(Deed.SEE_CAMPAIGN)
async def overview(request: Request, desk: Desk) -> Response:
    """The overview; with `?at=` an entry's number the campaign as it stood right after it (N3)."""
    site = request.state.site
    now = site.clock()
    campaign = desk.campaign(now)
    asked = number_in(request.query_params.get("at", ""))
    if asked is not None:
        return await _moment(request, desk, campaign, min(asked, campaign["seq"]))
    found = await look(site.database, campaign, now)
    milestones = [_milestone(row, campaign, found, desk.locale, now) for row in found.milestones]
    return shown(
        request,
        "studio/overview.html",
        desk,
        o=found,
        milestones=milestones,
        chart=_chart(campaign, found, milestones, desk.locale),
        projected=_about(_projected(campaign, found), campaign),
        per_day=_about(found.pace.per_day if found.pace else None, campaign),
        days=list(reversed(found.days)),
        daily=columns([day.money for day in found.days[-MOST_COLUMNS:]]),
        first_day=found.days[-MOST_COLUMNS:][:1],
        funnel=_funnel(found),
        sources=_bars(found.origins, "source", "money"),
        tags=_bars([r for r in found.origins if r["name"]], "tag", "money"),
        lines=_lines(found, desk.locale),
        countries=_bars(found.tallies, "country", "money"),
        by_friends=next((row for row in found.tallies if row["kind"] == "friend"), None),
        waits=_waits(desk, found, milestones),
        address=f"{site.settings.base_url}/c/{campaign['slug']}",
        own_host=site.arrivals.host.partition(":")[0],
        others=OTHERS,
        share=_share(campaign["total"], campaign),
    )


def _share(total: int, campaign: dict[str, Any]) -> float:
    """How much of the goal that is, in whole percents: 100 only once it is reached."""
    return float(total * 100 // campaign["goal"]) / 100


async def _moment(request: Request, desk: Desk, campaign: dict[str, Any], seq: int) -> Response:
    async with reading(request.state.site.database) as db:
        then = await travel(db, desk.campaign_id, campaign["track_id"], seq)
    total = then.units if campaign["basis"] == "units" else then.money

    def named(milestones: list[Then]) -> list[dict[str, Any]]:
        return [
            {
                "id": m.id,
                "target": m.target,
                "reached_seq": m.reached_seq,
                "title": in_language(m.row, desk.locale)("title"),
            }
            for m in milestones
        ]

    return shown(
        request,
        "studio/moment.html",
        desk,
        then=then,
        total=total,
        filled=min(100, total * 100 // campaign["goal"]),
        share=_share(total, campaign),
        milestones=named(then.milestones),
        jumps=named(then.jumps),
    )


def _milestone(
    row: Any, campaign: dict[str, Any], found: Overview, locale: str, now: datetime
) -> dict[str, Any]:
    """A milestone as the overview names it: how far it is, and when the trend reaches it (S55)."""
    total, reached = campaign["total"], row["reached_seq"] is not None
    when = found.pace.reaches(row["target"], total, found.until) if found.pace else None
    open_still = campaign["state"] == "live"
    return {
        **dict(row),
        "title": in_language(row, locale)("title"),
        "reached": reached,
        "left": max(0, row["target"] - total),
        "filled": 100 if reached else min(100, total * 100 // row["target"]),
        "near": not reached and open_still and total * 100 >= row["target"] * NEAR,
        "news": reached and open_still and now - row["reached_at"] < JUST,
        "closed": reached and row["revealed_at"] is None and row["kind"] == "reveal",
        "when": when if open_still and not reached else None,
        "in_time": when is not None and when < campaign["closes_at"],
    }


def _projected(campaign: dict[str, Any], found: Overview) -> int | None:
    """What the meter reads at the close if it goes on like this; None once it is over."""
    if found.pace is None or campaign["state"] != "live":
        return None
    left = campaign["closes_at"] - found.until
    total: int = campaign["total"]
    return max(0, total + int(found.pace.gained * (left / found.pace.span)))


def _about(value: int | None, campaign: dict[str, Any]) -> int | None:
    """A figure that is a guess, without the cents that it can't know."""
    whole = 1 if campaign["basis"] == "units" else 10 ** exponent(campaign["currency"])
    return value if value is None or abs(value) < 10 * whole else round(value / whole) * whole


def _chart(
    campaign: dict[str, Any], found: Overview, milestones: list[dict[str, Any]], locale: str
) -> Course | None:
    """The meter over time; None before there is anything to draw."""
    if not found.readings or campaign["state"] in ("draft", "upcoming"):
        return None
    written, gettext = written_in(locale), translator(locale).gettext
    goal = gettext("Goal")
    targets = [(campaign["goal"], f"{goal}: {written.compact(campaign['goal'], campaign)}", "goal")]
    for m in milestones:
        title = m["title"]
        title = title if len(title) <= LONGEST_LABEL else title[: LONGEST_LABEL - 1].rstrip() + "…"
        kind = "milestone is-reached" if m["reached"] else "milestone"
        words = f"{title}: {written.compact(m['target'], campaign)}"
        if m["target"] == campaign["goal"]:
            targets[0] = (m["target"], f"{goal} · {words}", f"goal {kind}")
        else:
            targets.append((m["target"], words, kind))
    units = campaign["basis"] == "units"
    return course(
        found.readings,
        found.until,
        campaign["opens_at"],
        campaign["closes_at"],
        targets,
        _projected(campaign, found),
        campaign["zone"],
        amount=lambda value: written.compact(value, campaign),
        day=lambda when: written.day(when, campaign["zone"]),
        whole=1 if units else 10 ** exponent(campaign["currency"]),
    )


def _funnel(found: Overview) -> list[dict[str, Any]]:
    """From a visit to a confirmed pledge: each step, and its share of the one before."""
    steps = [("visits", found.visits), ("begun", found.begun), ("confirmed", found.confirmed)]
    most = max(count for _, count in steps)
    befores = [None, found.visits, found.begun]
    return [
        {
            "step": step,
            "count": count,
            "bar": share(count, most),
            "of": count / before if before and count <= before else None,
        }
        for (step, count), before in zip(steps, befores, strict=True)
    ]


def _bars(rows: list[Any], kind: str, by: str) -> list[dict[str, Any]]:
    """Rows of a kind with a bar each, as long as their part of the longest."""
    own = [dict(row) for row in rows if row["kind"] == kind]
    most = max((row[by] for row in own), default=0)
    by = by if most else "seen"
    most = most or max((row.get("seen", 0) for row in own), default=0)
    return [row | {"bar": share(row.get(by, 0), most)} for row in own]


def _lines(found: Overview, locale: str) -> list[dict[str, Any]]:
    """What was chosen: rewards by their titles, and what is no reward."""
    return [
        row | {"title": in_language(row, locale)("title") if row["title"] else ""}
        for row in _bars(found.tallies, "line", "money")
    ]


def _waits(desk: Desk, found: Overview, milestones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What waits for whoever is at this desk: a word for it, how much, and where to do it."""
    home, waiting = desk.campaign_home, found.waiting
    to_reveal = sum(m["closed"] for m in milestones)
    listed = [
        ("reveal", to_reveal, f"{home}/milestones", Deed.EDIT_CAMPAIGN),
        ("held", waiting["held"], f"{home}/pledges?show=held", Deed.MIND_PLEDGES),
        ("disputed", waiting["disputed"], f"{home}/disputes", Deed.MIND_PLEDGES),
        ("past_due", waiting["past_due"], f"{home}/pledges?show=past_due", Deed.SEE_PLEDGES),
        ("short", waiting["short"], f"{home}/milestones", Deed.SEE_PLEDGES),
    ]
    return [
        {"what": what, "count": count, "href": href}
        for what, count, href, deed in listed
        if count and desk.may(deed)
    ]


@behind(Deed.SEE_CAMPAIGN)
async def days_csv(request: Request, desk: Desk) -> Response:
    """`…/days.csv`: each day with its visits, checkouts, pledges and sums."""
    site = request.state.site
    now = site.clock()
    campaign = desk.campaign(now)
    currency = campaign["currency"]
    days = await all_days(site.database, campaign, now)

    async def lines() -> AsyncIterator[str]:
        yield written([DAY_HEADS])
        for d in days:
            sums = (_number(d.money, currency), d.total_units, _number(d.total_money, currency))
            yield written([(d.day, d.visits, d.begun, d.confirmed, d.units, *sums)])

    return download(lines(), f"{campaign['slug']}-days.csv")


def _number(minor: int, currency: str) -> Decimal:
    """An amount as a number, for a cell that begins with a sign is taken for a formula."""
    return Decimal(major(minor, currency))


@behind(Deed.SEE_CAMPAIGN)
async def entries_csv(request: Request, desk: Desk) -> Response:
    """`…/entries.csv`: the whole ledger, sent as it is read; pledges for whoever may see them."""
    campaign, sees = desk.campaign(request.state.site.clock()), desk.may(Deed.SEE_PLEDGES)
    iso, currency = written_in(desk.locale).iso, campaign["currency"]

    async def lines() -> AsyncIterator[str]:
        yield written([("entry", "at", "kind", "units", "money", *(["pledge"] if sees else []))])
        async for rows in all_entries(request.state.site.database, desk.campaign_id):
            yield written(
                (
                    *(row["seq"], iso(row["made_at"]), row["kind"], row["units"]),
                    _number(row["money"], currency),
                    *([row["pledge_id"]] if sees else []),
                )
                for row in rows
            )

    return download(lines(), f"{campaign['slug']}-entries.csv")
