"""Pictures in the studio's forms: `studio/parts/picture.html` draws the field, this reads it."""

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.services.picturing import LARGEST, TOO_HEAVY, keep_picture
from milepost.storage import pictures
from milepost.storage.database import reading
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk

LONGEST_ALT = 300  # characters
ALT = N_("Say in a few words what the picture shows, for whoever can't see it.")


async def taken(request: Request, desk: Desk, sent: FormData, field: str) -> str | None:
    """The address of the picture uploaded in that field, or None; raises Invalid with the reason.

    A picture that came with a form which was refused for something else is not asked for again.
    """
    site, file = request.state.site, sent.get(field)
    if isinstance(file, UploadFile) and (file.filename or file.size):
        if (file.size or 0) > LARGEST:
            raise Invalid(TOO_HEAVY, about=field)
        body = await file.read()
        return await keep_picture(
            site.database,
            site.media,
            desk.store_id,
            desk.creator_id,
            body,
            field,
            site.clock(),
        )
    kept = sent.get(f"{field}_kept")
    if not isinstance(kept, str) or not kept or len(kept) > 200 or sent.get(f"{field}_remove"):
        return None
    async with reading(site.database) as db:
        return kept if await pictures.has(db, desk.store_id, plain(kept, 200)) else None


async def chosen(
    request: Request, desk: Desk, sent: FormData, field: str, current: str
) -> tuple[str, str]:
    """Address and alternative text of the picture from now on; `current` is the one until now.

    Raises Invalid about `{field}_alt` where there is a picture and nothing says what it shows.
    """
    address = await taken(request, desk, sent, field)
    if address is None:
        address = "" if sent.get(f"{field}_remove") else current
    alt = " ".join(plain(str(sent.get(f"{field}_alt", "")), LONGEST_ALT).split())
    return address, alt if address else ""


def check_alt(field: str, address: str, alt: str) -> None:
    """A picture says in words what it shows. Raises Invalid about `{field}_alt`."""
    if address and not alt:
        raise Invalid(ALT, about=f"{field}_alt")
