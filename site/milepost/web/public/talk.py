"""What the pages of updates and comments share: whose they are, who reads them, how they answer."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.domain.talking import Readers
from milepost.services.commenting import reader_of
from milepost.services.publishing import in_language
from milepost.storage import updates
from milepost.storage.database import Connection
from milepost.web.me.visit import LONGEST_TOKEN, PRIVATE, cookie_name
from milepost.web.public.home import reader_locale
from milepost.web.public.view import store_view
from milepost.web.slugs import is_slug
from milepost.wording.prose import excerpt, prose

CACHED = "public, max-age=0, s-maxage=2, stale-while-revalidate=30"
EXCERPT = 220  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """A published campaign, and who reads it; nobody is known without a visit."""

    campaign: Any
    reader: Any
    locale: str
    is_known: bool

    @property
    def is_backer(self) -> bool:
        """True for whoever has a live pledge here."""
        return self.reader is not None and bool(self.reader["is_backer"])

    @property
    def customer_id(self) -> int | None:
        """The reader as the store knows them."""
        return self.reader["customer_id"] if self.reader is not None else None

    def view(self, base_url: str) -> dict[str, Any]:
        """The campaign for the templates."""
        return {
            "slug": self.campaign["slug"],
            "title": in_language(self.campaign, self.locale)("title"),
            "zone": self.campaign["zone"],
            "comments": self.campaign["comments"],
            "address": f"{base_url}/c/{self.campaign['slug']}",
        }


async def place_of(request: Request, db: Connection) -> Place:
    """The campaign of the address, and whoever reads it: two queries. Raises 404."""
    site, slug = request.state.site, request.path_params["slug"]
    campaign = await updates.campaign(db, slug) if is_slug(slug) else None
    if campaign is None:
        raise HTTPException(404)
    token = request.cookies.get(cookie_name(site.settings), "")
    reader = None
    if token and len(token) <= LONGEST_TOKEN:
        reader = await reader_of(db, campaign, token, site.clock())
    return Place(campaign, reader, reader_locale(request), bool(token))


def update_view(row: Any, locale: str, *, is_open: bool, whole: bool = True) -> dict[str, Any]:
    """An update as a page shows it; without its text while it is not `is_open` for its reader."""
    text = in_language(row, locale)
    said = text("text") if is_open else ""
    return {
        "number": row["number"],
        "title": text("title"),
        "for_backers": row["audience"] == Readers.BACKERS,
        "is_open": is_open,
        "body": prose(said) if said and whole else "",
        "excerpt": excerpt(said, EXCERPT) if said else "",
        "published_at": row["published_at"],
        "edited_at": row["edited_at"],
    }


def talk_view(row: Any, locale: str) -> dict[str, Any]:
    """The part of the campaign's page about its updates, questions and comments."""
    return {
        "updates": row["updates"],
        "latest": [
            {
                "number": one["number"],
                "title": in_language(one, locale)("title"),
                "for_backers": one["audience"] == Readers.BACKERS,
                "published_at": datetime.fromisoformat(one["published_at"]),
            }
            for one in row["latest"]
        ],
        "faqs": [
            {
                "id": one["id"],
                "question": in_language(one, locale)("question"),
                "answer": prose(in_language(one, locale)("answer")),
            }
            for one in row["faqs"]
        ],
        "has_comments": row["has_comments"],
    }


def answered(
    request: Request, place: Place, template: str, status: int = 200, **context: object
) -> Response:
    """A page of these; one that was made for somebody is kept by nobody else."""
    site = request.state.site
    html = site.renderer.page(
        template,
        place.locale,
        c=place.view(site.settings.base_url),
        store=store_view(place.campaign, place.locale),
        **context,
    )
    headers = {"vary": "accept-language, cookie", "content-language": place.locale}
    if place.is_known or status != 200:
        return HTMLResponse(html, status, PRIVATE | headers)
    tag = f'"{sha256(html.encode()).hexdigest()[:24]}"'
    headers |= {"cache-control": CACHED, "etag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return HTMLResponse(html, 200, headers)
