"""Lists, newest first, a page at a time (source: Stripe API reference, "Pagination")."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from .books import Thing
from .desk import Desk
from .errors import invalid, no_such

Keeps = Callable[[Thing], bool]


def page(
    desk: Desk, kind: str, url: str, given: dict[str, Any], keeps: Keeps = lambda thing: True
) -> Thing:
    """One page of the things of a kind that a call asks for."""
    limit = given.get("limit", 10)
    if not 1 <= limit <= 100:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
        raise invalid(
            f"This value must be {bound} (it currently is '{limit}').",
            "limit",
            "parameter_invalid_integer",
        )
    shelf = desk.books.shelf(kind)
    after, before = given.get("starting_after"), given.get("ending_before")
    if after is not None and before is not None:
        raise invalid("You may only specify one of: starting_after, ending_before.")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in shelf.place:
            raise no_such(kind, cursor, name)
    line: Iterable[Thing]
    line = shelf.oldest_first(before) if before is not None else shelf.newest_first(after)
    wanted = (thing for thing in line if in_range(thing, given.get("created")) and keeps(thing))
    found = list(islice(wanted, limit + 1))
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    return {"object": "list", "data": found, "has_more": more, "url": url}


def whole(things: list[Thing], url: str) -> Thing:
    """A short list that is answered at once."""
    return {"object": "list", "data": things, "has_more": False, "url": url}


def in_range(thing: Thing, created: Any) -> bool:
    """Whether a thing was created within the asked interval."""
    if created is None:
        return True
    if isinstance(created, int):
        return bool(thing["created"] == created)
    at = thing["created"]
    return bool(
        at > created.get("gt", at - 1)
        and at >= created.get("gte", at)
        and at < created.get("lt", at + 1)
        and at <= created.get("lte", at)
    )


def alike(given: dict[str, Any], *names: str) -> Keeps:
    """Keeps things that agree with the call in those fields."""
    asked = {name: given[name] for name in names if name in given}
    return lambda thing: all(thing.get(name) == value for name, value in asked.items())
