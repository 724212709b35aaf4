"""What is told of how a campaign goes, and of what its milestones cost."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from milepost.web.api.campaigns import Basis
from milepost.web.api.foresight import Bill
from milepost.web.api.parts import State

NAME = "Empty for none; null for all others together."


class ReportDay(BaseModel):
    """What a day brought, on the campaign’s own clock; `units` and `raised` are net."""

    day: date
    visits: int
    begun: int = Field(description="Checkouts that were begun.")
    confirmed: int = Field(description="Pledges that were confirmed.")
    units: int
    raised: int = Field(description="Minor units.")
    total_units: int = Field(description="The meter at its end.")
    total_raised: int


class ReportOrigin(BaseModel):
    """Where visits and pledges came from."""

    name: str | None = Field(description=NAME)
    visits: int
    pledges: int
    raised: int


class ReportChosen(BaseModel):
    """How often something was chosen."""

    tier: int | None = Field(description="Null for what is no tier or add-on.")
    name: str | None = Field(description="Its title; `bonus`, or `own_amount`; null for others.")
    pledges: int
    units: int
    raised: int
    slots: int | None
    claimed: int | None


class ReportCountry(BaseModel):
    """What goes to a country."""

    country: str | None = Field(description="ISO 3166-1 alpha-2; null for all others together.")
    pledges: int
    raised: int


class ReportWaiting(BaseModel):
    """What waits for a person; nothing is counted beyond 1,001."""

    held: int = Field(description="Pledges that count only once they are released.")
    disputed: int
    past_due: int = Field(description="Pledges whose charge failed, and is tried again.")
    backordered: int = Field(description="Grants that wait for stock or a code.")
    to_reveal: int = Field(description="Milestones that are reached and not open.")


class ReportTrend(BaseModel):
    """The straight line of the last seven days, or since the opening."""

    since: datetime
    gained: int = Field(description="In the basis.")
    per_day: int


class ReportAhead(BaseModel):
    """When the trend comes to a milestone."""

    milestone: int
    target: int
    left: int
    expected_at: datetime | None = Field(description="Null where the trend does not come there.")
    in_time: bool = Field(description="Before the close.")


class Report(BaseModel):
    """How a campaign goes. Sums are net of what went back; money is minor units."""

    campaign: str
    state: State
    basis: Basis
    currency: str
    goal: int
    total: int
    raised: int
    units: int
    backers: int
    through: int = Field(description="The ledger’s entry up to which all of this is reckoned.")
    visits: int
    begun: int
    confirmed: int
    days: list[ReportDay] = Field(description="The last days, oldest first.")
    trend: ReportTrend | None
    ahead: list[ReportAhead] = Field(description="Milestones that are not reached, lowest first.")
    sources: list[ReportOrigin] = Field(description="The hosts that visits came from.")
    tags: list[ReportOrigin] = Field(description="The tags in the addresses that were shared.")
    friends: ReportOrigin | None = Field(description="What came by backers’ own links.")
    chosen: list[ReportChosen]
    countries: list[ReportCountry]
    waiting: ReportWaiting


class Cost(BaseModel):
    """What a milestone has granted, would grant if it were reached now, and may come to."""

    milestone: int
    target: int
    title: str
    reached_at: datetime | None
    piece: int | None = Field(description="What one piece costs you; null where nobody said it.")
    now: Bill = Field(description="What it has granted; of one ahead what it would, at once.")
    later: Bill | None = Field(description="An estimate for the target, or for the close.")
