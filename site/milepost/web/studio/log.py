"""`/studio/{store}/log`: who did what, when, from what to what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.programs import KINDS, MEASURES
from milepost.domain.roles import Deed
from milepost.domain.talking import REASONS
from milepost.services.noting import log_page
from milepost.web.studio.desk import Desk, behind, shown
from milepost.wording.format import written_in
from milepost.wording.languages import NAMES as LANGUAGES
from milepost.wording.languages import translator

LONGEST = 160  # characters of a text that the log shows
UNSAID = {"campaign", "currency", "reward"}  # what others are read by, and our own numbers
FIELDS = {
    "adds_up": N_("Rewards add up"),
    "after": N_("After all are reached"),
    "after_codes": N_("Counts after codes"),
    "also_granted": N_("Also for those who had it"),
    "amount": N_("Money"),
    "answer": N_("Answer"),
    "at": N_("Locks"),
    "audience": N_("Readers"),
    "before": N_("Before a tier"),
    "blurb": N_("In one sentence"),
    "boxes": N_("Boxes"),
    "brand": N_("Colour"),
    "buys": N_("Points that make credit"),
    "cap": N_("How many at most"),
    "carrier": N_("Carrier"),
    "changed": N_("Changed"),
    "closes_at": N_("Closes"),
    "colour": N_("Colour of the bar"),
    "collections": N_("Collections"),
    "comments": N_("When comments are shown"),
    "cost": N_("Cost"),
    "costs": N_("Costs"),
    "counts_at": N_("Counts from"),
    "counts_pledges": N_("Pledges count as orders"),
    "count": N_("How many"),
    "countries": N_("Countries"),
    "credit": N_("Store credit"),
    "currencies": N_("Currencies"),
    "done": N_("A reached tier shows"),
    "ends_at": N_("Ends"),
    "earns": N_("Points for what is spent"),
    "every": N_("Begins again after"),
    "exclude_late": N_("Not for late pledges"),
    "excluded": N_("Products left out"),
    "excluded_collections": N_("Collections left out"),
    "gives": N_("Gives"),
    "goal": N_("Goal"),
    "image": N_("Photo"),
    "image_alt": N_("The photo in words"),
    "include_crossing": N_("And the pledge that reaches it"),
    "is_gift_card": N_("It is a gift card"),
    "kind": N_("Who gets it"),
    "label": N_("Label"),
    "language": N_("Language"),
    "layout": N_("Layout"),
    "lines": N_("Lines"),
    "measure": N_("Counts"),
    "messages": N_("Messages"),
    "milestones": N_("Milestones"),
    "most": N_("Most uses"),
    "mystery": N_("Mystery"),
    "name": N_("Name"),
    "opens_at": N_("Opens"),
    "options": N_("Options"),
    "origins": N_("Sites"),
    "parcels": N_("Parcels"),
    "pending_days": N_("Days that points are pending"),
    "per": N_("One for each"),
    "place": N_("Place"),
    "places": N_("Where it shows"),
    "pledges": N_("Pledges"),
    "price": N_("Price"),
    "prices": N_("Prices"),
    "program_kind": N_("Kind"),
    "prompt": N_("Question"),
    "question": N_("Question"),
    "reason": N_("Why"),
    "reports": N_("Reports"),
    "required": N_("Must be answered"),
    "reveal": N_("Opens"),
    "role": N_("Role"),
    "shimmer": N_("Shimmer"),
    "sent_to": N_("Countries"),
    "ships": N_("It is sent by post"),
    "slots": N_("How many at most"),
    "slug": N_("Address"),
    "starts": N_("From"),
    "starts_at": N_("Starts"),
    "state": N_("State"),
    "steps": N_("Tiers"),
    "stock": N_("On the shelf"),
    "story": N_("The story"),
    "takes_off": N_("Takes off"),
    "target": N_("Target"),
    "tiers": N_("Numbers of the rewards"),
    "text": N_("Text"),
    "title": N_("Title"),
    "tracking": N_("Tracking number"),
    "trigger": N_("What it counts"),
    "why": N_("Why"),
    "worth": N_("How much"),
    "zone": N_("Time zone"),
}
SAID = {"reward": N_("Once it is reached")}  # of texts by language, as in "2: reward (de)"
_SAID = re.compile(r"(?:(?P<number>\d+): )?(?P<word>[a-z]+) \((?P<tag>[a-z]{2})\)")
VALUES = {
    "role": {"owner": N_("Owner"), "editor": N_("Editor"), "fulfiller": N_("Fulfiller"),
             "viewer": N_("Viewer")},
    "comments": {"after_first": N_("After a person's first"), "after_each": N_("After each"),
                 "at_once": N_("At once"), "closed": N_("No more comments")},
    "audience": {"backers": N_("For backers"), "everybody": N_("For everybody")},
    "state": {"waiting": N_("waiting"), "shown": N_("shown"), "hidden": N_("hidden")},
    "kind": {"all_backers": N_("All backers"), "new_backers": N_("Backers from then on")},
    "program_kind": {kind.key: kind.title for kind in KINDS.values()},
    "measure": {measure.key: measure.title for measure in MEASURES.values()},
    "per": {"backer": N_("backer"), "pledge": N_("pledge"), "unit": N_("piece pledged")},
    "reveal": {"automatic": N_("when it is reached"), "manual": N_("by your button")},
    "reason": REASONS,
    "takes_off": {"shipping": N_("the shipping")},
    "language": LANGUAGES,
    "changed": FIELDS,
    "trigger": {"value": N_("the cart’s value"), "items": N_("items")},
    "gives": {"shipping": N_("Free shipping")}
    | {kind.key: kind.title for kind in REWARDS.values()},
    "messages": {"reset": N_("back to the defaults")},
    "places": {"drawer": N_("cart drawer"), "page": N_("cart page"), "embed": N_("other sites")},
    "layout": {"classic": N_("Classic"), "segmented": N_("Segmented"),
               "single": N_("Single goal")},
    "done": {"check": N_("a checkmark"), "replace": N_("another icon")},
}  # fmt: skip
NOTHING = {
    "sent_to": N_("everywhere else"),
    "stock": N_("never runs out"),
    "slots": N_("as many as come"),
    "cap": N_("no limit"),
    "most": N_("no limit"),
}


@dataclass(frozen=True, slots=True)
class Stood:
    """One field as it stood before a deed, or after it: in words, or as the moment that it is."""

    name: str
    words: str
    when: datetime | None = None


@behind(Deed.SEE_LOG)
async def log(request: Request, desk: Desk) -> Response:
    """The store's deeds, newest first, fifty a page; `?before=` goes on below a deed."""
    asked = request.query_params.get("before", "")
    before = number_in(asked)
    page = await log_page(request.state.site.database, desk.store_id, before)
    return shown(
        request,
        "studio/log.html",
        desk,
        deeds=[(deed, *changes(deed["before"], deed["after"], desk.locale)) for deed in page.deeds],
        older=page.older,
        is_first=before is None,
    )


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], locale: str
) -> tuple[list[Stood], list[Stood]]:
    """From what to what, field by field; what stayed as it was is in neither."""
    was, became = dict(_fields(before)), dict(_fields(after))
    same = {name for name in was.keys() & became.keys() if was[name] == became[name]}
    return (
        [_stood(name, was[name], before, locale) for name in was if name not in same],
        [_stood(name, became[name], after, locale) for name in became if name not in same],
    )


