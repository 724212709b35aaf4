"""Refusals of the API, for machines and for whoever reads their logs. Source: RFC 9457."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

from milepost.domain.errors import Closed, Conflict, Invalid, NotFound, Refusal, SoldOut

NONE: Mapping[str, str] = MappingProxyType({})
PROBLEM = "application/problem+json"


class Wrong(BaseModel):
    """One thing that is wrong with what was sent: in its body, or one of its parameters."""

    detail: str
    pointer: Annotated[str | None, Field(description="Where in the body, as RFC 6901 points.")] = (
        None
    )
    parameter: Annotated[
        str | None, Field(description="Of the path, the query or the headers.")
    ] = None


class Problem(BaseModel):
    """A refusal: what happened, to what, what to do. Source: RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None


STATUSES = {NotFound: 404, Invalid: 422, Closed: 409, SoldOut: 409, Conflict: 409}


def status_of(refusal: Refusal) -> int:
    """How HTTP calls it."""
    return next((s for kind, s in STATUSES.items() if isinstance(refusal, kind)), 400)


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] = NONE,
    wrong: Iterable[Wrong] = (),
    **more: Any,
) -> Response:
    """What is refused and why, with what is `wrong` one by one, and `more` that the kind tells."""
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors := [each.model_dump(exclude_none=True) for each in wrong]:
        said["errors"] = errors
    said |= more
    kept = {"cache-control": "no-store", **headers}
    return Response(orjson.dumps(said), status, kept, PROBLEM)
