"""What the operations about campaigns share: which one it is, its state, pictures, languages."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from milepost.domain.campaigns import Calendar
from milepost.domain.errors import Invalid, NotFound
from milepost.services.author import Author
from milepost.storage import api_campaigns, pictures
from milepost.storage.database import Connection
from milepost.web.api.fields import LINE, TEXT
from milepost.web.api.gate import Call
from milepost.wording.languages import LOCALES

NO_CAMPAIGN = "There is no such campaign."
State = Literal["draft", "announced", "upcoming", "live", "closed"]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
Address = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?$")
]
Zone = Annotated[str, StringConstraints(strict=True, max_length=60, pattern=r"^[A-Za-z0-9_+/-]+$")]
Title = Annotated[
    str,
    StringConstraints(
        strict=True, strip_whitespace=True, min_length=1, max_length=120, pattern=LINE
    ),
]
Short = Annotated[str, StringConstraints(strict=True, max_length=120, pattern=LINE)]
Blurb = Annotated[str, StringConstraints(strict=True, max_length=280, pattern=LINE)]
Text = Annotated[str, StringConstraints(strict=True, max_length=2_000, pattern=TEXT)]
Story = Annotated[str, StringConstraints(strict=True, max_length=60_000, pattern=TEXT)]
Alt = Annotated[str, StringConstraints(strict=True, max_length=300, pattern=LINE)]
Picture = Annotated[str, StringConstraints(strict=True, max_length=400, pattern=LINE)]
Locale = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{2}$")]
Translations = dict[str, dict[str, str]]


async def campaign_of(db: Connection, call: Call, slug: str) -> Any:
    """The store's campaign at this address, with its totals. Raises NotFound."""
    row = await api_campaigns.totals(db, call.store_id, slug)
    if row is None:
        raise NotFound(NO_CAMPAIGN)
    return row


def author_at(call: Call, campaign_id: int) -> Author:
    """Whoever made the token, at work on this campaign."""
    return replace(call.author, campaign_id=campaign_id)


def state_of(row: Any, now: datetime) -> State:
    """Where the campaign stands, as its public JSON calls it; a draft may be announced."""
    phase = Calendar(row["published"], row["opens_at"], row["closes_at"]).phase(now)
    return "announced" if phase == "draft" and row["announced_at"] is not None else phase


def pictured(call: Call, address: str) -> str | None:
    """The whole address of a picture; a site keeps its own by their paths."""
    if not address:
        return None
    return f"{call.site.settings.base_url}{address}" if address.startswith("/") else address


async def picture_sent(
    db: Connection, call: Call, sent: str | None, present: str, about: str = "image"
) -> str:
    """The picture at this address, as it is kept; empty for none. Raises Invalid for a strange one.

    It is the one that is there, or one that the store has uploaded.
    """
    if not sent or sent in (present, pictured(call, present)):
        return present if sent else ""
    address = sent.removeprefix(call.site.settings.base_url)
    if not await pictures.has(db, call.store_id, address):
        raise Invalid(
            "The store has no picture at this address. Upload it in the studio first.",
            about=about,
        )
    return address


def check_alt(image: str, alt: str, about: str = "image_alt") -> None:
    """A picture says in words what it shows. Raises Invalid."""
    if image and not alt:
        raise Invalid(
            "Say in a few words what the picture shows, for whoever can't see it.", about=about
        )


def check_locales(sent: Iterable[str], own: str, about: str = "translations") -> None:
    """Raises Invalid for a language that pages don't come in, and for the store's own."""
    for locale in sent:
        if locale not in LOCALES or locale == own:
            raise Invalid(
                "“%(locale)s” is no language that the store's pages are translated into.",
                about=about,
                locale=locale,
            )


def clean(line: str) -> str:
    """One line, as the studio keeps it."""
    return " ".join(line.split())


def texts_of(translations: Mapping[str, Mapping[str, Any]]) -> Translations:
    """Texts in other languages, as they are told."""
    return {
        locale: {name: text for name, text in said.items() if isinstance(text, str)}
        for locale, said in translations.items()
    }
