"""Where a pledge is sent and what that costs; it never moves a meter (B5, C1)."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from milepost.domain.errors import Invalid
from milepost.domain.lines import Line, Tier, choose, goods_of, shipping_of
from milepost.domain.money import LARGEST, Money, exponent
from milepost.domain.shipping import (
    COUNTRIES,
    Country,
    Fee,
    Zone,
    asks_country,
    country_of,
    destinations,
    fee_for,
    ship,
    zones_by_country,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BOOK, LAMP = Fee(900, 300), Fee(500, 100)
EUROPE = Zone(1, "Europe", frozenset({"AT", "FR"}), {7: BOOK, 8: LAMP})
ELSEWHERE = Zone(2, "Elsewhere", frozenset(), {7: Fee(1600, 600)})
ZONES = [EUROPE, ELSEWHERE]
book = Tier(7, "The book", 4500, 1, ships=True)
lamp = Tier(8, "A red lamp", 900, 0, kind="addon", ships=True)
pdf = Tier(9, "The pages", 1200, 0, kind="addon")


def test_the_first_zone_that_names_a_country_is_its_own_and_the_rest_is_everywhere_else() -> None:
    again = Zone(3, "Alps", frozenset({"AT", "CH"}), {})
    found = zones_by_country([ELSEWHERE, EUROPE, again])
    assert (found["AT"], found["CH"], found["US"]) == (EUROPE, again, ELSEWHERE)
    assert zones_by_country([EUROPE, again]).keys() == {"AT", "CH", "FR"}
    assert "AT" not in zones_by_country(ZONES, ["AT", "XX"])
    assert zones_by_country([Zone(4, "Nowhere", frozenset({"XX"}), {})]) == {}


def test_the_dearest_first_piece_is_paid_once_and_every_other_piece_goes_along() -> None:
    assert fee_for([]) == 0
    assert fee_for([(1, BOOK)]) == 900
    assert fee_for([(3, BOOK)]) == 900 + 2 * 300
    assert fee_for([(2, LAMP), (1, BOOK)]) == 900 + 2 * 100
    assert fee_for([(1, Fee(900, 300)), (1, Fee(900, 50))]) == 900 + 50, "ties to the first line"


fees = st.builds(Fee, st.integers(0, 10**6), st.integers(0, 10**6))


@given(st.lists(st.tuples(st.integers(1, 100), fees), min_size=1, max_size=6))
def test_a_fee_is_one_first_piece_and_each_other_ones_further(
    pieces: list[tuple[int, Fee]],
) -> None:
    each = [fee for count, fee in pieces for _ in range(count)]
    dearest = max(fee.first for fee in each)
    leader = next(fee for fee in each if fee.first == dearest)
    each.remove(leader)
    assert fee_for(pieces) == dearest + sum(fee.further for fee in each)


def test_what_can_be_sent_where() -> None:
    everywhere = zones_by_country(ZONES)
    assert destinations([8], everywhere) == {"AT", "FR"}
    assert destinations([7], everywhere) == COUNTRIES
    assert destinations([9], everywhere) == frozenset()
    without = zones_by_country(ZONES, ["AT", "AQ"])
    assert destinations([7, 8], without) == COUNTRIES - {"AT", "AQ"}


def test_nobody_is_asked_for_a_country_where_all_cost_the_same() -> None:
    assert not asks_country([ELSEWHERE])
    assert asks_country([ELSEWHERE], ["AQ"])
    assert asks_country(ZONES)
    assert ship([(book, 2)], None, [ELSEWHERE]) == Line("shipping", "Elsewhere", 1, 2200)


@pytest.mark.parametrize(
    ("chosen", "country", "excluded", "words", "about"),
    [
        ([(lamp, 1)], "US", (), "We can't ship “A red lamp” to US", "country"),
        ([(book, 1), (lamp, 1)], "US", (), "We can't ship “A red lamp” to US", "country"),
        ([(book, 1)], "AT", ("AT",), "We can't ship to AT", "country"),
        ([(book, 1)], None, (), "Choose the country", "country"),
        ([(Tier(5, "A bell", 1, 1, ships=True), 1)], "AT", (), "“A bell” can't be shipped", "tier"),
    ],
)
def test_what_is_not_sent_there_is_refused_with_a_sentence(
    chosen: list[tuple[Tier, int]],
    country: str | None,
    excluded: tuple[str, ...],
    words: str,
    about: str,
) -> None:
    with pytest.raises(Invalid) as refused:
        ship(chosen, Country(country) if country else None, ZONES, excluded)
    assert words in str(refused.value) and refused.value.about == about


def test_what_needs_no_address_is_sent_nowhere_and_costs_nothing_more() -> None:
    assert ship([(pdf, 3)], None, ZONES, ["AT"]) is None
    assert ship([(book, 1)], None, [Zone(1, "All", frozenset(), {7: Fee(0, 0)})]) is None


@pytest.mark.parametrize("typed", ["XX", "AUT", "at-AT", "Österreich", "<b>", "A"])
def test_a_country_that_nobody_knows_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        country_of(typed)


def test_a_country_may_be_typed_in_small_letters_or_left_out() -> None:
    assert country_of(" at ") == Country("AT")
    assert country_of("  ") is None


@dataclass
class Cart:
    """Something that a backer might choose, in a campaign that might be."""

    currency: str
    tier: Tier | None
    quantity: int
    amount: int
    bonus: int
    addons: list[tuple[Tier, int]]
    zones: list[Zone]
    excluded: list[str]
    country: str | None

    @property
    def everything(self) -> list[tuple[Tier, int]]:
        own = [(self.tier, self.quantity)] if self.tier else []
        return own + self.addons


SOME = ["AT", "DE", "FR", "JP", "KW", "US"]


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    prices, units = st.integers(1, 10**7), st.integers(0, 5)
    tier = draw(
        st.none() | st.builds(Tier, st.just(1), st.just("T"), prices, units, ships=st.booleans())
    )
    addon = st.builds(
        Tier, st.just(0), st.just("A"), prices, units, kind=st.just("addon"), ships=st.booleans()
    )
    addons = [
        (Tier(n + 2, a.title, a.price, a.units, kind="addon", ships=a.ships), count)
        for n, (a, count) in enumerate(
            draw(st.lists(st.tuples(addon, st.integers(1, 100)), max_size=4))
        )
    ]
    tariff = st.dictionaries(st.integers(1, 6), fees, max_size=6)
    countries = st.frozensets(st.sampled_from(SOME), max_size=4)
    zones = draw(st.lists(st.builds(Zone, st.integers(), st.just("Z"), countries, tariff)))
    return Cart(
        draw(st.sampled_from(["JPY", "USD", "KWD"])),
        tier,
        draw(st.integers(1, 100)),
        draw(st.integers(0, 10**9)),
        draw(st.integers(0, 10**9)),
        addons,
        zones,
        draw(st.lists(st.sampled_from(SOME), max_size=2)),
        draw(st.none() | st.sampled_from(SOME)),
    )


@given(carts())
def test_lines_fees_and_totals_add_up_whatever_is_chosen(cart: Cart) -> None:
    amount, bonus = Money(cart.amount, cart.currency), Money(cart.bonus, cart.currency)
    where = Country(cart.country) if cart.country else None
    goods = sum(count * one.price for one, count in cart.everything) + cart.bonus
    goods += 0 if cart.tier else cart.amount
    assume(goods >= 10 ** exponent(cart.currency) and goods < LARGEST // 2)
    travelling = [(one, count) for one, count in cart.everything if one.ships]
    zone = zones_by_country(cart.zones, cart.excluded).get(cart.country or "")
    if cart.country is None and not asks_country(cart.zones, cart.excluded):
        zone = cart.zones[0] if cart.zones else None
    if travelling and (zone is None or any(one.id not in zone.fees for one, _ in travelling)):
        with pytest.raises(Invalid):
            ship(cart.everything, where, cart.zones, cart.excluded)
        return
    shipping = ship(cart.everything, where, cart.zones, cart.excluded)
    lines = choose(cart.tier, cart.quantity, amount, bonus, cart.addons, shipping)
    fee = fee_for([(n, zone.fees[one.id]) for one, n in travelling]) if zone and travelling else 0
    assert goods_of(lines) == goods, "the meter counts goods alone"
    assert shipping_of(lines) == fee
    assert sum(line.amount for line in lines) == goods + fee
    assert sum(line.units for line in lines) == sum(n * one.units for one, n in cart.everything)
    assert all(line.quantity > 0 and line.unit_price > 0 for line in lines)
    assert [line.tier_id for line in lines if line.source == "tier"] == (
        [cart.tier.id] if cart.tier else []
    )
    assert [line.tier_id for line in lines if line.source == "addon"] == [
        one.id for one, _ in cart.addons
    ]
    assert lines[-1].source == "shipping" or not fee
