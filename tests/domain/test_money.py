"""Money is whole minor units of one currency; no split loses or makes a cent (M1, M2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.errors import Invalid
from milepost.domain.money import LARGEST, Money, coin, exponent, split, typed_money

CURRENCIES = {"JPY": 0, "USD": 2, "EUR": 2, "KWD": 3}
currencies = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(("currency", "places"), CURRENCIES.items())
def test_each_currency_has_its_own_exponent(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (1250, "USD", "12.50 USD"),
        (1250, "JPY", "1250 JPY"),
        (1250, "KWD", "1.250 KWD"),
        (-5, "USD", "-0.05 USD"),
        (0, "KWD", "0.000 KWD"),
    ],
)
def test_money_is_written_with_its_currencys_decimals(
    amount: int, currency: str, said: str
) -> None:
    assert str(Money(amount, currency)) == said


@pytest.mark.parametrize("wrong", [1.0, 12.5, True, "12", None])
def test_money_is_never_anything_but_whole_minor_units(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money(wrong, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["usd", "US", "DOLLAR", "", "U$D"])
def test_money_has_a_currency_of_iso_4217(wrong: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, wrong)


@given(amounts, amounts, currencies, currencies)
def test_two_currencies_neither_add_up_nor_compare(a: int, b: int, one: str, other: str) -> None:
    first, second = Money(a, one), Money(b, other)
    if one == other:
        assert first + second - second == first
        assert (first < second) is (a < b)
        assert (first <= second) is (a <= b)
        return
    for operation in ("__add__", "__sub__", "__lt__", "__le__"):
        with pytest.raises(ValueError, match="M1"):
            getattr(first, operation)(second)


@given(amounts, weights)
def test_a_split_loses_and_makes_no_cent(amount: int, by: list[int]) -> None:
    parts = split(amount, by)
    assert sum(parts) == amount
    assert len(parts) == len(by)
    for part, weight in zip(parts, by, strict=True):
        assert abs(part * sum(by) - amount * weight) < sum(by)  # within one cent of its due
        assert part * amount >= 0  # no part has the other sign
        assert weight or not part


@given(amounts, st.integers(1, 30))
def test_the_ties_of_a_split_go_to_the_first(amount: int, count: int) -> None:
    parts = [abs(part) for part in split(amount, [1] * count)]
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


@given(amounts, weights)
def test_of_two_parts_the_one_with_the_larger_remainder_is_rounded_up_first(
    amount: int, by: list[int]
) -> None:
    total = sum(by)
    rests = [abs(amount) * weight % total for weight in by]
    up = [
        abs(part) > abs(amount) * w // total for part, w in zip(split(amount, by), by, strict=True)
    ]
    places = sorted(range(len(by)), key=lambda i: (-rests[i], i))
    assert [up[i] for i in places] == sorted((up[i] for i in places), reverse=True)


def test_what_cannot_be_split_is_refused() -> None:
    assert split(0, [0, 0]) == [0, 0]
    for amount, by in ((5, [0, 0]), (5, [2, -1]), (5, [])):
        with pytest.raises(ValueError, match="cannot split"):
            split(amount, by)


@given(st.integers(0, LARGEST), currencies, st.sampled_from(".,"))
def test_what_is_typed_is_what_was_meant(amount: int, currency: str, mark: str) -> None:
    amount -= amount % coin(currency)
    typed = str(Money(amount, currency)).split()[0].replace(".", mark)
    assert typed_money(typed, currency, "amount") == Money(amount, currency)


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("12", "USD", 1200),
        ("12.5", "USD", 1250),
        (" 1 200,50 ", "EUR", 120050),
        ("1\u00a0200", "JPY", 1200),
        ("0,050", "KWD", 50),
        ("١٢,٥٠", "USD", 1250),
    ],
)
def test_an_amount_may_be_typed_as_people_type_it(typed: str, currency: str, amount: int) -> None:
    assert typed_money(typed, currency, "amount").amount == amount


def test_what_is_never_charged_may_stand_between_two_steps() -> None:
    assert typed_money("12.505", "KWD", "target", charged=False).amount == 12505


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "USD"),
        ("-5", "USD"),
        ("1e3", "USD"),
        ("12.345", "USD"),
        ("12.5", "JPY"),
        ("1.2345", "KWD"),
        ("1.005", "KWD"),
        ("1,200.50", "USD"),
        ("$5", "USD"),
        ("nan", "USD"),
        ("99999999999999", "USD"),
        ("9999999999999", "KWD"),
    ],
)
def test_anything_else_is_refused_at_its_field(typed: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        typed_money(typed, currency, "bonus")
    assert refused.value.about == "bonus"
    assert str(refused.value)
