"""Where a pledge goes and what the way there costs (B5); it never moves a meter (C1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from milepost.domain.errors import Invalid
from milepost.domain.lines import Line, Tier
from milepost.domain.messages import N_

# ISO 3166-1 alpha-2, the officially assigned codes.
COUNTRIES = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ"
        " BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM"
        " DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS"
        " GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN"
        " KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ"
        " MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM"
        " PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV"
        " SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI"
        " VN VU WF WS YE YT ZA ZM ZW"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO 3166-1 alpha-2 code; whoever says it knows its name in the language."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Fee:
    """Minor units for one piece alone, and for a piece that travels along with another."""

    first: int
    further: int


@dataclass(frozen=True, slots=True)
class Zone:
    """Countries that cost the same to ship to, with a fee for each tier that is shipped there.

    A zone without countries is everywhere else.
    """

    id: int
    title: str
    countries: frozenset[str]
    fees: Mapping[int, Fee]


def zones_by_country(zones: Sequence[Zone], excluded: Iterable[str] = ()) -> dict[str, Zone]:
    """Each country that is shipped to, with its zone.

    That is the first zone that names it, else the first that is everywhere else.
    """
    elsewhere = next((zone for zone in zones if not zone.countries), None)
    found = dict.fromkeys(COUNTRIES, elsewhere) if elsewhere else {}
    for zone in reversed(zones):
        found |= dict.fromkeys(zone.countries & COUNTRIES, zone)
    for country in excluded:
        found.pop(country, None)
    return found


def asks_country(zones: Sequence[Zone], excluded: Iterable[str] = ()) -> bool:
    """False where all countries cost the same and none is left out: nobody need say theirs."""
    return any(zone.countries for zone in zones) or any(excluded)


def destinations(tier_ids: Iterable[int], zones: Mapping[str, Zone]) -> frozenset[str]:
    """The countries, with their zones, that at least one of these tiers can be shipped to."""
    wanted = set(tier_ids)
    serving = {zone.id for zone in zones.values() if not wanted.isdisjoint(zone.fees)}
    return frozenset(country for country, zone in zones.items() if zone.id in serving)


def fee_for(pieces: Sequence[tuple[int, Fee]]) -> int:
    """What so many pieces with these fees cost together, in minor units.

    One piece travels as the first: the one with the dearest `first`, ties to the first line. Every
    other piece costs its own `further`.
    """
    if not pieces:
        return 0
    leader = max(pieces, key=lambda piece: piece[1].first)[1]  # max keeps the first of equals
    return sum(count * fee.further for count, fee in pieces) + leader.first - leader.further


def country_of(typed: str) -> Country | None:
    """The country that was chosen, None for no choice. Raises Invalid when nobody knows it."""
    code = typed.strip().upper()
    if not code:
        return None
    if code not in COUNTRIES:
        raise Invalid(
            N_("“%(typed)s” is not a country that we know. Choose one from the list."),
            about="country",
            typed=typed[:40],
        )
    return Country(code)


def ship(
    chosen: Sequence[tuple[Tier, int]],
    country: Country | None,
    zones: Sequence[Zone],
    excluded: Sequence[str] = (),
) -> Line | None:
    """The line for sending what ships among the chosen tiers to `country`; None when it is free.

    Raises Invalid when the country is missing and matters, or when it, or one of the tiers in it,
    is not shipped to.
    """
    travelling = [(tier, count) for tier, count in chosen if tier.ships]
    if not travelling:
        return None
    for tier, _ in travelling:
        if not any(tier.id in zone.fees for zone in zones):
            raise Invalid(
                N_("“%(title)s” can't be shipped yet: the store has not said where to."),
                about=tier.kind,
                title=tier.title,
            )
    if country is not None:
        zone = zones_by_country(zones, excluded).get(country.code)
    elif asks_country(zones, excluded):
        raise Invalid(N_("Choose the country that it is sent to."), about="country")
    else:
        zone = zones[0]
    if zone is None:
        raise Invalid(
            N_("We can't ship to %(country)s. Choose another country, or what needs no shipping."),
            about="country",
            country=country,
        )
    for tier, _ in travelling:
        if tier.id not in zone.fees:
            raise Invalid(
                N_("We can't ship “%(title)s” to %(country)s. Choose another country or reward."),
                about="country",
                title=tier.title,
                country=country or zone.title,
            )
    fee = fee_for([(count, zone.fees[tier.id]) for tier, count in travelling])
    return Line("shipping", zone.title, 1, fee) if fee else None
