"""`/api/v1/loyalty/facts`, `/customers/{id}/…`: what programs count, and have given to whom."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.loyalty_rewards import UNITS
from milepost.domain.program_reasons import Ahead, why_not
from milepost.domain.scopes import SEE_LOYALTY
from milepost.services.own_rewards import running_for, what_happened, why_given
from milepost.services.programs import reward_of
from milepost.storage import accounts, api, api_customers, own_rewards
from milepost.storage.database import Connection, reading, unit
from milepost.web.api.customers import NO_CUSTOMER
from milepost.web.api.fields import Page, Paging, PathId, QueryId, Since
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.programs import UNIT, ProgramReward, reward_told, titles_of
from milepost.wording.saying import say

router = operations("Loyalty")
Seeing = Annotated[Call, may(SEE_LOYALTY)]
QueryUnit = Annotated[
    str | None, Query(pattern=r"^([A-Z]{3}|points)$", description="`points`, or a currency.")
]
QueryKind = Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$")]


class Ripening(BaseModel):
    """What can be spent from then on."""

    amount: int
    at: datetime


class Balance(BaseModel):
    """What a customer has of a unit."""

    unit: str = Field(description=UNIT)
    ready: int = Field(description="Can be spent.")
    pending: int = Field(description="Can’t be spent yet.")
    ripens: list[Ripening]


class Balances(BaseModel):
    """What a customer has: points, and store credit by currency."""

    customer: int
    points: Balance
    credit: list[Balance]


class Entry(BaseModel):
    """One entry of an account; entries are only ever added."""

    id: int
    unit: str = Field(description=UNIT)
    kind: str
    ready: int = Field(description="How much more can be spent since, or less.")
    pending: int
    forgiven: int = Field(description="What was to be taken back, and had been spent.")
    ripe_at: datetime | None
    source: str = Field(description="What it is of, as `order:12`; of a grant, nothing.")
    grant: str | None = Field(description="The grant of a program, as hooks tell it.")
    reason: str
    at: datetime
    says: str


class LoyaltyFact(BaseModel):
    """Something that a customer did, which programs count."""

    id: int
    customer: int
    kind: str
    source: str = Field(description="What it is of, as `order:12`.")
    at: datetime
    stands: bool = Field(description="False once it was undone.")
    amount: int | None = Field(description="Minor units of `currency`.")
    currency: str | None
    points: int = Field(description="Earned by it.")
    subscription: str | None


class Next(BaseModel):
    """The milestone that comes next."""

    measure: str
    target: int
    reading: int
    left: int
    step: int | None = Field(description="Of a journey: which one it is.")
    says: str


class InProgram(BaseModel):
    """Where a customer stands in a program that gives now."""

    program: int
    name: str
    kind: str
    currency: str | None
    readings: dict[str, int] = Field(description="By measure.")
    given: list[int] = Field(description="The milestones that have given them something.")
    next: Next | None = Field(description="Null when they have them all.")


class Standing(BaseModel):
    """Where a customer stands in every program that gives now."""

    customer: int
    programs: list[InProgram]


class RewardCode(BaseModel):
    """The customer’s own code."""

    code: str
    uses: int
    most: int | None
    closes_at: datetime | None


class GivenReward(BaseModel):
    """What a program gave to a customer, and why."""

    id: str = Field(description="The grant, as hooks tell it.", examples=["7:17"])
    program: str
    milestone: int
    state: Literal["provisional", "owed", "held", "void", "fulfilled"]
    backordered: bool
    reason: str
    reward: ProgramReward
    code: RewardCode | None = Field(description="Where it gave one of their own that still works.")


@router.get("/loyalty/facts")
async def list_loyalty_facts(
    call: Seeing,
    paging: Annotated[Paging, Query()],
    customer: QueryId = None,
    kind: QueryKind = None,
    since: Since = None,
) -> Page[LoyaltyFact]:
    """What customers did that programs count, in the order in which it came; `since` is by `at`."""
    (after,) = paging.place()
    async with unit(call.database) as db:
        await api.plan_for_filters(db)
        rows = await api_customers.facts(
            db, call.store_id, customer, kind, since, after, paging.limit + 1
        )
    return paging.page(rows, [_fact(row) for row in rows], "id")


@router.get("/customers/{customer}/balances")
async def get_balances(call: Seeing, customer: PathId) -> Balances:
    """What a customer has in points and store credit, and when what is pending can be spent."""
    async with reading(call.database) as db:
        await _check(db, call, customer)
        rows = await accounts.balances(db, customer)
        pendings = await own_rewards.pendings(db, customer)
    known = {row["unit"]: row for row in rows}
    nothing = {"ready": 0, "pending": 0}

    def of(unit: str) -> Balance:
        row = known.get(unit, nothing)
        own = [Ripening(amount=p["amount"], at=p["ripe_at"]) for p in pendings if p["unit"] == unit]
        return Balance(unit=unit, ready=row["ready"], pending=row["pending"], ripens=own)

    (points,) = (of(unit) for unit in UNITS)
    return Balances(
        customer=customer,
        points=points,
        credit=[of(unit) for unit in sorted(known) if unit not in UNITS],
    )


@router.get("/customers/{customer}/entries")
async def list_entries(
    call: Seeing, customer: PathId, paging: Annotated[Paging, Query()], unit: QueryUnit = None
) -> Page[Entry]:
    """A customer’s account, entry by entry, the oldest first; the balances are their sums."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        await _check(db, call, customer)
        rows = await api_customers.entries(db, customer, unit, after, paging.limit + 1)
    return paging.page(rows, [_entry(row) for row in rows], "id")


