"""Parameters as Stripe's own library declares them: anything else is refused.

The shapes come from the `TypedDict`s of `stripe.params`, so the sandbox can't grow a parameter that
Stripe doesn't have. Source: Stripe API reference; the wording of refusals follows its error codes.
"""

import re
import sys
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ForwardRef, Literal, NotRequired, Required, Union, get_args, get_origin
from urllib.parse import parse_qsl

from stripe import RequestOptions

from .errors import Refused, invalid, missing_param

Raw = str | dict[str, "Raw"] | list["Raw"]
OF_THE_REQUEST = frozenset(RequestOptions.__annotations__)
"""What the library's TypedDicts carry for itself (key, headers …), never sent as parameters."""


@dataclass(frozen=True)
class Shape:
    """What a parameter may hold; a union is several shapes."""

    kind: str
    allowed: frozenset[str] = frozenset()
    item: "tuple[Shape, ...]" = ()
    fields: "dict[str, tuple[Shape, ...]]" = field(default_factory=dict, hash=False)
    required: frozenset[str] = frozenset()


def shapes_of(annotation: Any, module: str) -> tuple[Shape, ...]:
    """The shapes that an annotation of the library allows."""
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        annotation = eval(annotation, {**vars(sys.modules[module])})
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (NotRequired, Required):
        return shapes_of(arguments[0], module)
    if origin is Union or type(annotation).__name__ == "UnionType":
        found = [shape for part in arguments for shape in shapes_of(part, module)]
        closed = [shape for shape in found if shape.kind == "choice"]
        named = frozenset(word for shape in closed for word in shape.allowed) - {""}
        if named:  # `Literal["a", "b"] | str`: the library leaves its choices open, Stripe doesn't
            found = [shape for shape in found if shape.kind != "text"]
        return tuple(found)
    if origin is Literal:
        return (Shape("choice", frozenset(str(word) for word in arguments)),)
    if origin is list:
        return (Shape("list", item=shapes_of(arguments[0], module)),)
    if origin is dict:
        return (Shape("mapping"),)
    if isinstance(annotation, type) and hasattr(annotation, "__required_keys__"):
        return (shape_of(annotation),)
    plain = {str: "text", int: "integer", bool: "boolean", float: "decimal", Decimal: "decimal"}
    if kind := plain.get(annotation):
        return (Shape(kind),)
    return ()


@cache
def shape_of(declared: type) -> Shape:
    """The shape of one of the library's `TypedDict`s, without what it carries for itself."""
    fields = {
        name: shapes_of(annotation, declared.__module__)
        for name, annotation in declared.__annotations__.items()
        if name not in OF_THE_REQUEST
    }
    needed: frozenset[str] = getattr(declared, "__required_keys__", frozenset())
    return Shape("object", fields=fields, required=needed & fields.keys())


