"""A sandbox as its users meet it: a process, Stripe's own library, and an endpoint for events."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx
import stripe

from tests.waiting import PATIENCE

SITE = Path(__file__).parents[2] / "site"
KEY = "sk_test_for_tests"
SECRET = "whsec_for_tests"
PRINT = {"name": "Signed print", "description": "A2, on cotton paper"}


class Endpoint:
    """Takes events as a shop would; answers 200, or the next of `answers` while there are some."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.answers: list[int] = []
        self.arrived = threading.Condition()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                header = self.headers["Stripe-Signature"]
                stripe.WebhookSignature.verify_header(body.decode(), header, SECRET, 300)
                with endpoint.arrived:
                    status = endpoint.answers.pop(0) if endpoint.answers else 200
                    endpoint.bodies.append(body)
                    endpoint.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def taken(self) -> list[stripe.Event]:
        """The events taken so far, in order of arrival."""
        return [stripe.Event.construct_from(json.loads(body), KEY) for body in self.bodies]

    def of(self, kind: str) -> list[stripe.Event]:
        """The events taken of one type."""
        return [event for event in self.taken if event.type == kind]

    def wait_for(self, count: int, within: float = PATIENCE) -> None:
        """Returns when `count` deliveries have arrived."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.bodies) >= count, within)
        assert came, f"only {len(self.bodies)} of {count} deliveries came"


class Sandbox:
    """One running sandbox."""

    def __init__(self, endpoint: Endpoint | None = None, *options: str) -> None:
        self.endpoint = endpoint
        self.options = list(options)
        if endpoint is not None:
            self.options += ["--webhook-url", endpoint.url, "--webhook-secret", SECRET]
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.stop()
            assert self.last_words == "", self.last_words

    def start(self) -> None:
        """Starts the process and waits for its one line."""
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `stop`
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milepost.sandbox", "--key", KEY, *self.options],
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
            cwd=SITE,
            env={**os.environ, "PYTHONPATH": str(SITE)},
        )
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()
        assert "ready on" in self.ready, self.said()
        self.url = self.ready.split()[4]
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=40)
        self.transport: Any = stripe.RequestsClient()
        self.stripe: Any = self.client()  # whatever a test says, so that it can say nonsense

    def client(self, key: str = KEY, **options: Any) -> stripe.StripeClient:
        """Stripe's own client, pointed here; it retries nothing by itself."""
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            http_client=self.transport,
            max_network_retries=0,
            **options,
        )

    def switch(self, path: str, **told: Any) -> Any:
        """Turns a switch; its answer must be a success."""
        answer = self.http.post(f"/sandbox/{path}", json=told)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all(self, shelf: str) -> list[dict[str, Any]]:
        """All things of a kind, from the sandbox's own books."""
        found: list[dict[str, Any]] = self.http.get(f"/sandbox/{shelf}").json()["data"]
        return found

    def settle(self) -> list[str]:
        """Waits until nothing is being delivered; the types taken so far, in order of record.

        They are sent in that order too, but overtake each other, as Stripe's do.
        """
        told = self.switch("wait", seconds=30)
        assert told["settled"]
        place = {event["id"]: at for at, event in enumerate(self.all("events"))}
        taken = sorted(self.endpoint.taken if self.endpoint else [], key=lambda e: place[e.id])
        return [event.type for event in taken]

    def session(self, amount: int = 4500, currency: str = "usd", **more: Any) -> Any:
        """An open session for one print."""
        price = {"currency": currency, "unit_amount": amount, "product_data": PRINT}
        given: dict[str, Any] = {
            "mode": "payment",
            "success_url": "http://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.example/cart",
            "line_items": [{"price_data": price, "quantity": 1}],
        }
        return self.stripe.v1.checkout.sessions.create({**given, **more})

    def setup_session(self, **more: Any) -> Any:
        """An open session that saves a payment method."""
        given = {"mode": "setup", "currency": "usd", "success_url": "http://shop.example/saved"}
        return self.stripe.v1.checkout.sessions.create({**given, **more})

    def subscription_session(self, amount: int = 1200, **more: Any) -> Any:
        """An open session for one print every month."""
        price = {
            "currency": "usd",
            "unit_amount": amount,
            "product_data": PRINT,
            "recurring": {"interval": "month"},
        }
        return self.session(
            **{
                "mode": "subscription",
                "line_items": [{"price_data": price, "quantity": 1}],
                "subscription_data": {"metadata": {"shelf": "prints"}},
                **more,
            }
        )

    def subscription(self, card: str = "4242424242424242", **more: Any) -> Any:
        """The session of a subscription that was begun with this card."""
        session = self.subscription_session(**more)
        assert self.pay(session, card)["status"] == "complete"
        return session

    def pay_later_with(self, subscription: str, token: str) -> None:
        """From now on its invoices are paid with a card that stands behind a test token."""
        v1 = self.stripe.v1
        customer = v1.subscriptions.retrieve(subscription).customer
        saved = v1.payment_methods.attach(token, {"customer": customer})
        v1.subscriptions.update(subscription, {"default_payment_method": saved.id})

    def pay(self, session: Any, card: str = "4242424242424242", **more: Any) -> Any:
        """Pays a session by the scripted door."""
        return self.switch("pay", session=session.id, card=card, **more)

    def charge_saved(self, customer: str, method: str, key: str | None = None, **more: Any) -> Any:
        """Charges a saved payment method while its holder is away."""
        given: dict[str, Any] = {
            "amount": 900,
            "currency": "usd",
            "customer": customer,
            "payment_method": method,
            "off_session": True,
            "confirm": True,
            **more,
        }
        options: stripe.RequestOptions = {"idempotency_key": key} if key else {}
        return self.stripe.v1.payment_intents.create(given, options)

    def retrieve(self, session: Any, *expand: str) -> Any:
        """The session as it is now."""
        return self.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": list(expand)})

    def form(self, **typed: str) -> dict[str, str]:
        """The hosted form, filled in well."""
        return {
            "method": "card",
            "email": "dana@example.org",
            "name": "Dana Backer",
            "number": "4242 4242 4242 4242",
            "expiry": "12 / 34",
            "cvc": "123",
            "country": "US",
            "postal_code": "94107",
            **typed,
        }

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the process and says how it ended."""
        self.http.close()
        self.transport.close()
        self.process.send_signal(how)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.last_words = self.process.stdout.read() + self.said()
        self.process.stdout.close()
        self.complaints.close()
        return code

    def said(self) -> str:
        """What it wrote to its standard error."""
        self.complaints.seek(0)
        return self.complaints.read()


def soon(now: float | None = None) -> int:
    """A moment that a session may expire at."""
    return int(now or time.time()) + 1860
