"""Where things can be sent, as the pledge form asks: countries by name, fees for its script."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson
from markupsafe import Markup

from milepost.domain.shipping import COUNTRIES, Zone, asks_country, destinations, zones_by_country
from milepost.services.publishing import Published, State
from milepost.wording.format import written_in
from milepost.wording.languages import translator


def shipping_view(published: Published, state: State, locale: str) -> State:
    """What the form needs of the campaign's shipping.

    `asks` tells whether a country has to be chosen, `countries` holds the options of each form by
    its tier's id (empty for the one without a reward), `range` the least and the most that sending
    one of a tier costs, `fees` zones and fees for the script.
    """
    zones, excluded = published.zones, published.campaign["excluded_countries"]
    addons = [addon["id"] for addon in state["addons"] if addon["ships"]]
    asks = bool(zones) and asks_country(zones, excluded)
    by_country = zones_by_country(zones, excluded) if asks else {}
    countries = {"": _reached(addons, by_country, locale)} if asks else {}
    ranges = {}
    for tier in state["tiers"]:
        own = [tier["id"]] if tier["ships"] else addons
        if asks:
            countries[tier["id"]] = _reached(own, by_country, locale)
        firsts = [
            zone.fees[int(tier["id"])].first for zone in zones if int(tier["id"]) in zone.fees
        ]
        if firsts and tier["ships"]:
            ranges[tier["id"]] = min(firsts), max(firsts)
    return {
        "asks": asks,
        "countries": countries,
        "range": ranges,
        "fees": _for_the_script(zones, excluded) if zones else "",
    }


def _reached(tier_ids: Sequence[str], zones: Mapping[str, Zone], locale: str) -> Markup:
    return options(locale, destinations(map(int, tier_ids), zones))


@lru_cache(256)
def options(locale: str, codes: frozenset[str]) -> Markup:
    """The countries as options, in the order of their names in the language."""
    names = {code: written_in(locale).country(code) for code in codes}
    ordered = sorted(names, key=lambda code: _plain(names[code]))
    option = Markup('<option value="{}">{}</option>')
    return Markup("\n").join(option.format(code, names[code]) for code in ordered)


def select(options: Markup, code: str) -> Markup:
    """The same options, the country of that code chosen."""
    if code not in COUNTRIES:
        return options
    option = Markup('value="{}"').format(code)
    return options.replace(option, option + Markup(" selected"))


def _plain(name: str) -> str:
    """The name without its accents, to sort it by: Åland stands among the A's."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _for_the_script(zones: Sequence[Zone], excluded: Sequence[str]) -> str:
    """Each zone's countries, and its fees as tier → [first, further], in JSON."""
    told = [
        {
            "countries": sorted(zone.countries),
            "fees": {str(tier): [fee.first, fee.further] for tier, fee in zone.fees.items()},
        }
        for zone in zones
    ]
    return orjson.dumps({"zones": told, "excluded": sorted(excluded)}).decode()


def shipping_title(locale: str, country: str | None, zone: str = "") -> str:
    """What the line for shipping is called, for the reader."""
    gettext = translator(locale).gettext
    place = written_in(locale).country(country) if country else zone
    return gettext("Shipping: %(place)s") % {"place": place} if place else gettext("Shipping")
