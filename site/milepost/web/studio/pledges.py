"""`/studio/{store}/campaigns/{campaign}/pledges`: who backs it, found, filtered and as CSV."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.shipping import COUNTRIES
from milepost.services.listing import found, pledges_csv
from milepost.storage import ledger, pledge_list
from milepost.storage.database import reading
from milepost.storage.pledge_list import Filters
from milepost.web.public.destinations import options, select
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, download, question

PAGE = 50  # pledges on one page
WINDOW = 2000  # pledges looked through for one page, where a filter has no index of its own
STATES = ("confirmed", "charged", "past_due", "disputed", "refunded", "cancelled", "dropped")
ASIDE = ("held", "flagged", "disputed", "refunded", "homeless", "unanswered")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for, as it is typed there."""

    q: str
    show: str  # a state, or one of ASIDE
    country: str
    tier: str

    @property
    def filters(self) -> Filters:
        """The same as a query takes it."""
        return Filters(
            state=self.show if self.show in STATES and self.show not in ASIDE else None,
            held=self.show == "held",
            disputed=self.show == "disputed",
            refunded=self.show == "refunded",
            homeless=self.show == "homeless",
            unanswered=self.show == "unanswered",
            country=self.country or None,
            tier_id=number_in(self.tier),
        )

    @property
    def words(self) -> dict[str, str]:
        """What goes into an address that asks for the same."""
        return {"q": self.q, "show": self.show, "country": self.country, "tier": self.tier}


def asked_for(request: Request) -> Asked:
    """What the list is asked for; what is none of its words is not asked."""
    show, country = asked(request, "show"), asked(request, "country").upper()
    return Asked(
        q=asked(request, "q", 320),
        show=show if show in (*STATES, *ASIDE) else "",
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else "",
        tier=asked(request, "tier") if number_in(asked(request, "tier")) else "",
    )


@behind(Deed.SEE_PLEDGES)
async def pledges(request: Request, desk: Desk) -> Response:
    """The pledges, newest first, fifty a page; the same few queries for a hundred thousand."""
    site, wanted = request.state.site, asked_for(request)
    before, minds = number_in(asked(request, "before")), desk.may(Deed.MIND_PLEDGES)
    campaign = desk.campaign(site.clock())
    async with reading(site.database) as db:
        filters = await found(
            db, desk.store_id, campaign, wanted.filters, wanted.q, wanted.show == "flagged", minds
        )
        rows = await pledge_list.some(
            db, desk.campaign_id, filters, before, WINDOW, PAGE + 1, minds
        )
        floor = await pledge_list.floor(db, desk.campaign_id, filters, before, WINDOW)
        apart = await pledge_list.apart(db, desk.campaign_id, campaign["track_id"])
        choices = await pledge_list.choices(db, desk.campaign_id)
    older = rows[PAGE - 1]["id"] if len(rows) > PAGE else floor
    here = f"{desk.campaign_home}/pledges"
    return shown(
        request,
        "studio/pledges/list.html",
        desk,
        pledges=[_in_list(row, minds) for row in rows[:PAGE]],
        asked=wanted,
        minds=minds,
        apart=apart,
        choices=choices,
        countries=select(options(desk.locale, COUNTRIES), wanted.country),
        filtered=any(wanted.words.values()),
        first_href=here + question(**wanted.words) if before is not None else None,
        older_href=here + question(**wanted.words, before=older) if older else None,
        looked_further=len(rows) <= PAGE and floor is not None,
        csv_href=here + ".csv" + question(**wanted.words),
    )


def _in_list(row: Any, minds: bool) -> dict[str, Any]:
    pledge = ledger.pledge_of(row)
    return {
        "id": row["id"],
        "who": row["customer_name"] or row["name"] or "",
        "erased": row["erased_at"] is not None,
        "email": row["email"],
        "state": "processing" if row["processing"] else row["state"],
        "held": row["held"],
        "items": row["items"] or "",
        "country": row["country"],
        "total": pledge.due if minds else None,
        "refunded": pledge.refunded if minds else 0,
        "at": row["confirmed_at"] or row["started_at"],
    }


@behind(Deed.SEE_PLEDGES)
async def as_csv(request: Request, desk: Desk) -> Response:
    """`GET …/pledges.csv`: all that the list is asked for, a chunk at a time."""
    site, wanted = request.state.site, asked_for(request)
    campaign, minds = desk.campaign(site.clock()), desk.may(Deed.MIND_PLEDGES)
    async with reading(site.database) as db:
        filters = await found(
            db, desk.store_id, campaign, wanted.filters, wanted.q, wanted.show == "flagged", minds
        )
    lines = pledges_csv(site.database, campaign, filters, minds)
    return download(lines, f"{campaign['slug']}-pledges.csv")
