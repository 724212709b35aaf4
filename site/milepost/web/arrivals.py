"""Arrivals: visits are counted in the process, without a cookie, a query or anything about anybody.

A visit is a view of a campaign's page by whoever comes from elsewhere: a page view, no person.
Robots that say so, prefetches, and steps from the campaign's own pages are not counted.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import Request

from milepost.domain.origins import (
    OTHERS,
    Origin,
    cleaned_source,
    cleaned_tag,
    referred,
    tag_in,
)
from milepost.services.visiting import keep_visits
from milepost.storage.database import AWAY, Database

log = logging.getLogger("milepost.web")
EACH = 5.0  # seconds between two writings down
# Bytes that are looked at, and remembered: whoever sends more can't fill the memory with it.
LONGEST_AGENT, LONGEST_REFERER, LONGEST_QUERY = 300, 500, 500
MOST = 2000  # visits that are kept apart at once; whatever comes above goes together
_ROBOT = re.compile(
    rb"bot\b|bot/|crawl|spider|slurp|preview|fetch|monitor|headless|scrap|archiv|curl|wget|python|"
    rb"java/|okhttp|go-http|libwww|perl|ruby|axios|node|facebookexternalhit|whatsapp|embed|check",
    re.IGNORECASE,
)
NOWHERE = Origin()
Headers = Mapping[bytes, bytes]
Arrived = tuple[int, str, str]  # campaign, source, tag


class Arrivals:
    """The visits of one process that are not written down yet."""

    def __init__(self, database: Database, base_url: str, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._seen: dict[Arrived, int] = {}
        self.host = urlsplit(base_url).netloc.lower()

    def saw(self, campaign_id: int, slug: str, headers: Headers, query: bytes) -> None:
        """The campaign's page is being read, with these headers and this query in its address."""
        if not is_person(headers):
            return
        came = headers.get(b"referer")
        found = _referred(came[:LONGEST_REFERER], self.host, slug) if came else NOWHERE
        if found is None:
            return
        arrived = campaign_id, found.source, _tag(query[:LONGEST_QUERY]) if query else ""
        try:
            self._seen[arrived] += 1
        except KeyError:
            self._add(arrived, 1)

    def _add(self, arrived: Arrived, count: int) -> None:
        if len(self._seen) >= MOST and arrived not in self._seen:
            arrived = arrived[0], OTHERS, ""
        self._seen[arrived] = self._seen.get(arrived, 0) + count

    async def run(self) -> None:
        """Write down what was seen, every few seconds, for ever."""
        while True:
            await asyncio.sleep(EACH)
            await self.write_down()

    async def write_down(self) -> None:
        """Add what was seen to the campaigns' visits; kept for later while the database is away."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            await keep_visits(self._database, seen, self._clock())
        except AWAY as error:
            log.warning("visits are kept for later: %r", error)
            for arrived, count in seen.items():
                self._add(arrived, count)

    def of_pledge(self, request: Request, slug: str, sent: Mapping[str, str]) -> Origin:
        """Where whoever fills in a pledge form came from, as far as their browser says.

        The form carries it on in `came_from` and `via`; before that, the address and the Referer
        of the page that led here do: it is the campaign's own, with the tag still in it.
        """
        headers = dict(request.scope["headers"])
        came = headers.get(b"referer", b"").decode("latin-1")
        told = cleaned_tag(sent.get("via", "")) or tag_in(request.url.query)
        if not told and host_of(came) == self.host:
            told = tag_in(came.partition("?")[2])
        source = cleaned_source(sent.get("came_from", ""))
        if not source and came:
            found = referred(came, self.host, f"/c/{slug}")
            source = found.source if found and host_of(came) != self.host else ""
        return Origin(source, told)


def host_of(address: str) -> str:
    """The host and port of an address; empty for what is none."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def is_person(headers: Headers) -> bool:
    """False for robots that say so, and for pages that a browser only fetches ahead."""
    if _is_robot(headers.get(b"user-agent", b"")[:LONGEST_AGENT]):
        return False
    return not (b"sec-purpose" in headers or b"purpose" in headers or b"x-moz" in headers)


@lru_cache(4096)
def _is_robot(agent: bytes) -> bool:
    return not agent or _ROBOT.search(agent) is not None


@lru_cache(4096)
def _referred(referer: bytes, host: str, slug: str) -> Origin | None:
    return referred(referer.decode("latin-1"), host, f"/c/{slug}")


@lru_cache(4096)
def _tag(query: bytes) -> str:
    return tag_in(query.decode("latin-1"))
