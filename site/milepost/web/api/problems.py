"""Refusals of the API, for machines and for whoever reads their logs. Source: RFC 9457."""

from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response


def problem(status: int, detail: str, *, at: str | None = None, **headers: str) -> Response:
    """What is refused and why; `at` is a JSON pointer into what was sent (RFC 6901)."""
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if at is not None:
        said["errors"] = [{"pointer": at, "detail": detail}]
    kept = {"cache-control": "no-store", **headers}
    return Response(orjson.dumps(said), status, kept, "application/problem+json")
