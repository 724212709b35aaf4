"""The sandbox as one web application: the API, the hosted pages, the switches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import stripe
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from . import checkout, disputes, refunds, sessions, subscriptions
from .agenda import Agenda
from .api import Api
from .books import Books
from .clock import Clock
from .delivery import Delivery, Manner
from .desk import Desk, Habits
from .events import Events
from .methods import means_of
from .pages import Pages
from .routes import ROUTES
from .switches import Switches

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    base_url: str
    key: str
    webhook_url: str | None = None
    webhook_secret: str = "whsec_sandbox"
    state: str | None = None
    events: Sequence[str] = ("*",)
    lanes: int = 32


def application(options: Options) -> Starlette:
    """The sandbox, which opens its books when it starts and closes them when it ends."""
    version = stripe.api_version

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        books, clock = Books(options.state), Clock()
        told = Events(books, clock, version, 1 if options.webhook_url else 0)
        desk = Desk(books, clock, Agenda(books, clock), told, options.base_url)
        delivery = Delivery(
            books, options.webhook_url, options.webhook_secret, options.events, options.lanes
        )
        told.listener = delivery.take
        _remember(desk, delivery)
        _appoint(desk)
        api = Api(desk, options.key, version)
        app.router.routes[:] = [
            *Pages(desk).routes(),
            *Switches(desk, delivery).routes(),
            *(
                Route(route.path, api.endpoint(route), methods=[route.method])
                for route in sorted(ROUTES, key=lambda route: route.path.count("{"))
            ),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Route("/{path:path}", api.unknown, methods=["GET", "POST", "DELETE"]),
        ]
        chores = [
            asyncio.create_task(desk.agenda.keep_running()),
            asyncio.create_task(books.keep_writing()),
        ]
        delivery.resume()
        yield
        for chore in chores:
            chore.cancel()
        await delivery.close()
        await books.close()

    return Starlette(lifespan=lifespan)


def _remember(desk: Desk, delivery: Delivery) -> None:
    """Switches stand as they stood before a restart."""
    for name in ("clock", "habits", "manner"):
        note = {key: value for key, value in desk.note(name).items() if key != "id"}
        if not note:
            continue
        if name == "clock":
            desk.clock.restore(note)
        elif name == "habits":
            desk.habits = Habits(**note)
        else:
            delivery.manner = Manner(**note)


def _appoint(desk: Desk) -> None:
    """Who does what when its time comes."""
    books = desk.books

    def expire(identifier: str) -> None:
        if books.the("checkout.session", identifier)["status"] == "open":
            sessions.expire(desk, identifier)

    def bank(identifier: str) -> None:
        intent = books.the("payment_intent", identifier)
        account = means_of(desk, books.the("payment_method", intent["payment_method"]))
        checkout.bank_answers(desk, intent, getattr(account, "failure", None))

    def dispute(identifier: str) -> None:
        charge = books.the("charge", identifier)
        means = means_of(desk, books.the("payment_method", charge["payment_method"]))
        disputes.open_dispute(desk, charge, means.dispute or "fraudulent")

    desk.agenda.on("expire", expire)
    desk.agenda.on("bank", bank)
    desk.agenda.on("dispute", dispute)
    desk.agenda.on("cycle", lambda name: subscriptions.cycle(desk, name))
    desk.agenda.on("retry", lambda name: subscriptions.retry(desk, name))
    desk.agenda.on("refund", lambda name: refunds.answer(desk, books.the("refund", name)))
