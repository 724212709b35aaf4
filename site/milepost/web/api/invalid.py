"""What is wrong with what was sent, one by one, in words that say what to send instead."""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from milepost.web.api import events, fulfilments
from milepost.web.api.fields import LINE, PLACE, SLUG, TEXT
from milepost.web.api.gate import said
from milepost.web.api.parcels import GRANT
from milepost.web.api.problems import Wrong, problem

MOST = 20
WRONG = "Something is wrong with what was sent. Nothing was changed."
TAGS = (events.ONE, events.MANY, fulfilments.OF_GRANT, fulfilments.OF_PLEDGE)
PATTERNS = {
    PLACE: "Send the “next” of the page before.",
    GRANT: "Send a grant’s id as it was told, such as 3:41.",
    SLUG: "Send the last part of the campaign’s address: small letters, digits and hyphens.",
    LINE: "Line breaks and control characters can’t stand here.",
    TEXT: "Control characters can’t stand here.",
}
SENTENCES = {
    "json_invalid": "This is no JSON: {error}, at character {place}.",
    "extra_forbidden": "There is no such field here.",
    "model_attributes_type": "Send a JSON object here.",
    "dict_type": "Send a JSON object here.",
    "missing": "This is needed.",
}
NO_BODY = "Send a body of JSON."


async def invalid(request: Request, error: Exception) -> Response:
    """The answer to what the models have refused."""
    assert isinstance(error, RequestValidationError)
    return problem(422, said(WRONG), wrong=[_wrong(each) for each in error.errors()[:MOST]])


def _wrong(error: Mapping[str, Any]) -> Wrong:
    place, *rest = error["loc"]
    if place != "body":
        return Wrong(detail=_detail(error), parameter=str(rest[0]) if rest else "")
    if error["type"] == "json_invalid":
        return Wrong(detail=_detail(error, rest[0] if rest else 0), pointer="")
    if error["type"] == "missing" and not rest:
        return Wrong(detail=NO_BODY, pointer="")
    parts = (part for part in rest if part not in TAGS)
    return Wrong(detail=_detail(error), pointer="".join(f"/{part}" for part in parts))


def _detail(error: Mapping[str, Any], place: object = 0) -> str:
    told: Mapping[str, str] = error.get("ctx", {})
    message = str(error["msg"])
    if error["type"] == "string_pattern_mismatch":
        return PATTERNS.get(told["pattern"], message)
    sentence = SENTENCES.get(error["type"], message)
    if error["type"] == "json_invalid":
        return sentence.format(error=told.get("error", "it ends too early"), place=place)
    return sentence