@router.get("/customers/{customer}/standing")
async def get_standing(call: Seeing, customer: PathId) -> Standing:
    """Where a customer stands in every program that gives now, and what comes next."""
    async with reading(call.database) as db:
        await _check(db, call, customer)
        running = await running_for(db, customer, call.store_id, call.now)
    programs = [
        InProgram(
            program=one.id,
            name=one.plan.name,
            kind=one.plan.kind,
            currency=one.plan.currency,
            readings=dict(one.readings),
            given=sorted(one.given),
            next=_next(one.ahead) if one.ahead is not None else None,
        )
        for one in running
    ]
    return Standing(customer=customer, programs=programs)


@router.get("/customers/{customer}/rewards")
async def list_customer_rewards(
    call: Seeing, customer: PathId, paging: Annotated[Paging, Query()]
) -> Page[GivenReward]:
    """What programs gave to a customer, each with its reason, the oldest first."""
    after = paging.place(3)
    async with reading(call.database) as db:
        await _check(db, call, customer)
        rows = await api_customers.rewards(db, customer, after, paging.limit + 1)
        titles = await titles_of(db, {id_ for row in rows for id_ in row["products"]})
    made = [_given(row, titles) for row in rows]
    return paging.page(rows, made, "granted_seq", "milestone_id", "beneficiary")


async def _check(db: Connection, call: Call, customer_id: int) -> None:
    """Raises NotFound for a customer of nobody's, or of another store."""
    if not await api_customers.knows(db, call.store_id, customer_id):
        raise NotFound(NO_CUSTOMER)


def _fact(row: Any) -> LoyaltyFact:
    return LoyaltyFact(
        id=row["id"],
        customer=row["customer_id"],
        kind=row["kind"],
        source=row["source"],
        at=row["at"],
        stands=row["stands"],
        amount=row["amount"] if row["currency"] is not None else None,
        currency=row["currency"],
        points=row["points"],
        subscription=row["run"] or None,
    )


def _entry(row: Any) -> Entry:
    same = ("id", "unit", "kind", "ready", "pending", "forgiven", "ripe_at", "source", "reason")
    grant = f"{row['milestone_id']}:{row['beneficiary']}" if row["milestone_id"] else None
    return Entry.model_validate(
        {name: row[name] for name in same}
        | {"at": row["made_at"], "grant": grant, "says": say(what_happened(row), "en")}
    )


def _next(ahead: Ahead) -> Next:
    return Next(
        measure=ahead.measure.key,
        target=ahead.target,
        reading=ahead.reading,
        left=max(ahead.target - ahead.reading, 0),
        step=ahead.step,
        says=say(why_not(ahead), "en"),
    )


def _given(row: Any, titles: dict[int, str]) -> GivenReward:
    code = None
    if row["code"] is not None and row["withdrawn_at"] is None and row["state"] != "void":
        code = RewardCode(
            code=row["code"], uses=row["used"], most=row["most"], closes_at=row["closes_at"]
        )
    return GivenReward(
        id=f"{row['milestone_id']}:{row['beneficiary']}",
        program=row["program"],
        milestone=row["milestone_id"],
        state=row["state"],
        backordered=row["backordered"],
        reason=say(why_given(row, "en"), "en"),
        reward=reward_told(reward_of(row), titles),
        code=code,
    )
