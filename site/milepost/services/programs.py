"""Programs: drawn up, saved, turned on and off (S11, S12, S20). Saving never turns one on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from milepost.domain.cart_plans import shown_percent
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.loyalty_rewards import UNITS, LoyaltyReward
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.domain.program_plans import ProgramPlan, Step, check
from milepost.domain.programs import KINDS, MEASURES, measure_of
from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.storage import editing, program_list, programs
from milepost.storage.database import Connection, Database, enqueue, unit


@dataclass(frozen=True, slots=True)
class Kept:
    """A program as it is kept: its row, its plan, and which of its milestones have given."""

    row: Any
    plan: ProgramPlan
    has_given: frozenset[int]


def part(program_id: int, page: str = "") -> str:
    """What a program's rule, or another page of it, is called among the parts that are edited."""
    return f"program-{program_id}-{page}" if page else f"program-{program_id}"


def written(said: Mapping[str, str]) -> dict[str, str]:
    """What somebody has written, by language; what is empty falls back (B15)."""
    return {tag: text for tag, text in said.items() if text}


def named(names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The names by language as the program's row keeps them."""
    return {tag: {"name": name} for tag, name in written(names).items()}


async def create_program(
    database: Database, author: Author, plan: ProgramPlan, now: datetime
) -> int:
    """Keep a new program, off; its id. Raises Invalid."""
    check(plan)
    async with unit(database) as db:
        await _check_goods(db, author.store_id, plan.steps)
        program_id = await programs.add(
            db,
            store_id=author.store_id,
            kind=plan.kind,
            name=plan.name,
            in_steps=KINDS[plan.kind].in_steps,
            currency=plan.currency,
            every=plan.every,
            zone=plan.zone,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            counts_from=plan.starts_at,
            translations=named(plan.names),
            now=now,
        )
        for position, step in enumerate(plan.steps):
            await _add_step(db, program_id, position, step)
        await _keep_facts(db, author.store_id, now)
        await note(
            db, author.store_id, author.creator_id, "program_created", now, plan.name,
            None, told(plan),
        )  # fmt: skip
    return program_id


async def save_program(
    database: Database, author: Author, program_id: int, base: int, plan: ProgramPlan, now: datetime
) -> None:
    """Save the rule; where it is on, everybody is judged by it from now on.

    A milestone that has given keeps its target (A11), and is archived where it is taken out (A13);
    its new reward is for those who reach it from now on (A12). What it says in other languages is
    saved by itself (`save_words`). Raises Invalid, Conflict, NotFound, and Overtaken where somebody
    has saved it since `base`.
    """
    check(plan)
    async with unit(database) as db:
        kept = await hold_program(db, author.store_id, program_id)
        await save_part(db, author, part(program_id), base, now)
        _check_end(kept, plan, now)
        await _check_goods(db, author.store_id, plan.steps)
        await _save_steps(db, program_id, kept, plan, now)
        starts_at = kept.plan.starts_at if kept.row["turned_at"] else plan.starts_at
        await programs.save(
            db,
            program_id,
            name=plan.name,
            currency=kept.plan.currency if kept.row["has_given"] else plan.currency,
            every=kept.plan.every if kept.row["has_given"] else plan.every,
            zone=plan.zone,
            starts_at=starts_at,
            ends_at=plan.ends_at,
            counts_from=kept.row["counts_from"] if kept.row["turned_at"] else starts_at,
        )
        await note(
            db, author.store_id, author.creator_id, "program_saved", now, plan.name,
            told(kept.plan), told(replace(plan, starts_at=starts_at)),
        )  # fmt: skip
        if kept.row["is_on"]:
            await _run(db, program_id, now)


async def turn_on(
    database: Database,
    author: Author,
    program_id: int,
    now: datetime,
    counts_from: datetime | None = None,
) -> None:
    """It gives from now on, or from its start.

    Facts count from then, or from `counts_from` (L2); one that was on before goes on counting from
    where it did. Raises Conflict for a program without a milestone.
    """
    async with unit(database) as db:
        kept = await hold_program(db, author.store_id, program_id)
        row = kept.row
        if row["is_on"]:
            return
        if not kept.plan.steps:
            raise Conflict(N_("It has no milestone, so it would give nothing. Add one."))
        if kept.plan.ends_at is not None and kept.plan.ends_at <= now:
            raise Conflict(N_("It has ended. Give it a later end, or none."))
        if counts_from is not None and counts_from > now:
            raise Invalid(N_("Choose a day that is over."), about="counts_from")
        begins = row["counts_from"] if row["turned_at"] else max(row["starts_at"], now)
        if counts_from is not None and row["turned_at"] and counts_from > begins:
            raise Invalid(
                N_("It has counted since %(day)s, and what that gave stays. Choose no later day."),
                about="counts_from",
                day=begins.astimezone(ZoneInfo(row["zone"])),
            )
        begins = min(counts_from or begins, begins)
        await programs.turn(db, program_id, True, author.creator_id, now, begins)
        await note(
            db, author.store_id, author.creator_id, "program_turned_on", now, kept.plan.name,
            None, {"counts_at": begins.isoformat()},
        )  # fmt: skip
        await _run(db, program_id, now)


async def turn_off(database: Database, author: Author, program_id: int, now: datetime) -> None:
    """It gives nothing more; nothing that was earned is lost (S20)."""
    async with unit(database) as db:
        kept = await hold_program(db, author.store_id, program_id)
        if kept.row["is_on"]:
            await programs.turn(
                db, program_id, False, author.creator_id, now, kept.row["counts_from"]
            )
            await note(
                db, author.store_id, author.creator_id, "program_turned_off", now, kept.plan.name
            )


async def discard_program(
    database: Database, author: Author, program_id: int, now: datetime
) -> None:
    """Throw away a draft. Raises Conflict for one that was ever on: customers may have earned."""
    async with unit(database) as db:
        kept = await hold_program(db, author.store_id, program_id)
        if kept.row["turned_at"] is not None:
            raise Conflict(N_("It was on, so it stays. Turn it off, and it gives nothing more."))
        await program_list.remove_draft(db, program_id)
        for name in (part(program_id), part(program_id, "languages")):
            await editing.gone(db, author.place(name))
        await note(db, author.store_id, author.creator_id, "program_discarded", now, kept.plan.name)


async def hold_program(db: Connection, store_id: int, program_id: int) -> Kept:
    """One of the store's programs, locked. Raises NotFound."""
    row = await programs.hold(db, store_id, program_id)
    if row is None:
        raise NotFound(N_("There is no such program."))
    rows = await programs.milestones_of(db, program_id)
    return Kept(row, plan_of(row, rows), frozenset(r["id"] for r in rows if r["has_given"]))


def plan_of(row: Any, milestones: Sequence[Any]) -> ProgramPlan:
    """The plan that a program's rows keep."""
    return ProgramPlan(
        row["kind"],
        row["name"],
        tuple(
            Step(
                measure_of(m["fact"], m["sums"]).key,
                m["target"],
                reward_of(m),
                m["text"],
                m["id"],
                m["texts"],
            )
            for m in milestones
        ),
        row["starts_at"],
        row["ends_at"],
        row["currency"],
        row["every"],
        row["zone"],
        {tag: said["name"] for tag, said in row["translations"].items() if said.get("name")},
    )


def reward_of(row: Any) -> LoyaltyReward:
    """The reward that a row keeps."""
    return LoyaltyReward(
        row["kind"],
        row["unit"],
        row["worth"],
        row["code_as"],
        row["percent"],
        row["amounts"],
        tuple(row["products"]),
        row["days"],
    )


def told(plan: ProgramPlan) -> dict[str, Any]:
    """The rule as the log keeps it, in words that no language owns."""
    return {
        "name": plan.name,
        "program_kind": plan.kind,
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat() if plan.ends_at else "",
        "every": _told_of(plan.kind, plan.every, plan.currency) if plan.every else "",
        "milestones": [
            {
                "measure": s.measure,
                "target": _told_target(s, plan.currency),
                "gives": s.reward.kind,
                "worth": _worth(s.reward),
            }
            | ({"text": s.text} if s.text else {})
            for s in plan.steps
        ],
    }


def _told_target(step: Step, currency: str | None) -> int | str:
    is_amount = MEASURES[step.measure].sums == "amount"
    return str(Money(step.target, currency)) if is_amount and currency else step.target


def _told_of(kind: str, every: int, currency: str | None) -> int | str:
    is_amount = KINDS[kind].measures[0].sums == "amount"
    return str(Money(every, currency)) if is_amount and currency else every


def _worth(reward: LoyaltyReward) -> int | str:
    """What it gives, in numbers."""
    if reward.products:
        return len(reward.products)
    if reward.percent is not None:
        return f"{shown_percent(reward.percent)}%"
    if reward.amounts:
        return ", ".join(str(Money(amount, one)) for one, amount in reward.amounts.items())
    if reward.worth is None or reward.unit is None:
        return ""
    return reward.worth if reward.unit in UNITS else str(Money(reward.worth, reward.unit))


async def _save_steps(
    db: Connection, program_id: int, kept: Kept, plan: ProgramPlan, now: datetime
) -> None:
    was = {step.id: step for step in kept.plan.steps}
    named = {step.id for step in plan.steps if step.id is not None}
    if not named <= was.keys():
        raise NotFound(N_("There is no such milestone."))
    for gone in was.keys() - named:
        assert gone is not None
        await programs.take_out(db, gone, archive=gone in kept.has_given, now=now)
    if KINDS[plan.kind].in_steps:
        _keep_the_way(kept, plan)
    for position, step in enumerate(plan.steps):
        if step.id is None:
            await _add_step(db, program_id, position, step)
            continue
        before = was[step.id]
        if step.id in kept.has_given and (step.target, step.measure) != (
            before.target,
            before.measure,
        ):
            raise Conflict(
                N_("Somebody has reached this milestone, so its target stays. Add another one."),
                about=f"step-{position}-target",
            )
        measure = MEASURES[step.measure]
        await programs.change_milestone(
            db,
            step.id,
            target=step.target,
            position=position,
            fact=measure.fact,
            sums=measure.sums,
            text=step.text,
        )
        if step.reward != before.reward:
            await _give(db, step.id, step.reward)


def _check_end(kept: Kept, plan: ProgramPlan, now: datetime) -> None:
    """What counted goes on counting: no grant falls because somebody moved the end (L9)."""
    ends_at = plan.ends_at if plan.ends_at != kept.plan.ends_at else None
    if ends_at is not None and ends_at < now and kept.row["has_given"]:
        raise Invalid(
            N_("It has given something already, so it ends now at the earliest."), about="ends_at"
        )


def _keep_the_way(kept: Kept, plan: ProgramPlan) -> None:
    """Steps that somebody has completed keep their order, and nothing comes before them (L8)."""
    stays = {step.id for step in plan.steps}
    completed = [s.id for s in kept.plan.steps if s.id in kept.has_given and s.id in stays]
    if [step.id for step in plan.steps[: len(completed)]] != completed:
        raise Conflict(
            N_("Customers have completed the first steps, so these stay first. Add new ones below.")
        )


async def _add_step(db: Connection, program_id: int, position: int, step: Step) -> None:
    measure = MEASURES[step.measure]
    milestone_id = await programs.add_milestone(
        db,
        program_id,
        target=step.target,
        position=position,
        fact=measure.fact,
        sums=measure.sums,
        text=step.text,
        texts=written(step.texts),
    )
    await _give(db, milestone_id, step.reward)


async def _give(db: Connection, milestone_id: int, reward: LoyaltyReward) -> None:
    await programs.reward(
        db,
        milestone_id,
        kind=reward.kind,
        unit=reward.unit,
        worth=reward.worth,
        code_as=reward.code_as,
        percent=reward.percent,
        amounts=dict(reward.amounts),
        products=list(reward.products),
        days=reward.days,
    )


async def _check_goods(db: Connection, store_id: int, steps: Sequence[Step]) -> None:
    """Raises Invalid for a gift that the store does not have."""
    wanted = {product for step in steps for product in step.reward.products}
    known = await programs.known_products(db, store_id, wanted) if wanted else set()
    for place, step in enumerate(steps):
        if not set(step.reward.products) <= known:
            raise Invalid(
                N_("The shop has no such product any more. Pick another gift."),
                about=f"step-{place}-products",
            )


async def _keep_facts(db: Connection, store_id: int, now: datetime) -> None:
    """The store keeps facts from its first program on; the past ones follow."""
    if await programs.keep_facts(db, store_id, now):
        await enqueue(db, "keep_past_facts", {"store_id": store_id}, f"keep_past_facts:{store_id}")


async def _run(db: Connection, program_id: int, now: datetime) -> None:
    await programs.ask_for_run(db, program_id, now)
    await enqueue(db, "run_program", {"program_id": program_id}, f"run_program:{program_id}")
