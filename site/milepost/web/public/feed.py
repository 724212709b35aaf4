"""`/c/{slug}/feed.atom`: what a campaign tells and what its crowd reaches, for feed readers (B13).

It says what the campaign's own pages say to anybody: of an update for backers its title, of a
milestone nothing that still waits (R2, R3).
"""

from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.messages import N_, Sentence
from milepost.domain.talking import Readers
from milepost.services.publishing import State, in_language
from milepost.storage import updates
from milepost.storage.database import reading
from milepost.web.public.home import reader_locale
from milepost.web.slugs import is_slug
from milepost.wording.atom import Entry, Feed
from milepost.wording.format import written_in
from milepost.wording.prose import mailed_picture, mailed_prose
from milepost.wording.saying import say

MOST = 50
CACHED = "public, max-age=60, stale-while-revalidate=600"
TITLE = N_("%(title)s: updates and milestones")
REACHED = N_("Milestone reached: %(title)s!")
REVEALED = N_("Revealed: %(title)s")
CROWD = N_("The crowd has reached %(target)s.")
WAITING = N_("Something is waiting here")
WILL_REVEAL = N_("Reached. The creator will reveal it.")
FOR_BACKERS = N_("This update is for the backers of %(title)s.")


class Made(NamedTuple):
    """A feed as it is sent, and since when it says that."""

    body: bytes
    tag: str
    since: datetime


async def feed(request: Request) -> Response:
    """Made once per version and language, with two queries; 304 for whoever has it."""
    site, slug, locale = request.state.site, request.path_params["slug"], reader_locale(request)
    finished = await site.shelf.get(slug) if is_slug(slug) else None
    if finished is None or not finished.published.campaign["published"]:
        raise HTTPException(404)
    made = finished.feeds.get(locale)
    if made is None:
        async with reading(site.database) as db:
            rows = await updates.public(db, finished.campaign_id, False, None, MOST)
            withdrawn_at = await updates.last_withdrawal(db, finished.campaign_id)
        told = _Teller(finished, rows, locale, site.settings.base_url).feed(withdrawn_at)
        made = _made(told)
        finished.feeds[locale] = made
    headers = {
        "cache-control": CACHED,
        "vary": "accept-language",
        "content-language": locale,
        "etag": made.tag,
        "last-modified": format_datetime(made.since, usegmt=True),
        "access-control-allow-origin": "*",
    }
    if _has_it(request, made):
        return Response(None, 304, headers)
    return Response(made.body, 200, headers, "application/atom+xml; charset=utf-8")


def _made(told: Feed) -> Made:
    body = told.newest(MOST).xml()
    return Made(body, f'"{sha256(body).hexdigest()[:24]}"', told.updated.replace(microsecond=0))


def _has_it(request: Request, made: Made) -> bool:
    """Whether the reader has this very feed; a date counts only without a tag (RFC 9110, 13.1)."""
    known = request.headers.get("if-none-match")
    if known is not None:
        return made.tag in known
    try:
        return parsedate_to_datetime(request.headers["if-modified-since"]) >= made.since
    except (KeyError, TypeError, ValueError):
        return False


class _Teller:
    """One campaign's news in one language."""

    def __init__(self, finished: Any, rows: list[Any], locale: str, base_url: str) -> None:
        self._campaign = finished.published.campaign
        self._state: State = finished.published.state(locale, finished.now)
        self._milestone_rows = finished.published.milestones
        self._rows = rows
        self._locale = locale
        self._base_url = base_url
        self._address = f"{base_url}/c/{self._campaign['slug']}"
        begun = self._campaign["store_created_at"]
        host = urlsplit(base_url).hostname
        self._id = f"tag:{host},{begun:%Y-%m-%d}:c/{self._campaign['id']}"  # RFC 4151

    def feed(self, withdrawn_at: datetime | None) -> Feed:
        """All of it; an update that was taken back is a change too."""
        c = self._campaign
        entries = [*self._updates(), *self._milestones()]
        moments = [one.updated for one in entries]
        moments += [withdrawn_at] if withdrawn_at else []
        return Feed(
            id=self._id,
            title=self._say(TITLE, title=self._state["title"]),
            subtitle=in_language(c, self._locale)("blurb"),
            author=in_language(c, self._locale, "store_")("name"),
            locale=self._locale,
            url=self._address,
            own_url=f"{self._address}/feed.atom?lang={self._locale}",
            updated=max(moments, default=c["store_created_at"]),
            entries=entries,
        )

    def _updates(self) -> Iterator[Entry]:
        for row in self._rows:
            text, number = in_language(row, self._locale), row["number"]
            html = mailed_prose(text("text"), self._base_url)
            if row["audience"] != Readers.EVERYBODY:
                html = _paragraphs(self._say(FOR_BACKERS, title=self._state["title"]))
            yield Entry(
                id=f"{self._id}/updates/{number}",
                title=text("title"),
                url=f"{self._address}/updates/{number}",
                html=html,
                published=row["published_at"],
                updated=row["edited_at"] or row["published_at"],
            )

    def _milestones(self) -> Iterator[Entry]:
        """A reach, and the reveal apart from it where the creator opened it later (R3)."""
        shown = written_in(self._locale)
        times = {str(m["id"]): m["revealed_at"] for m in self._milestone_rows}
        for m in self._state["milestones"]:
            if m["state"] == "ahead":
                continue
            reached_at, revealed_at = m["reached_at"], times[m["id"]]
            later = revealed_at is not None and revealed_at > reached_at
            crowd = self._say(CROWD, target=shown.amount(m["target"], self._state))
            title = m["title"] or self._say(WAITING)
            own = f"{self._id}/milestones/{m['id']}"
            waits = m["state"] == "reached"
            yield Entry(
                id=f"{own}/reached",
                title=self._say(REACHED, title=title),
                url=f"{self._address}#trail-title",
                html=_paragraphs(crowd, self._say(WILL_REVEAL) if waits else "")
                + ("" if waits or later else self._opened(m)),
                published=reached_at,
                updated=revealed_at or reached_at,
            )
            if later:
                yield Entry(
                    id=f"{own}/revealed",
                    title=self._say(REVEALED, title=title),
                    url=f"{self._address}#trail-title",
                    html=self._opened(m),
                    published=revealed_at,
                    updated=revealed_at,
                )

    def _opened(self, m: State) -> Markup:
        """What an open milestone shows to everybody: its picture and its text."""
        picture = Markup("")
        if m["image"]:
            src = mailed_picture(m["image"], self._base_url)
            picture = Markup('<p><img src="{}" alt="{}"></p>').format(src, m["image_alt"])
        return picture + _paragraphs(m["text"])

    def _say(self, message: str, **fields: object) -> str:
        return say(Sentence(message, fields), self._locale)


def _paragraphs(*texts: str) -> Markup:
    """Plain text as HTML: an empty line parts paragraphs."""
    parts = [part for text in texts for part in text.replace("\r\n", "\n").split("\n\n")]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(part.strip().split("\n")))
        for part in parts
        if part.strip()
    )