def read_form(text: str) -> dict[str, Raw]:
    """A form or query with bracketed names, nested: `a[b][0]=c` → `{"a": {"b": ["c"]}}`."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = re.findall(r"[^\[\]]+|\[\]", name) or [name]
        place: dict[str, Any] = tree
        steps = [head, *rest]
        for step in steps[:-1]:
            step = str(len(place)) if step == "[]" else step
            below = place.setdefault(step, {})
            if not isinstance(below, dict):
                raise invalid(f"Invalid hash: {name}", name)
            place = below
        last = str(len(place)) if steps[-1] == "[]" else steps[-1]
        place[last] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Raw:
    """Numbered keys become a list, in order of their numbers."""
    if not isinstance(value, dict):
        return str(value)
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(below) for key, below in value.items()}


def checked(raw: dict[str, Raw], declared: type) -> dict[str, Any]:
    """The parameters as typed values; unknown, missing and misshapen ones are refused."""
    unknown: list[str] = []
    values = _object(raw, shape_of(declared), "", unknown)
    if unknown:
        several = "s" if len(unknown) > 1 else ""
        raise invalid(
            f"Received unknown parameter{several}: {', '.join(unknown)}",
            unknown[0],
            "parameter_unknown",
        )
    return values


def _object(raw: dict[str, Raw], shape: Shape, name: str, unknown: list[str]) -> dict[str, Any]:
    values = {}
    for key, value in raw.items():
        full = f"{name}[{key}]" if name else key
        if key in shape.fields:
            values[key] = _value(value, shape.fields[key], full, unknown)
        else:
            unknown.append(full)
    for key in sorted(shape.required - raw.keys()):
        raise missing_param(f"{name}[{key}]" if name else key)
    return values


def _value(raw: Raw, shapes: tuple[Shape, ...], name: str, unknown: list[str]) -> Any:
    kinds = {shape.kind: shape for shape in shapes}
    if isinstance(raw, dict):
        if "mapping" in kinds:
            return {key: _text(value, f"{name}[{key}]") for key, value in raw.items()}
        if "object" in kinds:
            return _object(raw, kinds["object"], name, unknown)
        raise invalid(f"Invalid {_wanted(kinds)}: {name}", name)
    if isinstance(raw, list):
        if "list" in kinds:
            items = kinds["list"].item
            return [_value(item, items, f"{name}[{i}]", unknown) for i, item in enumerate(raw)]
        if "mapping" in kinds:  # metadata whose keys are all numbers
            return {str(i): _text(item, name) for i, item in enumerate(raw)}
        raise invalid(f"Invalid {_wanted(kinds)}: {name}", name)
    return _plain(raw, shapes, kinds, name)


def _plain(raw: str, shapes: tuple[Shape, ...], kinds: dict[str, Shape], name: str) -> Any:
    choices = frozenset(word for s in shapes if s.kind == "choice" for word in s.allowed)
    if raw in choices:
        return raw
    if raw == "":
        if "mapping" in kinds or "list" in kinds:
            return ""
        raise invalid(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{name}' cannot be unset. You should remove '{name}' from "
            "your request or supply a non-empty value.",
            name,
            "parameter_invalid_empty",
        )
    if "boolean" in kinds and raw in ("true", "false"):
        return raw == "true"
    if "integer" in kinds:
        if re.fullmatch(r"-?\d{1,18}", raw):
            return int(raw)
        raise invalid(f"Invalid integer: {raw}", name, "parameter_invalid_integer")
    if "decimal" in kinds:
        try:
            return Decimal(raw)
        except InvalidOperation:
            raise invalid(f"Invalid decimal: {raw}", name) from None
    if "text" in kinds:
        return raw
    if "boolean" in kinds and not choices:
        raise invalid(f"Invalid boolean: {raw}", name)
    if choices - {""}:
        *others, last = sorted(choices - {""})
        listed = f"{', '.join(others)}, or {last}" if others else last
        raise invalid(f"Invalid {name}: must be one of {listed}", name)
    raise invalid(f"Invalid {_wanted(kinds)}: {name}", name)


def _text(raw: Raw, name: str) -> str:
    if not isinstance(raw, str):
        raise invalid(f"Invalid string: {name}", name)
    return raw


def _wanted(kinds: dict[str, Shape]) -> str:
    names = {"object": "hash", "mapping": "hash", "list": "array", "text": "string"}
    return next((names[kind] for kind in kinds if kind in names), next(iter(kinds), "value"))


def refuse_uncovered(values: dict[str, Any], covered: frozenset[str], noun: str) -> None:
    """Refuse what Stripe would take and the sandbox would ignore; `covered` holds dotted paths."""
    for path, value in _leaves(values, ()):
        names = [".".join(path[: length + 1]) for length in range(len(path))]
        if value is not False and not covered.intersection(names):
            raise _unserved(path, noun)


def _unserved(path: tuple[str, ...], noun: str) -> Refused:
    shown = path[0] + "".join(f"[{step}]" for step in path[1:])
    return invalid(
        f"The sandbox doesn't cover `{shown}` of {noun}; Stripe itself may.",
        shown,
        "not_in_sandbox",
    )


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for key, below in value.items() for leaf in _leaves(below, (*path, key))]
    if isinstance(value, list):
        return [leaf for below in value for leaf in _leaves(below, path)]
    return [(path, value)]


def check_metadata(given: Any, param: str = "metadata") -> dict[str, str]:
    """Metadata within its limits: 50 keys of 40 characters, values of 500 (source: "Metadata")."""
    if not given:
        return {}
    values: dict[str, str] = {key: value for key, value in given.items() if value != ""}
    if len(values) > 50:
        raise invalid(f"Metadata can have at most 50 keys (it has {len(values)}).", param)
    for key, value in values.items():
        if len(key) > 40:
            raise invalid(f"Metadata keys must be at most 40 characters: {key}", param)
        if len(value) > 500:
            raise invalid(
                f"Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value[:40]}…",
                f"{param}[{key}]",
            )
    return values


def merged_metadata(kept: dict[str, str], given: Any) -> dict[str, str]:
    """Metadata after an update: an empty value unsets its key, an empty whole unsets all."""
    if given == "":
        return {}
    merged = {key: value for key, value in {**kept, **(given or {})}.items() if value != ""}
    return check_metadata(merged)
