"""docs/api.md, from the OpenAPI document and from calls that were really made.

`make reference` writes it; tests/web/api/test_reference.py compares.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 3  # things that a list in an example shows


@dataclass(frozen=True)
class Made:
    """A call that was made of an operation, and its answer."""

    call: str
    sent: Any
    status: int
    answer: Any


def reference(document: Mapping[str, Any], made: Mapping[str, Made]) -> str:
    """The whole page, in Markdown."""
    return "\n".join(_page(document, made)) + "\n"


def _page(document: Mapping[str, Any], made: Mapping[str, Made]) -> Iterator[str]:
    yield "# The HTTP API"
    yield ""
    yield (
        "This page is made from the document that the API gives of itself,"
        " `/api/v1/openapi.json`; each example is a call that the tests make."
    )
    yield ""
    yield document["info"]["description"].rstrip()
    for tag, operations in _by_tag(document).items():
        yield ""
        yield f"## {tag}"
        for method, path, operation in operations:
            yield ""
            yield from _operation(document, method, path, operation, made)


def _by_tag(document: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Any]]]:
    found: dict[str, list[tuple[str, str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return found


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Any, made: Mapping[str, Made]
) -> Iterator[str]:
    yield f"### {operation['summary']}"
    yield ""
    scopes = [scope for one in operation.get("security", ()) for scope in one["token"]]
    yield f"`{method} /api/v1{path}`" + (f" · scope `{scopes[0]}`" if scopes else " · no token")
    if "description" in operation:
        yield ""
        yield operation["description"].strip()
    fields = [*_parameters(operation), *_body(document, operation)]
    if fields:
        yield ""
        yield from fields
    example = made.get(operation["operationId"])
    if example is not None:
        yield ""
        yield from _example(example)


def _parameters(operation: Any) -> Iterator[str]:
    for each in operation.get("parameters", ()):
        if each["name"] in ("Idempotency-Key", "idempotency-key", "If-Match", "limit", "after"):
            continue  # said of all of them at the top
        text = each.get("description") or each["schema"].get("description", "")
        yield f"- `{each['name']}` ({each['in']}){_said(text, each['schema'])}"


def _said(text: str, schema: Mapping[str, Any]) -> str:
    """What is said of a field, with the values among which to choose."""
    kinds = (schema, *schema.get("anyOf", ()))
    if "const" in schema:
        text = f"{text} `{schema['const']}`.".strip()
    values = ", ".join(f"`{value}`" for kind in kinds for value in kind.get("enum", ()))
    told = " ".join(part for part in (text, f"One of {values}." if values else "") if part)
    return f": {told}" if told else ""


def _body(document: Mapping[str, Any], operation: Any) -> Iterator[str]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from _fields(document, content["schema"], "", set())


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any], before: str, seen: set[str]
) -> Iterator[str]:
    """Each field of what is sent, with what is said of it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return
        seen |= {name}
        schema = document["components"]["schemas"][name]
    choices = (*schema.get("oneOf", ()), *schema.get("anyOf", ()))
    names = _one_of(document, choices)
    told: set[str] = set()  # what several choices have in common is said once
    for choice in choices:
        for line in _fields(document, choice, before, seen):
            if names:
                line = line.replace("(body, needed)", f"(body, {names})")
            if not names or line not in told:
                yield line
            told.add(line)
    if schema.get("type") == "array":
        yield from _fields(document, schema["items"], f"{before}[]", seen)
    for name, field in schema.get("properties", {}).items():
        needed = ", needed" if name in schema.get("required", ()) else ""
        text = field.get("description", "")
        place = f"{before}.{name}".lstrip(".")
        yield f"- `{place}` (body{needed}){_said(text, field)}"
        yield from _fields(document, field, place, seen)


def _one_of(document: Mapping[str, Any], choices: Sequence[Any]) -> str:
    """How needed the field is by which choices differ; empty where they differ by more."""
    schemas = document["components"]["schemas"]
    needed = [
        schemas[c["$ref"].rpartition("/")[2]].get("required", []) for c in choices if "$ref" in c
    ]
    alone = len(needed) == len(choices) > 1 and all(len(each) == 1 for each in needed)
    return "either " + " or ".join(f"`{name}`" for (name,) in needed) if alone else ""


def _example(made: Made) -> Iterator[str]:
    yield "```http"
    yield made.call.replace(" ", " /api/v1", 1)
    if made.sent is not None:
        yield ""
        yield _json(made.sent)
    yield "```"
    if made.answer:
        yield "```json"
        yield _json(made.answer)
        yield "```"


def _json(value: Any) -> str:
    return json.dumps(_short(value), indent=2, ensure_ascii=False)


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(each) for each in value[:LONGEST]]
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items()}
    return value
