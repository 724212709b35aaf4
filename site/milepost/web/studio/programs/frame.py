"""What the pages of programs share: the program of the address, its state, its words."""

from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from milepost.domain.messages import N_
from milepost.storage import program_list, programs
from milepost.storage.database import reading
from milepost.web.studio.desk import Desk
from milepost.web.studio.parts import numbered

HOME = "/programs"
DONE = {
    "saved": N_("Saved."),
    "begun": N_("The draft is there, with a milestone. It gives nothing until you turn it on."),
    "forgotten": N_("What you had typed is put aside. Here is what is saved."),
    "on": N_("It is on, and counts what customers do."),
    "off": N_("It is off. Nothing that was earned is lost."),
    "discarded": N_("The draft is gone."),
}  # fmt: skip


def state_of(row: Any, now: datetime) -> str:
    """`draft`, `on`, `waits` (on, and not begun), `ended`, or `off`."""
    if row["turned_at"] is None:
        return "draft"
    if row["ends_at"] is not None and row["ends_at"] <= now:
        return "ended"
    if not row["is_on"]:
        return "off"
    return "waits" if row["starts_at"] > now else "on"


async def program_of(request: Request, desk: Desk) -> tuple[Any, list[Any]]:
    """The store's program that the address names, and its milestones. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await program_list.one(db, desk.store_id, numbered(request, "program"))
        if row is None:
            raise HTTPException(404)
        return row, await programs.milestones_of(db, row["id"])
