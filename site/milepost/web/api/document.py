"""The OpenAPI document of the API: what FastAPI knows, and what every operation may answer."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from milepost.web.api.hook_bodies import add_webhooks
from milepost.web.api.problems import PROBLEM, Problem

# What an operation may answer besides what it says itself; those of every one, and more of some.
OF_EACH = {
    401: "No token, or none that works.",
    403: "The token may not do this.",
    404: "It does not exist in this store.",
    422: "What was sent can’t be used; `errors` says where.",
    429: "The token has asked too often; `Retry-After` says for how many seconds to wait.",
    503: "The database can’t be reached just now. Nothing was changed.",
}
OF_UNSAFE = {
    400: "No `Idempotency-Key`, or a body or an `If-Match` that can’t be read.",
    409: "The present state does not allow it.",
    413: "More than can be sent at once.",
    415: "Not JSON.",
}
OF_EDITS = {
    412: "It has changed since its `ETag` was read.",
    428: "`If-Match` is missing.",
}
PACE = {
    "RateLimit-Policy": "How many calls the token has, and in how many seconds.",
    "RateLimit": "How many of them are left, and for how many seconds more.",
}


def document(api: FastAPI) -> dict[str, Any]:
    """The document of `api`. Source: OpenAPI Specification 3.1."""
    told = FastAPI.openapi(api)
    told["servers"] = [{"url": "/api/v1"}]
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    made = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas |= made.pop("$defs", {}) | {"Problem": made}
    add_webhooks(told)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    told["components"]["headers"] = {
        name: {"description": description, "schema": {"type": "string"}}
        for name, description in (
            PACE | {"ETag": "What an edit stands on: send as `If-Match`."}
        ).items()
    }
    last = {path: one for path, one in told["paths"].items() if path.startswith("/cart")}
    told["paths"] = {path: one for path, one in told["paths"].items() if path not in last} | last
    for path in told["paths"].values():
        is_edited = any("If-Match" in _parameters(operation) for operation in path.values())
        for method, operation in path.items():
            _say_what_it_does(operation)
            _say_headers(operation, is_edited and method in ("get", "patch", "put"))
            _say_refusals(method, operation)
    return told


def _parameters(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", ())}


def _say_what_it_does(operation: dict[str, Any]) -> None:
    """The first sentence of what is written in the code is its title."""
    first, _, rest = operation.pop("description", operation["summary"]).partition("\n\n")
    operation["summary"] = " ".join(first.split()).rstrip(".")
    if rest:
        operation["description"] = rest


def _say_headers(operation: dict[str, Any], has_etag: bool) -> None:
    names = [*(PACE if "security" in operation else ()), *(["ETag"] if has_etag else ())]
    for status, answer in operation["responses"].items():
        if status.startswith("2") and names:
            known = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
            answer["headers"] = known | answer.get("headers", {})
            answer["description"] = "Done."


def _say_refusals(method: str, operation: dict[str, Any]) -> None:
    refusals = dict(OF_EACH)
    if method != "get":
        refusals |= OF_UNSAFE
    if "If-Match" in _parameters(operation):
        refusals |= OF_EDITS
    if "security" not in operation:
        for status in (401, 403):
            del refusals[status]
    own = [
        s for s, answer in operation["responses"].items() if PROBLEM in answer.get("content", ())
    ]
    for status in own:  # it says more of this one itself; FastAPI takes its model for plain JSON
        content = operation["responses"][status]["content"]
        content[PROBLEM] = content.pop("application/json")
    for status, description in sorted(refusals.items()):
        if str(status) in own:
            continue
        schema = {"$ref": "#/components/schemas/Problem"}
        operation["responses"][str(status)] = {
            "description": description,
            "content": {PROBLEM: {"schema": schema}},
        }
