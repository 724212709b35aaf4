"""Each piece of advice is made from the campaign's own numbers, and says them (S53, S54)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from milepost.domain.advice import Advice, Amount, Stone, advise
from milepost.domain.money import Money
from milepost.domain.trend import Pace
from milepost.domain.whatif import Meter

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def meter(total: int = 0, gained: int | None = None, **more: Any) -> Meter:
    pace = None if gained is None else Pace(NOON - WEEK, WEEK, gained)
    common = {"basis": "units", "total": total, "seq": total, "money": total * 4500}
    return Meter(**common | more, now=NOON, closes_at=NOON + 4 * WEEK, pace=pace)


def about(topic: str, found: list[Advice]) -> Advice:
    (piece,) = [piece for piece in found if piece.topic == topic]
    return piece


def advice(at: Meter, *stones: Stone, backers: int = 10) -> list[Advice]:
    return advise(at, 500, backers, "USD", stones)


def stone(target: int, **more: Any) -> Stone:
    return Stone(f"At {target}", target, **more)


def test_without_a_milestone_the_first_is_advised_at_a_quarter_of_the_goal() -> None:
    (piece,) = advice(meter())
    assert piece.fields == {"near": Amount(125)} and not piece.is_good


def test_before_the_opening_the_first_one_should_be_within_a_quarter() -> None:
    assert about("early", advice(meter(), stone(125))).is_good
    late = about("early", advice(meter(), stone(126)))
    assert not late.is_good and late.fields["near"] == Amount(125)


def test_while_it_runs_the_next_one_should_be_days_away_by_the_trend() -> None:
    soon = about("early", advice(meter(100, 70), stone(200)))
    assert soon.is_good and soon.fields["days"] == 10 and soon.fields["pace"] == Amount(10)
    far = about("early", advice(meter(100, 70), stone(201)))
    assert not far.is_good and far.fields["near"] == Amount(170)


def test_behind_the_crowd_is_no_pull() -> None:
    behind = about("early", advice(meter(300, 70), stone(100, is_reached=True)))
    assert not behind.is_good and "Another one would pull it on" in behind.message


def test_even_steps_are_good_and_a_long_one_gets_a_middle() -> None:
    even = about("spacing", advice(meter(), stone(100), stone(200), stone(500)))
    assert even.is_good
    uneven = about("spacing", advice(meter(), stone(100), stone(150), stone(500)))
    assert not uneven.is_good
    assert (uneven.fields["long"], uneven.fields["middle"]) == (Amount(350), Amount(325))


def test_one_stands_at_the_goal_or_the_nearest_is_named() -> None:
    assert about("goal", advice(meter(), stone(500))).is_good
    off = about("goal", advice(meter(), stone(450), stone(900)))
    assert not off.is_good and off.fields["target"] == Amount(450)


def test_a_reward_s_cost_is_weighed_against_the_money_at_its_target() -> None:
    cheap = about("cost", advice(meter(100), stone(200, cost=500)))
    assert cheap.is_good
    assert cheap.fields["pieces"] == 20 and cheap.fields["cost"] == Money(10_000, "USD")
    assert cheap.fields["money"] == Money(900_000, "USD") and cheap.fields["percent"] == 2
    dear = about("cost", advice(meter(100), stone(200, cost=7000)))
    assert not dear.is_good and dear.fields["percent"] == 16
    silent = about("cost", advice(meter(100), stone(200, is_product=True)))
    assert "does not say what a piece costs" in silent.message


def test_in_a_money_campaign_the_target_is_the_money() -> None:
    at = meter(450_000, basis="money", money=450_000)
    piece = about("cost", advice(at, stone(900_000, cost=500)))
    assert piece.fields["money"] == Money(900_000, "USD") and piece.fields["pieces"] == 20


def test_stock_must_last_for_those_who_are_there_at_the_target() -> None:
    assert about("stock", advice(meter(100), stone(200, stock=20))).is_good
    short = about("stock", advice(meter(100), stone(200, stock=19)))
    assert not short.is_good and short.fields["pieces"] == 20
    by_piece = about("stock", advice(meter(100), stone(200, stock=199, per_unit=True)))
    assert by_piece.fields["pieces"] == 200


def test_long_texts_are_named_with_their_length() -> None:
    assert not [a for a in advice(meter(), stone(200, text="x" * 160)) if a.topic == "text"]
    long = about("text", advice(meter(), stone(200, text="x" * 161)))
    assert long.fields["count"] == 161
    title = about("text", advice(meter(), Stone("t" * 49, 200)))
    assert title.fields["count"] == 49
