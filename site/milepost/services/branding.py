"""Branding: what a store is called, and its colour, in every page of it."""

import re
from collections.abc import Mapping
from datetime import datetime

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.services.arranging import tell, with_texts
from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.storage import editing
from milepost.storage.database import Database, unit

_HEX = re.compile("[0-9a-f]{6}")


def colour_of(typed: str) -> str:
    """The colour as `#rrggbb`. Raises Invalid."""
    digits = typed.strip().lower().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not _HEX.fullmatch(digits):
        raise Invalid(
            N_("“%(typed)s” is not a colour. Type it like #17795e."),
            about="brand",
            typed=typed[:20],
        )
    return f"#{digits}"


async def save_brand(
    database: Database,
    author: Author,
    base: int,
    name: str,
    tagline: str,
    brand: str,
    taglines: Mapping[str, str],
    now: datetime,
) -> None:
    """Save the store's name, tagline (`taglines` by language) and colour. Raises Overtaken."""
    if not name:
        raise Invalid(N_("Give the store a name."), about="name")
    async with unit(database) as db:
        await save_part(db, author, "brand", base, now)
        row = await editing.store(db, author.store_id)
        said = row["translations"]
        for locale, text in taglines.items():
            said = with_texts(said, locale, {"tagline": text})
        await editing.save_brand(
            db, row["id"], name=name, tagline=tagline, brand=brand, translations=said
        )
        before = {"name": row["name"], "brand": row["brand"]}
        after = {"name": name, "brand": brand}
        await note(db, author.store_id, author.creator_id, "brand_saved", now, name, before, after)
        for campaign_id in await editing.shown(db, author.store_id):
            await tell(db, campaign_id)
