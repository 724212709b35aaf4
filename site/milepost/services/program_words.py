"""What a program says in other languages than its store's; what is missing falls back (B15)."""

from collections.abc import Mapping
from datetime import datetime

from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.services.programs import hold_program, named, part, written
from milepost.storage import programs
from milepost.storage.database import Database, unit


async def save_words(
    database: Database,
    author: Author,
    program_id: int,
    base: int,
    names: Mapping[str, str],
    texts: Mapping[int, Mapping[str, str]],
    now: datetime,
) -> None:
    """Save its name, and its milestones' descriptions by their ids, in these languages.

    A program that is on says it at once, and gives what it gave. A language or milestone that is
    not among them stays as it is; a milestone that is gone meanwhile is passed over. Raises
    NotFound, Overtaken.
    """
    async with unit(database) as db:
        kept = await hold_program(db, author.store_id, program_id)
        await save_part(db, author, part(program_id, "languages"), base, now)
        plan = kept.plan
        said = {step.id: {**step.texts, **texts.get(step.id, {})} for step in plan.steps if step.id}
        called = {**plan.names, **names}
        await programs.translate(
            db,
            program_id,
            named(called),
            {id_: written(own) for id_, own in said.items()},
        )
        before = told_words(plan.names, [step.texts for step in plan.steps])
        after = told_words(called, [said.get(step.id or 0, {}) for step in plan.steps])
        before |= dict.fromkeys(after.keys() - before.keys(), "")
        after |= dict.fromkeys(before.keys() - after.keys(), "")
        await note(
            db, author.store_id, author.creator_id, "program_translated", now, plan.name,
            before, after,
        )  # fmt: skip


def told_words(names: Mapping[str, str], texts: list[Mapping[str, str]]) -> dict[str, str]:
    """The words as the log keeps them: the name, and each milestone's by its number."""
    found = {f"name ({tag})": said for tag, said in names.items() if said}
    for number, own in enumerate(texts, 1):
        found |= {f"{number}: text ({tag})": said for tag, said in own.items() if said}
    return found
