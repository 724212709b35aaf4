"""Planning: the operator gives a store one of their plans (S21)."""

from datetime import datetime

from milepost.domain.errors import NotFound
from milepost.domain.messages import N_
from milepost.services.noting import note
from milepost.storage import creators
from milepost.storage.database import Database, unit


async def set_plan(database: Database, slug: str, plan: str, now: datetime) -> None:
    """The store of this slug has that plan from now on. Raises NotFound."""
    async with unit(database) as db:
        store_id = await creators.give_plan(db, slug, plan)
        if store_id is None:
            raise NotFound(N_("There is no store at “%(slug)s”."), slug=slug)
        await note(db, store_id, None, "plan_given", now, plan)
