"""The hosted pages: pay, authenticate, done; and the sandbox's own page for people."""

from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from . import accounts, attempts, checkout, form, sessions
from .books import Thing
from .cards import ACCOUNTS, BANK_OF_CURRENCY, CARDS
from .countries import named
from .currencies import decimals, written
from .desk import Desk
from .errors import Refused

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' http: https: data:; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "CA$", "aud": "A$", "nzd": "NZ$"}
VERBS = {"donate": "Donate", "book": "Book", "subscribe": "Subscribe"}
RECENT = 30


def money(amount: int, currency: str) -> str:
    """An amount as buyers read it."""
    if sign := SIGNS.get(currency):
        places = decimals(currency)
        return f"{sign}{amount / 10**places:,.{places}f}"
    return written(amount, currency)


def spaced(number: str) -> str:
    """A card or account number in groups of four."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _recurs(items: list[Thing]) -> str:
    """How often a subscription is paid, as buyers read it: “month”, “3 months”."""
    recurring = items[0]["price"]["recurring"]
    interval, count = recurring["interval"], recurring["interval_count"]
    return str(interval) if count == 1 else f"{count} {interval}s"


class Pages:
    """HTML over one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        here = Path(__file__).parent / "templates"
        self.templates = Environment(loader=FileSystemLoader(here), autoescape=True)
        self.templates.filters.update(spaced=spaced)
        self.templates.globals.update(money=money)

    def routes(self) -> list[Route]:
        """The addresses of pages for people."""
        return [
            Route("/pay/{id}", self.pay, methods=["GET", "POST"]),
            Route("/pay/{id}/authenticate", self.authenticate, methods=["GET", "POST"]),
            Route("/authenticate/{id}", self.authenticate_intent, methods=["GET", "POST"]),
            Route("/sandbox", self.books),
            Route("/sandbox/charges/{id}", self.receipt),
            Route("/", lambda request: RedirectResponse("/sandbox")),
        ]

    def show(self, name: str, status: int = 200, **facts: Any) -> Response:
        """A rendered page."""
        return HTMLResponse(self.templates.get_template(name).render(facts), status, HEADERS)

    async def pay(self, request: Request) -> Response:
        """The payment page of a session; its form posts to itself."""
        identifier = request.path_params["id"]
        typed = {name: str(value) for name, value in (await request.form()).items()}
        self.desk.agenda.run_due()  # from here to the outcome nothing else happens in the books
        session = self.desk.books.get("checkout.session", identifier)
        if session is None:
            return self.show("done.html", 404, session=None)
        if session["status"] != "open":
            if request.method == "POST" and session["status"] == "complete":
                return RedirectResponse(sessions.landing(session), 303)
            return self._done(session)
        if request.method == "GET":
            return self._form(session, self._prefilled(session, request), {})
        outcome = checkout.pay(self.desk, identifier, typed)
        await self.desk.books.kept()
        if outcome.next_url is not None:
            return RedirectResponse(outcome.next_url, 303)
        return self._form(session, typed, outcome.problems, 402 if outcome.error else 422)

    def _done(self, session: Thing) -> Response:
        paid = session["status"] == "complete"
        url = sessions.landing(session) if paid else session["cancel_url"]
        return self.show("done.html", 200, session=session, url=url)

    def _prefilled(self, session: Thing, request: Request) -> dict[str, str]:
        details = session["customer_details"] or {}
        typed: dict[str, str] = dict(self.desk.note(session["id"]).get("typed", {}))
        typed.setdefault("email", details.get("email") or "")
        chosen = request.query_params.get("card", "")
        if chosen in CARDS:
            cvc = "1234" if CARDS[chosen].brand == "amex" else "123"
            typed |= {"method": "card", "number": spaced(chosen), "expiry": "12 / 34", "cvc": cvc}
        elif chosen in ACCOUNTS:
            typed |= {"method": "bank", "account": chosen, "routing": "110000000"}
        return typed

    def _form(
        self, session: Thing, typed: dict[str, str], problems: dict[str, str], status: int = 200
    ) -> Response:
        note = self.desk.note(session["id"])
        items = [
            {**item, **{k: v for k, v in self.desk.note(item["id"]).items() if k != "id"}}
            for item in note["line_items"]
        ]
        bank = BANK_OF_CURRENCY.get(session["currency"] or "usd")
        kinds = session["payment_method_types"]
        recurs = _recurs(items) if session["mode"] == "subscription" else ""
        collected = session["shipping_address_collection"]
        rates = [
            {**self.desk.books.the("shipping_rate", option["shipping_rate"]), **option}
            for option in session["shipping_options"]
        ]
        return self.show(
            "pay.html",
            status,
            session=session,
            items=items,
            typed=typed,
            problems=problems,
            free=form.costs_nothing(session),
            bank=bank if bank in kinds else None,
            takes_card="card" in kinds,
            accounts=[account for account in ACCOUNTS.values() if account.type == bank],
            cards=[card for card in CARDS.values() if card.listed],
            countries=named(),
            ship_countries=named(collected["allowed_countries"]) if collected else None,
            rates=rates,
            saves=bool(note["intent"].get("setup_future_usage")),
            seller=note["branding"].get("display_name"),
            verb="Subscribe" if recurs else VERBS.get(session["submit_type"], "Pay"),
            recurs=recurs,
        )

    async def authenticate(self, request: Request) -> Response:
        """The bank's question to a card's holder, within a session."""
        identifier = request.path_params["id"]
        accepted = (await request.form()).get("answer") == "accept"
        session = self.desk.books.get("checkout.session", identifier)
        if session is None or session["status"] == "expired":
            return self.show("done.html", 404, session=session, url=None)
        about = checkout.intent_of(self.desk, session)
        about = about or self.desk.books.get("setup_intent", session["setup_intent"])
        if session["status"] == "complete":
            return RedirectResponse(sessions.landing(session), 303)
        if about is None or about["status"] != "requires_action":
            return RedirectResponse(f"/pay/{identifier}", 303)
        if request.method == "GET":
            return self._question(about)
        outcome = checkout.authenticate(self.desk, identifier, accepted)
        await self.desk.books.kept()
        if outcome.next_url is not None:
            return RedirectResponse(outcome.next_url, 303)
        typed = self.desk.note(identifier)["typed"]  # all but the CVC, which nobody keeps
        typed = {**typed, "number": spaced(typed["number"])}
        return self._form(session, typed, outcome.problems, 402)

    def _question(self, about: Thing) -> Response:
        method = self.desk.books.the("payment_method", about["payment_method"])
        return self.show("authenticate.html", about=about, last4=method["card"]["last4"])

    async def authenticate_intent(self, request: Request) -> Response:
        """The same question for a payment intent confirmed by API with a `return_url`."""
        accepted = (await request.form()).get("answer") == "accept"
        intent = self.desk.books.get("payment_intent", request.path_params["id"])
        if intent is None or intent["status"] != "requires_action":
            return self.show("done.html", 404, session=None)
        if request.method == "GET":
            return self._question(intent)
        back = intent["next_action"]["redirect_to_url"]["return_url"]
        attempts.answer_holder(self.desk, intent, accepted)
        await self.desk.books.kept()
        if back is None:
            return self.show("done.html", session=None)
        status = "succeeded" if intent["status"] == "succeeded" else "failed"
        joint = "&" if "?" in back else "?"
        return RedirectResponse(
            f"{back}{joint}payment_intent={intent['id']}"
            f"&payment_intent_client_secret={intent['client_secret']}&redirect_status={status}",
            303,
        )

    async def books(self, request: Request) -> Response:
        """What has happened here, and the switches, for people."""
        books = self.desk.books

        def recent(kind: str) -> list[Thing]:
            return list(islice(books.shelf(kind).newest_first(), RECENT))

        events = [
            {**event, "delivery": books.get("note.delivery", event["id"])}
            for event in recent("event")
        ]
        return self.show(
            "books.html",
            totals=accounts.totals(books),
            events=events,
            sessions=recent("checkout.session"),
            charges=recent("charge"),
            refunds=recent("refund"),
            disputes=recent("dispute"),
            now=self.desk.clock.now(),
            frozen=self.desk.clock.frozen_at is not None,
        )

    async def receipt(self, request: Request) -> Response:
        """A charge's receipt."""
        try:
            charge = self.desk.find("charge", "charge", request.path_params["id"], "charge", 404)
        except Refused:
            return self.show("done.html", 404, session=None)
        return self.show("receipt.html", charge=charge)
