"""Reviews by those who bought: who may, what is shown, what the stars add up to (B21)."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milepost.domain.errors import Refusal
from milepost.domain.listings import Offer, price_of, tenths
from milepost.services.author import Author
from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.services.reviewing import NewReview, hide_review, show_review, write_review
from tests.shop import Listed, bought, customer, listing, reviewed
from tests.web.client import Reader
from tests.web.me import do, sign_in
from tests.web.studio import creator
from tests.world import World

GOOD = {"stars": "4", "text": "It keeps the wind out.", "name": "Dana"}


async def test_whoever_has_bought_it_says_how_it_is_and_it_waits(
    reader: Reader, world: World
) -> None:
    listed = await listing(world)
    await bought(world, "Dana", listed)
    at = f"/shop/{listed.slug}/reviews"
    assert f'href="/me/sign-in?next={at}"' in (await reader.get(at)).text
    await sign_in(reader, world, "Dana")
    form = await reader.get(at)
    assert 'value="Dana"' in form.text and form.headers["cache-control"] == "no-store"
    assert (await do(reader, at, **GOOD)).headers["location"] == f"{at}?said=kept"
    row = await world.row("select * from reviews")
    assert (row["stars"], row["text"], row["state"]) == (4, GOOD["text"], "waiting")
    assert "Only you see your review" in (await reader.get(at)).text
    async with Reader(str(reader.base_url)) as somebody:
        assert GOOD["text"] not in (await somebody.get(at)).text
        assert "Nobody has reviewed it yet" in (await somebody.get(f"/shop/{listed.slug}")).text


async def test_who_has_not_paid_for_it_says_nothing(reader: Reader, world: World) -> None:
    listed, other = await listing(world), await listing(world)
    await customer(world, "Dana")
    at = f"/shop/{listed.slug}/reviews"
    signed_out = await do(reader, at, **GOOD)
    assert signed_out.status_code == 409 and GOOD["text"] in signed_out.text
    await sign_in(reader, world, "Dana")
    for order in (("Dana", other, "paid"), ("Eli", listed, "paid"), ("Dana", listed, "open"),
                  ("Dana", listed, "refunded")):  # fmt: skip
        await bought(world, *order[:2], state=order[2])
        refused = await do(reader, at, **GOOD)
        assert refused.status_code == 409 and "Only those who bought it" in refused.text
    assert await world.rows("select id from reviews") == []


async def test_a_review_is_shown_counted_and_waits_again_when_it_is_changed(
    reader: Reader, world: World
) -> None:
    listed = await listing(world)
    await bought(world, "Dana", listed)
    await bought(world, "Eli", listed)
    await reviewed(world, "Eli", listed, 5, "Eli's words.", state="shown")
    mine = await reviewed(world, "Dana", listed, 2, "Not so good.", state="shown")
    at = f"/shop/{listed.slug}/reviews"
    page = (await reader.get(f"/shop/{listed.slug}")).text
    assert "3.5 of 5 stars" in page and "Not so good." in page and "All 2 reviews" in page
    await sign_in(reader, world, "Dana")
    assert "waits for approval again" in (await reader.get(at)).text
    await do(reader, at, **GOOD | {"text": "Better now."})
    assert [r["id"] for r in await world.rows("select id from reviews order by id")][-1] == mine
    assert await sums(world, listed) == (5, 1)
    page = (await reader.get(f"/shop/{listed.slug}")).text
    assert "5.0 of 5 stars" in page and "Better now." not in page


async def sums(world: World, listed: Listed) -> tuple[int, int]:
    row = await world.row("select stars, reviews from listings where id = $1", listed.id)
    return row["stars"], row["reviews"]


async def test_what_can_t_be_shown_is_refused_and_kept_in_the_form(
    reader: Reader, world: World
) -> None:
    listed = await listing(world)
    await bought(world, "Dana", listed)
    await sign_in(reader, world, "Dana")
    at = f"/shop/{listed.slug}/reviews"
    for wrong, said in (
        ({"stars": "0"}, "Choose one to five stars"),
        ({"stars": "6"}, "Choose one to five stars"),
        ({"stars": "x"}, "Choose one to five stars"),
        ({"name": " "}, "Say who you are"),
        ({"name": "Larkfield"}, "name of the store"),
        ({"text": "x" * 3001}, "characters"),
    ):
        answer = await do(reader, at, **GOOD | wrong)
        assert answer.status_code == 422 and said in answer.text
        assert (wrong.get("text") or GOOD["text"])[:2000] in answer.text
    assert await world.rows("select id from reviews") == []


async def test_a_person_s_reviews_are_given_to_them_and_forgotten_with_them(world: World) -> None:
    listed = await listing(world, title="Muff")
    for who, stars in (("Dana", 2), ("Eli", 5)):
        await bought(world, who, listed, shipped=True)
        await reviewed(world, who, listed, stars, f"{who}'s words.", state="shown")
    found = await export_person(world.database, "dana@example.org", world.now)
    (review,) = found["reviews"]
    assert (review["title"], review["stars"], review["text"]) == ("Muff", 2, "Dana's words.")
    await erase_person(world.database, "dana@example.org", world.now)
    assert [r["name"] for r in await world.rows("select name from reviews")] == ["Eli"]
    assert await sums(world, listed) == (5, 1)


steps = st.lists(
    st.tuples(st.sampled_from(["write", "show", "hide", "erase"]), st.integers(0, 2),
              st.integers(1, 5)),
    max_size=12,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps)
async def test_a_listing_s_stars_are_always_the_sum_of_what_is_shown(
    world: World, steps: list[tuple[str, int, int]]
) -> None:
    listed = await listing(world)
    await bought(world, "Dana", listed)
    known = await world.rows("select id from creators")
    alice = known[0]["id"] if known else await creator(world, "Alice", "owner")
    author = Author(alice, "alice@example.org", world.store_id, 0)
    people = [f"buyer{listed.id}x{n}" for n in range(3)]
    for who in people:
        await bought(world, who, listed, shipped=True)
    for what, which, stars in steps:
        await _step(world, listed, author, people[which], what, stars)
    row = await world.row(
        "select coalesce(sum(stars), 0)::int as stars, count(*)::int as reviews from reviews"
        " where listing_id = $1 and state = 'shown'",
        listed.id,
    )
    assert await sums(world, listed) == (row["stars"], row["reviews"])


async def _step(
    world: World, listed: Listed, author: Author, who: str, what: str, stars: int
) -> None:
    email = f"{who}@example.org"
    mine: list[Any] = await world.rows(
        "select r.id from reviews r join customers c on c.id = r.customer_id"
        " where r.listing_id = $1 and c.email = $2",
        listed.id,
        email,
    )
    try:
        if what == "write":
            said = NewReview(stars, "Words.", who)
            await write_review(world.database, world.store_id, listed.id, email, said, world.now)
        elif what == "erase":
            await erase_person(world.database, email, world.now)
        elif mine:
            act = show_review if what == "show" else hide_review
            await act(world.database, author, mine[0]["id"], world.now)
    except Refusal:
        pass  # whoever was forgotten has bought nothing


def test_the_average_is_rounded_half_up_to_a_tenth() -> None:
    assert [tenths(*pair) for pair in ((0, 0), (5, 1), (9, 2), (14, 3), (13, 3), (89, 20))] == [
        None, 50, 45, 47, 43, 45]  # fmt: skip


@given(st.lists(st.tuples(st.none() | st.integers(0, 999), st.none() | st.integers(0, 9))))
def test_the_lowest_price_is_of_what_can_be_bought_while_anything_can(
    pairs: list[tuple[int | None, int | None]],
) -> None:
    found = price_of(Offer(price, stock) for price, stock in pairs)
    priced = [(p, s) for p, s in pairs if p is not None]
    there = [p for p, s in priced if s != 0] or [p for p, _ in priced]
    assert (found.lowest if found else None) == (min(there) if there else None)
    assert found is None or found.is_from == (len(set(there)) > 1)
