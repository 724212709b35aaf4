"""`/api/v1/programs`: what the store's reward programs give, and for what."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.loyalty_rewards import LoyaltyReward, say_reward
from milepost.domain.program_plans import Step
from milepost.domain.scopes import SEE_LOYALTY
from milepost.services.programs import plan_of
from milepost.storage import api_customers, own_rewards
from milepost.storage.database import Connection, reading
from milepost.web.api.etags import etag_of
from milepost.web.api.fields import Page, Paging, PathId, known_of
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.wording.saying import say

router = operations("Loyalty")
Seeing = Annotated[Call, may(SEE_LOYALTY)]
UNIT = "`points`, or a currency: then in its minor units."


class ProgramReward(BaseModel):
    """What a milestone of a program gives."""

    kind: str
    says: str = Field(description="In English, as in the middle of a sentence.")
    unit: str | None = Field(description=f"Of `worth`: {UNIT}")
    worth: int | None
    percent: int | None = Field(description="Hundredths of a percent.")
    amounts: dict[str, int] = Field(description="Minor units by currency.")
    products: list[int] = Field(description="One of each.")
    days: int | None = Field(description="How long its code is good for; null for ever.")


class ProgramMilestone(BaseModel):
    """A target of a program, and what it gives."""

    id: int
    measure: str = Field(description="What it counts: orders, spend, points, …")
    target: int = Field(description="In the measure’s own unit; of money minor units.")
    text: str
    reward: ProgramReward


class Program(BaseModel):
    """A reward program, with its milestones in their order."""

    id: int
    kind: str
    name: str
    on: bool
    in_steps: bool = Field(description="Each milestone counts from the one before it.")
    currency: str | None
    every: int | None = Field(description="It gives again after each so many.")
    zone: str
    starts_at: datetime
    ends_at: datetime | None
    counts_from: datetime
    milestones: list[ProgramMilestone]


@router.get("/programs")
async def list_programs(call: Seeing, paging: Annotated[Paging, Query()]) -> Page[Program]:
    """The store’s reward programs, on or off, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_customers.programs(db, call.store_id, after, paging.limit + 1)
        made = await _programs(db, rows)
    return paging.page(rows, made, "id")


@router.get("/programs/{program}")
async def get_program(call: Seeing, program: PathId, response: Response) -> Program:
    """One reward program with its milestones, with its `ETag`."""
    async with reading(call.database) as db:
        rows = await api_customers.programs(db, call.store_id, 0, 1, program)
        found = next(iter(await _programs(db, rows)), None)
    if found is None:
        raise NotFound("There is no such program.")
    response.headers["etag"] = etag_of(found)
    return found


async def titles_of(db: Connection, ids: set[int]) -> dict[int, str]:
    """What these products are called."""
    return {row["id"]: row["title"] for row in await own_rewards.products(db, ids)}


async def _programs(db: Connection, rows: list[Any]) -> list[Program]:
    ids = [row["id"] for row in rows]
    milestones = await own_rewards.milestones_of(db, ids) if ids else []
    titles = await titles_of(db, {id_ for m in milestones for id_ in m["products"]})
    made = []
    for row in rows:
        plan = plan_of(row, [m for m in milestones if m["program_id"] == row["id"]])
        known = known_of(row, Program)
        own = [_milestone(step, titles) for step in plan.steps]
        made.append(Program.model_validate(known | {"on": row["is_on"], "milestones": own}))
    return made


def _milestone(step: Step, titles: dict[int, str]) -> ProgramMilestone:
    assert step.id is not None
    return ProgramMilestone(
        id=step.id,
        measure=step.measure,
        target=step.target,
        text=step.text,
        reward=reward_told(step.reward, titles),
    )


def reward_told(reward: LoyaltyReward, titles: dict[int, str]) -> ProgramReward:
    """A reward as it is told."""
    named = " + ".join(titles.get(id_, "") for id_ in reward.products)
    return ProgramReward(
        kind=reward.kind,
        says=say(say_reward(reward, named), "en"),
        unit=reward.unit,
        worth=reward.worth,
        percent=reward.percent,
        amounts=dict(reward.amounts),
        products=list(reward.products),
        days=reward.days,
    )
