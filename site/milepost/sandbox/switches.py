"""The sandbox's own doors, under `/sandbox`: for tests, the demo's crowd, and curious people."""

from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import accounts, sessions
from .acts import Act, Acts, Told
from .books import Thing
from .delivery import Delivery
from .desk import Desk
from .errors import Refused, invalid

FORBIDDEN = {"error": {"message": "Another site can't use the switches."}}
KINDS = {
    "sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "setup_intents": "setup_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "customers": "customer",
    "payment_methods": "payment_method",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "invoice_payments": "invoice_payment",
}


def answer(thing: Any, status: int = 200) -> Response:
    """JSON, with the snapshots that events carry."""
    return Response(orjson.dumps(thing), status, media_type="application/json")


def foreign(request: Request) -> bool:
    """Whether a browser says that another site's page makes this request."""
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


async def told_by(request: Request) -> Told:
    """What a call says: a JSON object, or a form from the sandbox's own page."""
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.body()
        try:
            read = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise invalid(f"The body is not JSON: {error}") from None
        if not isinstance(read, dict):
            raise invalid("The body must be a JSON object.")
        return read
    return {name: _plain(str(value)) for name, value in (await request.form()).items()}


def _plain(text: str) -> Any:
    """A form's word as the JSON value that it stands for."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() and len(text) < 10 else text


class Switches:
    """Every switch, over one desk and its delivery."""

    def __init__(self, desk: Desk, delivery: Delivery) -> None:
        self.desk = desk
        self.delivery = delivery

    def routes(self) -> list[Route]:
        """All addresses under `/sandbox` but the human pages."""
        acts = Acts(self.desk)
        doors: dict[str, Act] = {
            "/pay": acts.pay,
            "/clock": self.clock,
            "/habits": self.habits,
            "/delivery": self.manner,
            "/delivery/release": self.release,
            "/delivery/retry": self.retry,
            "/events/resend": self.resend_all,
            "/events/{id}/resend": self.resend,
            "/sessions/{id}/expire": lambda name, _: sessions.expire(self.desk, name),
            "/sessions/{id}/settle": lambda name, _: acts.bank(name, None),
            "/sessions/{id}/fail": lambda name, told: acts.bank(name, told.get("reason", "")),
            "/charges/{id}/refund": acts.refund,
            "/charges/{id}/dispute": acts.dispute,
            "/disputes/{id}/win": lambda name, _: acts.close_dispute(name, won=True),
            "/disputes/{id}/lose": lambda name, _: acts.close_dispute(name, won=False),
            "/refunds/{id}/arrive": acts.arrive,
            "/refunds/{id}/fail": acts.fail_refund,
        }
        found = [self._door(path, act) for path, act in doors.items()]
        found += [
            Route("/sandbox/wait", self.wait, methods=["GET", "POST"]),
            Route("/sandbox/state", self.state),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
            Route("/sandbox/books", self.books),
            Route("/sandbox/events", self.events),
        ]
        return found + [self._shelf(name, kind) for name, kind in KINDS.items()]

    def _door(self, path: str, act: Act) -> Route:
        async def endpoint(request: Request) -> Response:
            if foreign(request):
                return answer(FORBIDDEN, 403)
            try:
                told = await told_by(request)
                done = act(request.path_params.get("id", ""), told)
            except Refused as refusal:
                return answer(refusal.body(), refusal.status)
            except (TypeError, ValueError) as error:
                return answer(invalid(f"This can't be understood: {error}.").body(), 400)
            self.desk.agenda.changed.set()
            await self.desk.books.kept()
            if "text/html" in request.headers.get("accept", ""):
                return RedirectResponse("/sandbox", 303)
            return answer(done)

        return Route("/sandbox" + path, endpoint, methods=["POST"])

    def _shelf(self, name: str, kind: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return answer({"data": self.desk.books.shelf(kind).things})

        return Route(f"/sandbox/{name}", endpoint)

    def clock(self, _: str, told: Told) -> Thing:
        """`freeze` (true, or Unix seconds), `advance` (seconds), `resume` (true)."""
        clock = self.desk.clock
        if freeze := told.get("freeze"):
            clock.freeze(None if freeze is True else float(freeze))
        if "advance" in told:
            clock.advance(float(told["advance"]))
        if told.get("resume"):
            clock.resume()
        done = self.desk.agenda.run_due()
        self.desk.annotate("clock", **clock.state())
        return {"now": clock.exact(), "frozen": clock.frozen_at is not None, "done": done}

    def habits(self, _: str, told: Told) -> Thing:
        """Sets how long banks take, and how answers of the API go wrong."""
        self._set(self.desk.habits, told)
        self.desk.annotate("habits", **asdict(self.desk.habits))
        return asdict(self.desk.habits)

    def manner(self, _: str, told: Told) -> Thing:
        """Sets how events travel from now on; turning `hold` off releases."""
        was_holding = self.delivery.manner.hold
        self._set(self.delivery.manner, told)
        if was_holding and not self.delivery.manner.hold:
            self.delivery.release()
        self.desk.annotate("manner", **asdict(self.delivery.manner))
        return asdict(self.delivery.manner)

    def _set(self, settings: object, told: Told) -> None:
        known: Told = dict(vars(settings))
        for name, value in told.items():
            if name not in known:
                raise invalid(f"There is no switch `{name}`; there are {', '.join(known)}.", name)
            wanted = type(known[name])
            right = isinstance(value, bool) if wanted is bool else isinstance(value, int | float)
            if not right or isinstance(value, bool) != (wanted is bool):
                raise invalid(f"`{name}` takes a {wanted.__name__}.", name)
        for name, value in told.items():
            setattr(settings, name, type(known[name])(value))

    def release(self, _: str, told: Told) -> Thing:
        """Sends what was held, and holds no more."""
        released = self.delivery.release()
        self.desk.annotate("manner", **asdict(self.delivery.manner))
        return {"released": released}

    def retry(self, _: str, told: Told) -> Thing:
        """Attempts at once whatever waits for its next attempt."""
        self.delivery.retry_now()
        return {"under_way": len(self.delivery.under_way)}

    def resend(self, identifier: str, _: Told) -> Thing:
        """Delivers one event again."""
        event = self.desk.find("event", "event", identifier, "id", 404)
        if self.delivery.url is None:
            raise invalid("There is no endpoint to deliver to.")
        self.delivery.resend(identifier)
        return event

    def resend_all(self, _: str, told: Told) -> Thing:
        """Delivers again all events, or those of some `types`, the oldest first."""
        types = told.get("types")
        names = [
            event["id"]
            for event in self.desk.books.shelf("event").oldest_first()
            if types is None or event["type"] in types
        ]
        for name in names:
            self.resend(name, {})
        return {"resent": len(names)}

    async def wait(self, request: Request) -> Response:
        """Answers when nothing is being delivered: 200, or 504 after `seconds` (30)."""
        told = await told_by(request) if request.method == "POST" else dict(request.query_params)
        self.desk.agenda.run_due()
        settled = await self.delivery.settled(float(told.get("seconds", 30)))
        body = {"settled": settled, "deliveries": self.delivery.counts()}
        return answer(body, 200 if settled else 504)

    async def reset(self, request: Request) -> Response:
        """Forgets everything and puts every switch back."""
        if foreign(request):
            return answer(FORBIDDEN, 403)
        self.desk.forget()
        await self.delivery.forget()
        self.desk.forget()
        await self.desk.books.kept()
        return answer({"forgotten": True})

    async def state(self, request: Request) -> Response:
        """How every switch stands."""
        clock = self.desk.clock
        return answer(
            {
                "clock": {"now": clock.exact(), "frozen": clock.frozen_at is not None},
                "habits": asdict(self.desk.habits),
                "delivery": asdict(self.delivery.manner),
                "deliveries": self.delivery.counts(),
                "endpoint": self.delivery.url,
            }
        )

    async def books(self, request: Request) -> Response:
        """The sandbox's own totals, by currency."""
        return answer(accounts.totals(self.desk.books))

    async def events(self, request: Request) -> Response:
        """Every event, the oldest first, with what became of its delivery."""
        notes = self.desk.books.shelf("note.delivery")
        listed = [
            {**event, "delivery": notes.get(event["id"])}
            for event in self.desk.books.shelf("event").oldest_first()
        ]
        return answer({"data": listed})