def _fields(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Its fields, those within fields among them."""
    for name, value in state.items():
        if name in UNSAID:
            continue
        if isinstance(value, Mapping):
            yield from _fields(value)
        else:
            yield name, value


def _named(name: str, locale: str) -> str:
    """A field as a person would call it; a text in a language, by its number among others."""
    _ = translator(locale).gettext
    found = _SAID.fullmatch(name)
    if found and found["tag"] in LANGUAGES:
        word = FIELDS.get(found["word"]) or SAID.get(found["word"], found["word"])
        number = f"{found['number']}: " if found["number"] else ""
        return f"{number}{_(word)} ({LANGUAGES[found['tag']]})"
    return _(FIELDS[name]) if name in FIELDS else name.replace("_", " ")


def _stood(name: str, value: Any, state: Mapping[str, Any], locale: str) -> Stood:
    _ = translator(locale).gettext
    named = _named(name, locale)
    if name == "at" or name.endswith("_at"):
        try:
            when = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            pass
        else:
            if when.tzinfo is not None:
                return Stood(named, "", when)
    return Stood(named, _cut(_words(name, value, state, locale)))


def _words(name: str, value: Any, state: Mapping[str, Any], locale: str) -> str:
    """A value as a person would say it."""
    _, form = translator(locale).gettext, written_in(locale)
    meter = state.get("campaign") or {}
    match value:
        case None | "" | [] | ():
            return _(NOTHING.get(name, N_("none")))
        case bool():
            return _("yes") if value else _("no")
        case Mapping():
            return ", ".join(
                f"{_(FIELDS.get(key, key.replace('_', ' ')))}: {_words(key, one, state, locale)}"
                for key, one in _fields(value)
            )
        case list() | tuple():
            return ", ".join(_cut(_words(name, one, state, locale)) for one in value)
        case int() if name in ("target", "goal") and meter:
            return form.amount(value, meter)
        case int() if name in ("price", "cost", "amount", "credit"):
            currency = meter.get("currency") or state.get("currency")
            return form.money(value, currency) if currency else form.number(value)
        case int() | float():
            return str(form.number(value))
    said = str(value)
    return _(VALUES[name][said]) if said in VALUES.get(name, ()) else said


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
