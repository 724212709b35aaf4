"""The cart's bar and bill: by example, and for any cart against a plain model (K3–K7, N8)."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.carts import (
    AmountOff,
    CartLine,
    CartMilestones,
    CartReward,
    CartTier,
    Discount,
    Evaluation,
    FreeGift,
    FreeShipping,
    OwedGift,
    PercentOff,
    evaluate,
    standing,
)

STRAP, CELL, PRINT, VOUCHER = 1, 2, 3, 4
SUMMER = 10
TEN_PERCENT = PercentOff(1000)
STEPS = (
    CartTier(1, 4000, TEN_PERCENT),
    CartTier(2, 6000, FreeShipping()),
    CartTier(3, 8000, FreeGift(PRINT)),
)
BY_VALUE = CartMilestones("value", STEPS)


def straps(quantity: int, price: int = 1000) -> CartLine:
    return CartLine(STRAP, quantity, price, frozenset({SUMMER}))


def total(found: Evaluation) -> int:
    return found.bill.total


def test_each_step_gives_what_it_promises_and_takes_it_back_below_it() -> None:
    """K4, K5."""
    stock = {PRINT: 5}

    def at(quantity: int) -> Evaluation:
        return evaluate([straps(quantity)], BY_VALUE, shipping=490, stock=stock)

    assert [total(at(n)) for n in (3, 4, 6, 8)] == [3490, 3600 + 490, 5400, 7200]
    assert [at(n).bill.gifts for n in (7, 8, 7)] == [(), (PRINT,), ()]
    assert [now.left for now in at(5).tiers] == [0, 1000, 3000]
    following = [at(n).next for n in (5, 9)]
    assert [now and now.tier.id for now in following] == [2, None]


def test_the_highest_alone_gives_where_rewards_do_not_add_up() -> None:
    """K5."""
    only = replace(BY_VALUE, adds_up=False)
    found = evaluate([straps(6)], only, shipping=490, stock={PRINT: 5})
    assert (found.bill.tiers_off, found.bill.shipping_off) == (0, 490)
    assert [now.is_reached for now in found.tiers] == [True, True, False]
    assert [now.applies for now in found.tiers] == [False, True, False]


def test_gift_cards_and_what_is_excluded_neither_count_nor_become_cheaper() -> None:
    """K3."""
    card = CartLine(VOUCHER, 1, 5000, is_gift_card=True)
    found = evaluate([straps(4), card], BY_VALUE)
    assert (found.reading, total(found)) == (4000, 3600 + 5000)
    without = replace(BY_VALUE, excluded_collections=frozenset({SUMMER}))
    assert evaluate([straps(9)], without).reading == 0
    without = replace(BY_VALUE, excluded_products=frozenset({STRAP}))
    found = evaluate([straps(9), CartLine(CELL, 1, 4000)], without)
    assert (found.reading, found.bill.tiers_off) == (4000, 400)


def test_a_code_counts_before_it_unless_the_switch_says_after() -> None:
    """K3."""
    code = AmountOff(500)
    assert evaluate([straps(4)], BY_VALUE, code=code).reading == 4000
    after = evaluate([straps(4)], replace(BY_VALUE, after_codes=True), code=code)
    assert (after.reading, total(after)) == (3500, 3500)


def test_items_are_counted_where_items_are_the_trigger() -> None:
    """K2."""
    by_items = CartMilestones("items", (CartTier(1, 3, FreeShipping()),))
    assert [evaluate([straps(n)], by_items).tiers[0].left for n in (1, 2, 3)] == [2, 1, 0]


def test_a_gift_is_declined_or_says_that_it_is_sold_out() -> None:
    """K7."""
    eight = [straps(8)]
    assert evaluate(eight, BY_VALUE, stock={PRINT: 1}, declined={3}).tiers[2].gift == "declined"
    assert evaluate(eight, BY_VALUE, stock={PRINT: 0}).tiers[2].gift == "sold_out"
    assert evaluate(eight, BY_VALUE).tiers[2].gift == "sold_out", "nobody knows of any"
    assert evaluate([], BY_VALUE, stock={PRINT: 0}).tiers[2].gift == "sold_out", "before, too"
    last = [straps(8), CartLine(PRINT, 1, 900)]
    assert evaluate(last, BY_VALUE, stock={PRINT: 1}).tiers[2].gift == "sold_out", "it is bought"
    assert evaluate(last, BY_VALUE, stock={PRINT: None}).bill.gifts == (PRINT,)


def test_the_last_piece_is_one_tier_s_gift_and_no_second_one_s() -> None:
    twice = CartMilestones(
        "value", (CartTier(1, 1, FreeGift(PRINT)), CartTier(2, 2, FreeGift(PRINT)))
    )
    found = evaluate([straps(1)], twice, stock={PRINT: 1})
    assert [now.gift for now in found.tiers] == ["given", "sold_out"]


@pytest.mark.parametrize(("percent", "price", "off"), [(10, 999, 100), (10, 995, 100), (5, 9, 0)])
def test_half_a_cent_goes_to_the_shopper(percent: int, price: int, off: int) -> None:
    found = evaluate([straps(1, price)], code=PercentOff(percent * 100))
    assert found.bill.code_off == off


# Any cart at all.
ids = st.integers(1, 5)
amounts = st.integers(0, 100_000)
discounts = st.one_of(
    st.builds(PercentOff, st.integers(1, 10_000)),
    st.builds(AmountOff, st.integers(1, 50_000)),
    st.just(FreeShipping()),
)
rewards: st.SearchStrategy[CartReward] = st.one_of(discounts, st.builds(FreeGift, ids))
carts = st.lists(
    st.builds(
        CartLine, ids, st.integers(1, 20), amounts, st.frozensets(st.integers(1, 3)), st.booleans()
    ),
    max_size=6,
    unique_by=lambda line: line.product_id,
)
tiers = st.lists(st.tuples(st.integers(1, 200_000), rewards), max_size=5).map(
    lambda found: tuple(CartTier(n, *one) for n, one in enumerate(found, 1))
)
campaigns = st.builds(
    CartMilestones,
    st.sampled_from(["value", "items"]),
    tiers,
    st.booleans(),
    st.booleans(),
    st.frozensets(ids, max_size=2),
    st.frozensets(st.integers(1, 3), max_size=1),
)
stocks = st.dictionaries(ids, st.one_of(st.none(), st.integers(0, 3)))


def plain_total(
    lines: list[CartLine],
    campaign: CartMilestones,
    code: Discount | None,
    shipping: int,
    stock: dict[int, int | None],
    declined: frozenset[int],
    credit: int,
) -> tuple[int, list[int]]:
    """The total and the gifts, reckoned with sums alone: no lines, no splits but for the code."""

    def worth(reward: object, whole: int) -> int:
        if isinstance(reward, PercentOff):
            return int(whole * reward.hundredths / 10_000 + 0.5 + 1e-9)
        return reward.amount if isinstance(reward, AmountOff) else 0

    cards = sum(x.amount for x in lines if x.is_gift_card)
    in_, out = (
        [x for x in lines if not x.is_gift_card and campaign.counts(x) is counts]
        for counts in (True, False)
    )
    goods, rest = sum(x.amount for x in in_), sum(x.amount for x in out)
    off = min(worth(code, goods + rest), goods + rest)
    of_in = evaluate(lines, replace(campaign, tiers=()), code=code).bill
    code_in = sum(b.off for b in of_in.lines if b.line in in_)
    assert abs(code_in * (goods + rest) - off * goods) <= max(goods + rest, 1) * len(lines)
    reading = (
        sum(x.quantity for x in in_)
        if campaign.trigger == "items"
        else goods - (code_in if campaign.after_codes else 0)
    )
    there = sorted(
        (t for t in campaign.tiers if t.target <= reading), key=lambda t: (t.target, t.id)
    )
    if not campaign.adds_up:
        there = there[-1:]
    left, free, gifts = goods - code_in, isinstance(code, FreeShipping), []
    for tier in there:
        left = max(0, left - worth(tier.reward, goods))
        free = free or isinstance(tier.reward, FreeShipping)
        if isinstance(tier.reward, FreeGift) and tier.id not in declined:
            product = tier.reward.product_id
            has = stock.get(product, 0)
            bought = sum(x.quantity for x in lines if x.product_id == product)
            if has is None or has > bought + gifts.count(product):
                gifts.append(product)
    whole = cards + left + rest - (off - code_in) + (0 if free else shipping)
    return max(0, whole - credit), gifts


@given(
    carts, campaigns, st.none() | discounts, st.integers(0, 5000), stocks,
    st.frozensets(st.integers(1, 5)), st.integers(0, 20_000),
)  # fmt: skip
def test_what_the_bar_promises_is_what_the_bill_charges_for_any_cart(
    lines: list[CartLine],
    campaign: CartMilestones,
    code: Discount | None,
    shipping: int,
    stock: dict[int, int | None],
    declined: frozenset[int],
    credit: int,
) -> None:
    """K6, K7."""
    found = evaluate(
        lines, campaign, code=code, shipping=shipping, stock=stock, declined=declined, credit=credit
    )
    expected, gifts = plain_total(lines, campaign, code, shipping, stock, declined, credit)
    bill = found.bill
    assert (bill.total, list(bill.gifts)) == (expected, gifts)
    assert all(billed.amount >= 0 for billed in bill.lines) and bill.total >= 0
    assert sum(billed.off for billed in bill.lines) == bill.code_off + bill.tiers_off
    assert sum(billed.amount for billed in bill.lines) + shipping - bill.shipping_off == (
        bill.total + bill.credit
    )
    there = {now.tier.id for now in found.tiers if now.is_reached}
    assert standing(lines, campaign, code) == there
    for now in found.tiers:
        assert now.is_reached == (now.tier.target <= found.reading)
        assert now.left == max(0, now.tier.target - found.reading)
        assert now.is_reached or not now.applies, "nothing survives below its threshold"
        assert now.gift != "given" or any(not x.is_gift_card for x in lines), "never kept alone"


@given(carts, st.integers(0, 5000), st.integers(0, 99_999), st.integers(0, 60), st.booleans())
def test_credit_pays_all_or_leaves_what_a_card_can_pay_and_moves_nothing_else(
    lines: list[CartLine], shipping: int, credit: int, least: int, by_coin: bool
) -> None:
    """K3: it is a way to pay, no discount."""
    coin = 10 if by_coin else 1
    campaign = CartMilestones("value", (CartTier(1, 500, PercentOff(1000)),))
    asked = {"shipping": shipping * coin, "coin": coin}
    lines = [replace(line, price=line.price * coin) for line in lines]
    without = evaluate(lines, campaign, **asked)
    found = evaluate(lines, campaign, credit=credit, least=least * coin, **asked)
    bill, due = found.bill, without.bill.total
    assert found.tiers == without.tiers and found.bill.lines == without.bill.lines
    assert bill.credit + bill.total == due and 0 <= bill.credit <= credit
    assert bill.credit % coin == 0
    if bill.credit:
        assert bill.total == 0 or bill.total >= least * coin
    if credit >= due:
        assert bill.total == 0


@given(
    carts.filter(bool), stocks, st.lists(st.lists(ids, min_size=1, max_size=3), max_size=4),
    st.frozensets(st.sampled_from("0123")),
)  # fmt: skip
def test_what_a_customer_has_earned_comes_while_there_is_a_piece_of_each(
    lines: list[CartLine],
    stock: dict[int, int | None],
    products: list[list[int]],
    later: frozenset[str],
) -> None:
    owed = [OwedGift(str(n), tuple(goods)) for n, goods in enumerate(products)]
    found = evaluate(lines, owed=owed, later=later, stock=stock)
    taken = Counter({line.product_id: line.quantity for line in lines})
    for now in found.owed:
        wanted = Counter(now.gift.products)
        has = all(
            (left := stock.get(id_, 0)) is None or left >= taken[id_] + n
            for id_, n in wanted.items()
        )
        state = "declined" if now.gift.key in later else "given"
        assert now.state == (state if has else "sold_out")
        taken += wanted if now.state == "given" else Counter()
    assert found.bill.owed == tuple(n.gift for n in found.owed if n.state == "given")
    assert evaluate([], owed=owed, stock=stock).owed == ()
    assert found.bill.total == sum(line.amount for line in lines)


@given(carts, campaigns, stocks)
def test_emptying_the_cart_takes_everything_back(
    lines: list[CartLine], campaign: CartMilestones, stock: dict[int, int | None]
) -> None:
    """K7."""
    empty = evaluate([], campaign, shipping=0, stock=stock)
    assert (empty.reading, empty.bill.gifts, empty.bill.total) == (0, (), 0)
    assert not any(now.applies for now in empty.tiers)
