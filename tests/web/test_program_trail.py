"""A program is shown as an ordered trail: what is passed, what is next, and what is left to it."""

from datetime import UTC, datetime

from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.web.loyalty.trail import ProgramTrail, Standing, program_trail
from milepost.web.rendering import Renderer

NOW = datetime(2027, 3, 1, tzinfo=UTC)


def step(measure: str, target: int, points: int = 100, id: int | None = None) -> Step:
    return Step(measure, target, REWARDS["points"].make(points, "USD"), id=id)


def trail(kind: str, *steps: Step, every: int | None = None, **readings: int) -> ProgramTrail:
    plan = ProgramPlan(kind, "Thanks", steps, NOW, currency="USD", every=every)
    return program_trail(plan, Standing(readings), {}, "en")


def states(found: ProgramTrail) -> list[tuple[str, str]]:
    return [(stop.mark, stop.state) for stop in found.stops]


def test_the_next_milestone_says_what_is_left_to_it() -> None:
    found = trail("orders", step("orders", 10), step("orders", 3), orders=4)
    assert states(found) == [("3", "passed"), ("10", "next")]
    assert found.next and (found.next.left, found.next.filled) == ("6 orders to go", 40)
    spent = trail("spend", step("spend", 50_000), spend=38_050)
    assert spent.next and (spent.next.mark, spent.next.left) == ("$500", "$119.50 to go")


def test_what_was_given_stays_passed_when_the_reading_falls() -> None:
    plan = ProgramPlan("orders", "Thanks", (step("orders", 3, id=7), step("orders", 5, id=8)), NOW)
    found = program_trail(plan, Standing({"orders": 2}, frozenset({7})), {}, "en")
    assert states(found) == [("3", "passed"), ("5", "next")]
    assert found.first and found.first.walked == 1


def test_a_program_that_repeats_shows_the_lap_that_it_is_in() -> None:
    found = trail("orders", step("orders", 3), every=5, orders=9)
    assert (found.lap, states(found)) == (2, [("3", "passed")])
    assert found.again == "It begins again after 5 orders."
    assert trail("orders", step("orders", 3), every=5, orders=10).next is not None


def test_a_journey_shows_its_steps_in_their_own_order() -> None:
    plan = ProgramPlan(
        "mixed",
        "Journey",
        (step("orders", 1, id=1), step("reviews", 2, id=2), step("spend", 100, id=3)),
        NOW,
        currency="USD",
    )
    found = program_trail(plan, Standing({"reviews": 1}, frozenset({1})), {}, "en")
    assert [stop.state for stop in found.stops] == ["passed", "next", "ahead"]
    assert found.next and found.next.left == "one review to go"


def test_a_spell_without_orders_has_nothing_left_to_go() -> None:
    found = trail("inactivity", step("months", 1), step("days", 14), months=1)
    assert states(found) == [("14", "next"), ("1", "ahead")]
    assert [stop.left for stop in found.stops] == ["", ""]


def test_the_drawing_reads_as_a_list_and_is_well_formed() -> None:
    found = trail("orders", step("orders", 3), step("orders", 5), orders=3)
    html = Renderer("http://localhost").page("loyalty/parts/trail.html", "en", t=found, level=3)
    assert html.count('<li class="stop') == 2 and 'aria-valuetext="2 orders to go"' in html
    assert "<h3>100 points</h3>" in html and "For 5 orders." in html
