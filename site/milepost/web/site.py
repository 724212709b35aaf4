"""One web process's parts, made at its start and handed to whoever answers a request."""

from asyncio import Semaphore
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from milepost.gateways.media import Media
from milepost.gateways.stripe import StripeGateway
from milepost.services.pledging import Addresses
from milepost.services.receiving import Intake
from milepost.settings import Settings
from milepost.storage.database import Database, open_database
from milepost.web.arrivals import Arrivals
from milepost.web.live import Hub
from milepost.web.rendering import Renderer
from milepost.web.shelf import Shelf

MOST_WRITING = 4  # calls of the API at once, of a pool of ten: whoever waits for a row keeps one


def utc_now() -> datetime:
    """The clock of a running process."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """What a request may use."""

    settings: Settings
    database: Database
    gateway: StripeGateway
    renderer: Renderer
    intake: Intake
    shelf: Shelf
    hub: Hub
    arrivals: Arrivals
    media: Media
    clock: Callable[[], datetime]
    writing: Semaphore = field(default_factory=lambda: Semaphore(MOST_WRITING))

    @property
    def addresses(self) -> Addresses:
        """Where the payment page sends a backer."""
        return Addresses(self.settings.base_url)


def make_site(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Site:
    """The parts of one process, not connected yet."""
    database = open_database(settings.database_url, plans="auto")
    renderer = Renderer(settings.base_url)
    hub = Hub()
    shelf = Shelf(database, renderer, hub, settings, clock)
    return Site(
        settings=settings,
        database=database,
        gateway=StripeGateway(settings),
        renderer=renderer,
        intake=Intake(database, clock),
        shelf=shelf,
        hub=hub,
        arrivals=Arrivals(database, settings.base_url, clock),
        media=Media(settings.media_url),
        clock=clock,
    )
