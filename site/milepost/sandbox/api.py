"""One call of the API, from its headers to its answer."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from . import idempotency
from .desk import Desk
from .errors import Refused
from .expand import expanded
from .identifiers import new_id
from .parameters import checked, read_form, refuse_uncovered
from .routes import EVERYTHING, Route

Endpoint = Callable[[Request], Awaitable[Response]]


class LostAnswer(Response):
    """An answer that breaks off: the work was done, and its caller can't know."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def check_key(request: Request, key: str) -> None:
    """Refuse a caller without the sandbox's secret key (source: "Authentication")."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            value = ""
    if not value:
        raise Refused(
            401,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    if value.strip() != key:
        shown = value[:8] + "*" * max(0, len(value) - 12) + value[-4:]
        raise Refused(401, "invalid_request_error", f"Invalid API Key provided: {shown}")


def check_version(request: Request, spoken: str) -> None:
    """Refuse a version that isn't one, or isn't the one that the sandbox speaks."""
    asked = request.headers.get("stripe-version", spoken)
    if asked == spoken:
        return
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?", asked):
        message = f"The sandbox speaks API version {spoken} only, not {asked}."
    else:
        message = f"Invalid Stripe API version: {asked}."
    raise Refused(400, "invalid_request_error", message)


class Api:
    """Answers calls with the desk's work; remembers which idempotency keys are being answered."""

    def __init__(self, desk: Desk, key: str, version: str) -> None:
        self.desk = desk
        self.key = key
        self.version = version
        self.busy: set[str] = set()

    def endpoint(self, route: Route) -> Endpoint:
        """The handler of one address."""

        async def answer(request: Request) -> Response:
            name = new_id("req", 14)
            try:
                check_key(request, self.key)
                check_version(request, self.version)
                status, body, replayed = await self._answer(request, route, name)
            except Refused as refusal:
                status, body, replayed = refusal.status, orjson.dumps(refusal.body()), False
            if self.desk.habits.lose_after > 0 and request.method == "POST":
                self.desk.habits.lose_after -= 1
                return LostAnswer()
            return self._response(request, status, body, name, replayed)

        return answer

    async def _answer(self, request: Request, route: Route, name: str) -> tuple[int, bytes, bool]:
        habits = self.desk.habits
        if habits.fail_before > 0:
            habits.fail_before -= 1
            raise Refused(500, "api_error", "The sandbox was told to fail.")
        posted = request.method == "POST"
        text = (await request.body()).decode() if posted else request.url.query
        raw = read_form(text)
        key = request.headers.get("idempotency-key") if posted else None
        path, given_as = request.url.path, idempotency.fingerprint(text)
        if key is not None:
            if key in self.busy:
                raise idempotency.in_use(key)
            if known := idempotency.recall(self.desk, key, path, given_as):
                return known["status"], orjson.dumps(known["body"]), True
        given = checked(raw, route.takes)
        if route.covered is not EVERYTHING:
            refuse_uncovered(given, route.covered, f"{route.method} {route.path}")
        if key is not None:
            self.busy.add(key)
        try:
            status, body = self._work(route, request.path_params.get("id", ""), given, name, key)
            if key is not None:
                idempotency.save(self.desk, key, path, given_as, status, orjson.Fragment(body))
            await self.desk.books.kept()
            if habits.answer_seconds:
                await asyncio.sleep(habits.answer_seconds)
        finally:
            if key is not None:
                self.busy.discard(key)
        return status, body, False

    def _work(
        self, route: Route, identifier: str, given: dict[str, object], name: str, key: str | None
    ) -> tuple[int, bytes]:
        """The work itself, in one go: nothing else happens in the books meanwhile."""
        self.desk.agenda.run_due()
        expand = given.pop("expand", [])
        try:
            with self.desk.events.caused_by(name, key):
                thing = route.work(self.desk, identifier, given)
            paths = [str(path) for path in expand] if isinstance(expand, list) else []
            return 200, orjson.dumps(expanded(self.desk, thing, paths))
        except Refused as refusal:
            return refusal.status, orjson.dumps(refusal.body())

    def _response(
        self, request: Request, status: int, body: bytes, name: str, replayed: bool
    ) -> Response:
        headers = {"Request-Id": name, "Stripe-Version": self.version}
        if key := request.headers.get("idempotency-key"):
            headers["Idempotency-Key"] = key
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return Response(body, status, headers, media_type="application/json")

    async def unknown(self, request: Request) -> Response:
        """An address that Stripe doesn't have, or the sandbox doesn't."""
        where = f"{request.method}: {request.url.path}"
        refusal = Refused(
            404,
            "invalid_request_error",
            f"Unrecognized request URL ({where}). The sandbox speaks only a part of Stripe's API.",
        )
        body = orjson.dumps(refusal.body())
        return self._response(request, refusal.status, body, new_id("req", 14), False)
