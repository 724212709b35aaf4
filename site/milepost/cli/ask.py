"""`milepost ask`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from milepost.cli.refusal import Refusal
from milepost.storage.database import Database


class Asked(BaseModel):
    """One question of the file."""

    model_config = ConfigDict(extra="forbid")

    prompt: str
    kind: Literal["choice", "text"] = "text"
    options: list[str] = []
    required: bool = True
    tiers: list[int] = []
    milestone_id: int | None = None
    translations: dict[str, dict[str, Any]] = {}


def command(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    file: Annotated[
        Path, typer.Argument(help="A JSON list of questions.", exists=True, dir_okay=False)
    ],
) -> None:
    """Ask a campaign's backers something, and mail everybody whom it concerns.

    The file is a list such as [{"prompt": "Which size?", "kind": "choice", "options": ["S", "M"],
    "tiers": [3], "translations": {"de": {"prompt": "Welche Größe?"}}}]; "kind" is "text" by itself,
    and without "tiers" or "milestone_id" a question goes to everybody.

    Example: milepost ask field-recorder questions.json
    """
    from milepost.cli.running import on_the_database
    from milepost.domain.errors import NotFound
    from milepost.domain.messages import N_
    from milepost.services.surveying import NewQuestion, ask
    from milepost.storage import surveys
    from milepost.storage.database import unit

    try:
        read = TypeAdapter(list[Asked]).validate_json(file.read_bytes())
    except ValidationError as error:
        told = "\n".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Refusal(f"{file} holds no questions.\n{told}") from None
    questions = [NewQuestion(**question.model_dump()) for question in read]

    async def work(database: Database) -> None:
        async with unit(database) as db:
            found = await surveys.campaign(db, campaign)
            if found is None:
                raise NotFound(N_("There is no campaign at “%(slug)s”."), slug=campaign)
            concerned = await ask(db, found["id"], questions, datetime.now(UTC))
        typer.echo(f"{len(questions)} questions are asked; {concerned} pledges get a mail.")

    on_the_database(work)
