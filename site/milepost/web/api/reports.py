"""`/api/v1/campaigns/{slug}/report` and `…/costs`: how a campaign goes, and what it will give."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from milepost.domain.audience import Audience
from milepost.domain.origins import OTHERS
from milepost.domain.scopes import SEE_REPORTS
from milepost.domain.whatif import Entitled, Meter, Supply, foresee
from milepost.services import overviewing
from milepost.services.foreseeing import meter_now
from milepost.services.overviewing import Overview, look
from milepost.storage import api_milestones, whatif
from milepost.storage.database import Connection, reading
from milepost.storage.milestones import audience_of
from milepost.web.api.fields import Page, Paging, Slug, known_of
from milepost.web.api.foresight import Bill, billed
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.parts import campaign_of, state_of
from milepost.web.api.report_fields import (
    Cost,
    Report,
    ReportAhead,
    ReportChosen,
    ReportCountry,
    ReportDay,
    ReportOrigin,
    ReportTrend,
    ReportWaiting,
)

router = operations("Reports")
Seeing = Annotated[Call, may(SEE_REPORTS)]
MOST_DAYS = 366


@router.get("/campaigns/{slug}/report")
async def get_report(
    call: Seeing,
    slug: Slug,
    days: Annotated[int, Query(ge=0, le=MOST_DAYS, description="How many of the last days.")] = 30,
) -> Report:
    """How a campaign goes: its days, its trend, where from, what was chosen, what waits."""
    async with reading(call.database) as db:
        row = await campaign_of(db, call, slug)
    found = await look(call.database, dict(row), call.now)
    last = found.days[-days:] if days else []
    known = known_of(row, Report)
    return Report(
        **known,
        campaign=row["slug"],
        state=state_of(row, call.now),
        raised=row["money"],
        through=found.through,
        visits=found.visits,
        begun=found.begun,
        confirmed=found.confirmed,
        days=[_day(day) for day in last],
        trend=ReportTrend(since=p.since, gained=p.gained, per_day=p.per_day)
        if (p := found.pace)
        else None,
        ahead=_ahead(found, row),
        sources=_origins(found, "source"),
        tags=[tag for tag in _origins(found, "tag") if tag.name != ""],
        friends=next(iter(_named(found.tallies, "friend")), None),
        chosen=[_chosen(row) for row in found.tallies if row["kind"] == "line"],
        countries=[
            ReportCountry(country=named(row["name"]), pledges=row["pledges"], raised=row["money"])
            for row in found.tallies
            if row["kind"] == "country"
        ],
        waiting=_waiting(found),
    )


@router.get("/campaigns/{slug}/costs")
async def list_costs(call: Seeing, slug: Slug, paging: Annotated[Paging, Query()]) -> Page[Cost]:
    """What a campaign’s milestones have cost, and will: by the pieces that are given.

    Of one that is ahead it is what would be, if all stayed as it is.
    """
    (after,) = paging.place()
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        rows = await api_milestones.milestones(
            db, campaign["id"], after, paging.limit + 1, may_edit=False, archived=False
        )
        _, meter = await meter_now(db, campaign["id"], call.now)
        granted = await api_milestones.granted(db, [row["id"] for row in rows])
        entitled = await _entitled(db, campaign, meter, rows)
    costs = [_cost(row, meter, granted[row["id"]], entitled) for row in rows]
    return paging.page(rows, costs, "id")


async def _entitled(
    db: Connection, campaign: Any, meter: Meter, rows: Sequence[Any]
) -> dict[Audience, Entitled]:
    """What each audience comes to now: one question for each that the totals don't answer."""
    found: dict[Audience, Entitled] = {}
    for audience in {audience_of(row) for row in rows}:
        if audience.per == "backer" and not (audience.tiers or audience.exclude_late):
            everybody = campaign["backers"]
            is_all = audience.kind == "all_backers"
            grants = min(everybody if is_all else 0, audience.cap or everybody)
            found[audience] = Entitled(grants, grants, everybody, everybody)
        else:
            found[audience] = await whatif.entitled(db, campaign["id"], audience, meter.seq)
    return found


def _cost(row: Any, meter: Meter, granted: Any, entitled: dict[Audience, Entitled]) -> Cost:
    audience, piece = audience_of(row), row["cost"]
    is_pool, is_ahead = row["code_kind"] == "pool", row["reached_seq"] is None
    supply = Supply(granted["codes_free"] if is_pool else row["stock"], is_pool)
    so_far = entitled[audience]
    grants, pieces, missing = granted["grants"], granted["pieces"], granted["waiting"]
    if is_ahead:
        grants, pieces = so_far.grants, so_far.pieces
        missing = max(0, (grants if is_pool else pieces) - (supply.there or 0))
    answer = foresee(meter, row["target"], audience, so_far, supply, piece)
    return Cost(
        milestone=row["id"],
        target=row["target"],
        title=row["title"],
        reached_at=row["reached_at"],
        piece=piece,
        now=Bill(
            grants=grants,
            pieces=pieces,
            raised=meter.money,
            cost=None if piece is None else piece * pieces,
            missing=None if supply.there is None else missing,
        ),
        later=billed(answer.later) if is_ahead and answer.later is not None else None,
    )


def named(name: str) -> str | None:
    """The name of a source, a tag or a country; None for all others."""
    return None if name == OTHERS else name


def _day(day: overviewing.Day) -> ReportDay:
    return ReportDay(
        day=day.day,
        visits=day.visits,
        begun=day.begun,
        confirmed=day.confirmed,
        units=day.units,
        raised=day.money,
        total_units=day.total_units,
        total_raised=day.total_money,
    )


def _named(rows: Sequence[Any], kind: str) -> list[ReportOrigin]:
    return [
        ReportOrigin(
            name=named(row["name"]),
            visits=row.get("seen", 0),
            pledges=row["pledges"],
            raised=row["money"],
        )
        for row in rows
        if row["kind"] == kind
    ]


def _origins(found: Overview, kind: str) -> list[ReportOrigin]:
    return _named(found.origins, kind)


def _chosen(row: Any) -> ReportChosen:
    is_tier = row["title"] is not None
    return ReportChosen(
        tier=int(row["name"]) if is_tier else None,
        name=row["title"] if is_tier else named(row["name"]),
        pledges=row["pledges"],
        units=row["units"],
        raised=row["money"],
        slots=row["slots"],
        claimed=row["claimed"],
    )


def _ahead(found: Overview, campaign: Any) -> list[ReportAhead]:
    ahead = []
    for row in found.milestones:
        if row["reached_seq"] is not None:
            continue
        when = None
        if found.pace is not None:
            when = found.pace.reaches(row["target"], campaign["total"], found.until)
        ahead.append(
            ReportAhead(
                milestone=row["id"],
                target=row["target"],
                left=max(0, row["target"] - campaign["total"]),
                expected_at=when,
                in_time=when is not None and when < campaign["closes_at"],
            )
        )
    return ahead


def _waiting(found: Overview) -> ReportWaiting:
    waiting = found.waiting
    return ReportWaiting(
        held=waiting["held"],
        disputed=waiting["disputed"],
        past_due=waiting["past_due"],
        backordered=waiting["short"],
        to_reveal=sum(
            m["reached_seq"] is not None and m["revealed_at"] is None for m in found.milestones
        ),
    )
