"""What all operations share: each unsafe one is done once under its key.

Writing one: `router = operations("Grants")`, then a function that takes what it reads as typed
parameters, `call: Annotated[Call, may(SCOPE)]` among them, and gives back a model. Its name is its
operation id, the first line of its docstring its summary.
"""

import re
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from milepost.services.api_tokens import Opened
from milepost.services.calling import Answer, Said, once
from milepost.web.api.gate import said
from milepost.web.guard import SAFE

KEY = re.compile(r"[\x21-\x7e]{1,200}")
KEEP = ("content-type", "etag", "location")  # headers of an answer that are kept with it
NO_KEY = (
    "Send an Idempotency-Key of up to 200 visible ASCII characters, a new one for each call that"
    " is not a repetition."
)


async def _key(
    idempotency_key: Annotated[
        str,
        Header(
            pattern=rf"^{KEY.pattern}$",
            description="A name of your own for this call. Said again under it within a week, it"
            " is not done again and gets the same answer.",
            examples=["5f0c7b1e-ship-41"],
        ),
    ],
) -> None:
    """For the document; `Operation` reads it."""


class Operation(APIRoute):
    """A route whose unsafe methods are done once, few of them at a time.

    Whoever waits for a row or a key holds a connection; the pages need some of them too.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not set(options.get("methods") or ["GET"]) <= SAFE:
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(_key)]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        handle = super().get_route_handler()
        known = {field.alias for field in get_flat_params(self.dependant)}
        known -= set(self.param_convertors)

        async def answer(request: Request) -> Response:
            opened: Opened | None = request.state.opened
            if opened is not None:
                _refuse_unknown(request, known)
            if request.method in SAFE or opened is None:
                return await handle(request)
            key = request.headers.get("idempotency-key", "")
            if not KEY.fullmatch(key):
                raise HTTPException(400, said(NO_KEY))
            what = f"{request.method} {request.url.path}?{request.url.query}".encode()
            precondition = request.headers.get("if-match", "").encode()
            hashed = sha256(b"\n".join((what, precondition, await request.body()))).digest()
            call = Said(f"token:{opened.id}", key, hashed, opened.id)

            async def act() -> Answer:
                response = await handle(request)
                kept = {k: response.headers[k] for k in KEEP if k in response.headers}
                return Answer(response.status_code, kept, bytes(response.body))

            site = request.state.site
            async with site.writing:
                done, again = await once(site.database, call, site.clock(), act)
            headers = done.headers | ({"idempotency-replayed": "true"} if again else {})
            return Response(done.body, done.status, headers)

        return answer


def _refuse_unknown(request: Request, known: set[str]) -> None:
    """A filter that is misspelt must not list everything. Raises RequestValidationError."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        names = ", ".join(sorted(known)) or "none"
        message = f"There is no such parameter here; those there are: {names}."
        raise RequestValidationError(
            [
                {"type": "unknown_parameter", "loc": ("query", name), "msg": message}
                for name in unknown
            ]
        )


def operations(about: str) -> APIRouter:
    """A router for the operations about something, under one heading of the document."""
    return APIRouter(route_class=Operation, tags=[about])
