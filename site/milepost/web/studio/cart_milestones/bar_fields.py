"""The look and the messages of a campaign's bar as their forms hold them (S24, S33–S35, S42)."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from milepost.domain import cart_words
from milepost.domain.cart_looks import LAYOUTS, PLACES, Look, TierLook
from milepost.domain.cart_words import LONGEST, Messages, Name
from milepost.domain.errors import Invalid
from milepost.services.branding import colour_of
from milepost.services.cart_bars import without_empty
from milepost.web.studio.editor import forms
from milepost.wording.colour import contrast, palette
from milepost.wording.languages import CART_LOCALES


def places_typed(typed: Mapping[str, str]) -> Look:
    """The places and the layout that were chosen."""
    layout = typed.get("layout")
    return Look(
        tuple(place for place in PLACES if f"place-{place}" in typed),
        next((one for one in LAYOUTS if one == layout), LAYOUTS[0]),
    )


def saved_places(look: Look) -> dict[str, str]:
    """The fields of the form as the look fills them."""
    return {f"place-{place}": "on" for place in look.places} | {"layout": look.layout}


def design_typed(typed: Mapping[str, str]) -> dict[str, Any]:
    """What is chosen for the whole bar. Raises Invalid about the colour."""
    colour = typed.get("colour", "").strip()
    try:
        colour = colour_of(colour) if colour else ""
    except Invalid as wrong:
        raise Invalid(wrong.sentence.message, about="colour", **wrong.sentence.fields) from None
    done = "replace" if typed.get("done") == "replace" else "check"
    return {"done": done, "shimmer": "shimmer" in typed, "colour": colour}


def tier_look_typed(typed: Mapping[str, str], tier: Any) -> TierLook:
    """What is chosen for one tier."""
    key = f"t{tier['id']}"
    kept = {name: typed.get(f"{key}-{name}", "") for name in ("source", "icon", "done_icon")}
    kept |= {"shows": typed.get(f"{key}-shows", ""), "image": typed.get(f"{key}-image_kept", "")}
    kept["image_alt"] = forms.line(typed, f"{key}-image_alt", 300) if kept["image"] else ""
    return TierLook.of(kept, tier["kind"])


def saved_design(look: Look, tiers: list[Any]) -> dict[str, str]:
    """The fields of the form as campaign and tiers fill them."""
    typed = {"done": look.done, "colour": look.colour} | ({"shimmer": "on"} if look.shimmer else {})
    for tier in tiers:
        one, key = TierLook.of(tier["design"], tier["kind"]), f"t{tier['id']}"
        typed |= {f"{key}-source": one.source, f"{key}-icon": one.icon}
        typed |= {f"{key}-done_icon": one.done_icon, f"{key}-shows": one.shows}
        typed |= {f"{key}-image_kept": one.image, f"{key}-image_alt": one.image_alt}
    return typed


def contrast_of(colour: str) -> list[dict[str, Any]]:
    """What becomes of the bar's own colour, so that it stands out on both grounds (S35)."""
    found = []
    for dark in (False, True) if colour else ():
        tokens = palette(colour, dark)
        ratio = contrast(tokens["road"], tokens["paper"])
        hex_ = tokens["road"].hex
        found.append({"dark": dark, "ratio": ratio, "hex": hex_, "moved": hex_ != colour})
    return found


class Field(NamedTuple):
    """One message in one language; `tier` is None for those of the whole campaign."""

    key: str
    name: Name
    locale: str
    tier: Any | None


def fields(tiers: list[Any]) -> Iterator[Field]:
    """Every message of the form."""
    for locale in CART_LOCALES:
        yield Field(f"before-{locale}", "before", locale, None)
        for tier in tiers:
            yield Field(f"t{tier['id']}-reward-{locale}", "reward", locale, tier)
        yield Field(f"after-{locale}", "after", locale, None)


def messages_typed(
    typed: Mapping[str, str], tiers: list[Any], trigger: Any
) -> tuple[dict[str, dict[str, str]], dict[int, Messages]]:
    """The campaign's messages, and each tier's. Raises Invalid about the first that can't be."""
    own: dict[str, dict[Name, str]] = {}
    rewards: dict[int, dict[str, dict[Name, str]]] = {tier["id"]: {} for tier in tiers}
    for field in fields(tiers):
        text = forms.line(typed, field.key, LONGEST)
        cart_words.check(text, trigger, field.name, field.key)
        where = own if field.tier is None else rewards[field.tier["id"]]
        where.setdefault(field.locale, {})[field.name] = text
    return without_empty(own), {one: without_empty(said) for one, said in rewards.items()}


def wrong_in(typed: Mapping[str, str], tiers: list[Any], trigger: Any) -> dict[str, Invalid]:
    """Every message that can't be said, by its field: what the page tells while somebody types."""
    found = {}
    for field in fields(tiers):
        try:
            text = forms.line(typed, field.key, LONGEST)
            cart_words.check(text, trigger, field.name, field.key)
        except Invalid as wrong:
            found[field.key] = wrong
    return found


def kept_in(field: Field, row: Any) -> Messages:
    found: Messages = row["messages"] if field.tier is None else field.tier["messages"]
    return found


def saved_messages(row: Any, tiers: list[Any]) -> dict[str, str]:
    """The fields of the form as they are saved."""
    return {
        field.key: kept_in(field, row).get(field.locale, {}).get(field.name, "")
        for field in fields(tiers)
    }
