"""The shelf: each campaign's finished pages, rendered once per version and served from memory."""

import asyncio
import contextlib
import gzip
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import brotli  # type: ignore[import-untyped]
import orjson

from milepost.services.publishing import Published, publish
from milepost.settings import Settings
from milepost.storage.database import Database, reading
from milepost.storage.updates import talk as talk_of
from milepost.web.embed.dress import dress
from milepost.web.guard import page_headers
from milepost.web.live import Hub
from milepost.web.public.talk import talk_view
from milepost.web.public.view import announced_view, campaign_view, store_view
from milepost.web.rendering import Renderer

BREATH = 0.25  # seconds between two versions of a campaign: at most four a second
LOOK_AGAIN = 60.0  # seconds
PUBLIC = b"public, max-age=0, s-maxage=2, stale-while-revalidate=30"
DATES = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
Headers = list[tuple[bytes, bytes]]
Variant = tuple[str, str, str]  # kind, locale, encoding
SQUEEZE: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "": lambda body: body,
}


class Finished:
    """One campaign at one version: its page and its JSON, in every variant that was asked for."""

    def __init__(
        self,
        published: Published,
        talk: Mapping[str, Any],
        renderer: Renderer,
        settings: Settings,
        now: datetime,
    ) -> None:
        self.version: int = published.campaign["version"]
        self.stands_until = published.stands_until
        self.campaign_id: int = published.campaign["id"]
        self.published = published
        self._talk = talk
        self._renderer = renderer
        self._settings = settings
        self.now = now
        self._plain: dict[tuple[str, str], bytes] = {}
        self._ready: dict[Variant, tuple[Headers, bytes]] = {}
        self.pictures: dict[tuple[str, int], bytes] = {}  # share pictures by language and width
        self.feeds: dict[str, Any] = {}  # by language

    @property
    def edition(self) -> tuple[int, datetime | None]:
        """The version, and until when time leaves it as it is: together they never repeat."""
        return self.version, self.stands_until

    def plain(self, kind: str, locale: str) -> bytes:
        """The page (`html`), the public state (`json`) or what an `embed` is, not compressed."""
        found = self._plain.get((kind, locale))
        if found is None:
            make = {"html": self._page, "json": self._state, "embed": self._embed}[kind]
            found = self._plain[kind, locale] = make(locale)
        return found

    def _state(self, locale: str) -> bytes:
        state = self.published.state(locale, self.now) | {"updates": self._talk["updates"]}
        return orjson.dumps(state, option=DATES)

    def _embed(self, locale: str) -> bytes:
        base_url = self._settings.base_url
        return orjson.dumps(dress(self.published, locale, self.now, base_url), option=DATES)

    def _page(self, locale: str) -> bytes:
        if not self.published.campaign["published"]:
            return self._renderer.page(
                "public/announced.html",
                locale,
                c=announced_view(self.published, locale, self.now, self._settings.base_url),
                store=store_view(self.published.campaign, locale),
            ).encode()
        return self._renderer.page(
            "public/campaign.html",
            locale,
            c=campaign_view(self.published, locale, self.now, self._settings.base_url),
            store=store_view(self.published.campaign, locale),
            talk=talk_view(self._talk, locale),
        ).encode()

    def ready(self, kind: str, locale: str, encoding: str) -> tuple[Headers, bytes]:
        """Headers and bytes, ready to send."""
        found = self._ready.get((kind, locale, encoding))
        if found is None:
            body = SQUEEZE[encoding](self.plain(kind, locale))
            found = self._headers(kind, locale, encoding, body), body
            self._ready[kind, locale, encoding] = found
        return found

    def _headers(self, kind: str, locale: str, encoding: str, body: bytes) -> Headers:
        is_page = kind == "html"
        headers = [
            (b"content-type", b"text/html; charset=utf-8" if is_page else b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"content-language", locale.encode()),
            (b"cache-control", PUBLIC),
            (b"vary", b"accept-encoding, accept-language"),
            (b"etag", b'"%b"' % sha256(body).hexdigest()[:24].encode()),
            *page_headers(self._settings),
        ]
        if not is_page:
            headers.append((b"access-control-allow-origin", b"*"))
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        return headers

    def warm(self, older: "Finished") -> None:
        """Make every variant that readers asked of the `older` version, before they ask again."""
        for variant in older._ready:
            self.ready(*variant)


class Shelf:
    """Finished campaigns by slug; one that moved is made anew while readers get the last."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        hub: Hub,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._hub = hub
        self._settings = settings
        self._clock = clock
        self._finished: dict[str, Finished] = {}
        self._slugs: dict[int, str] = {}
        self._moved: dict[str, asyncio.Event] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._making: dict[str, asyncio.Lock] = {}
        self._unheeded = 0  # notices about campaigns that were not on the shelf

    def peek(self, slug: str) -> Finished | None:
        """What stands ready, unless its time is over."""
        found = self._finished.get(slug)
        if found is None or (found.stands_until and found.stands_until <= self._clock()):
            return None
        return found

    async def get(self, slug: str) -> Finished | None:
        """The campaign as it stands; made now when it is not ready. None when there is none."""
        return self.peek(slug) or await self._make(slug)

    async def _make(self, slug: str, *, anew: bool = False) -> Finished | None:
        async with self._making.setdefault(slug, asyncio.Lock()):
            found = self.peek(slug)
            if found is not None and not anew:
                return found
            now, unheeded = self._clock(), self._unheeded
            async with reading(self._database) as db:
                published = await publish(db, slug, now, announced=True)
                talk = await talk_of(db, published.campaign["id"]) if published else None
            if published is None or talk is None:
                self._finished.pop(slug, None)
                self._making.pop(slug, None)
                return None
            older = self._finished.get(slug)
            finished = Finished(published, talk, self._renderer, self._settings, now)
            if older is not None:
                finished.warm(older)
            self._finished[slug] = finished
            self._slugs[finished.campaign_id] = slug
            if slug not in self._keepers:
                self._moved[slug] = asyncio.Event()
                self._keepers[slug] = asyncio.create_task(self._keep(slug, self._moved[slug]))
                if self._unheeded != unheeded:  # perhaps this one moved while it was being made
                    self._moved[slug].set()
            for locale in self._hub.watched(slug):
                self.show(slug, locale, finished)
            return finished

    def show(self, slug: str, locale: str, finished: Finished) -> None:
        """Put this version on the campaign's live stream, once."""
        channel, edition = self._hub.channel(slug, locale), finished.edition
        if channel.edition != edition:
            channel.publish(edition, finished.plain("json", locale))

    def moved(self, notice: str) -> None:
        """A notice `campaign:version` came; whoever is not on the shelf is not made anew."""
        slug = self._slugs.get(int(notice.partition(":")[0]))
        if slug is None:
            self._unheeded += 1
        else:
            self._moved[slug].set()

    def doubt(self) -> None:
        """Notices may have been missed: look at every campaign again."""
        for moved in self._moved.values():
            moved.set()

    async def _keep(self, slug: str, moved: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience(slug)):
                    await moved.wait()
            if not moved.is_set() and self.peek(slug):
                continue
            moved.clear()
            try:
                await self._make(slug, anew=True)
            except Exception:  # the database is away; readers keep the last version meanwhile
                await asyncio.sleep(1)
                moved.set()
            await asyncio.sleep(BREATH)

    def _patience(self, slug: str) -> float:
        """Seconds until time alone may have changed the page; clocks that jump are noticed."""
        found = self._finished.get(slug)
        if found is None or found.stands_until is None:
            return LOOK_AGAIN
        rest = (found.stands_until - self._clock()).total_seconds()
        return min(LOOK_AGAIN, max(rest, 0.01))

    @property
    def keepers(self) -> Collection[asyncio.Task[None]]:
        """The tasks that keep each campaign up to date, for ever."""
        return self._keepers.values()

    @property
    def size(self) -> int:
        """How many campaigns are ready."""
        return len(self._finished)
