"""The share picture."""

from io import BytesIO

import pytest
from PIL import Image

from milepost.web.public.card import share_card
from tests.web.sample import STORE, campaign


def picture(**more: object) -> Image.Image:
    image = Image.open(BytesIO(share_card(campaign(**more), STORE, "en")))  # type: ignore[arg-type]
    return image.convert("RGB")


def test_the_card_is_a_small_picture_of_the_size_that_previews_want() -> None:
    data = share_card(campaign(), STORE, "en")
    image = Image.open(BytesIO(data))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(data) < 120_000


def test_the_card_moves_with_the_crowd() -> None:
    assert picture(total=100).tobytes() != picture(total=342).tobytes()


def test_the_card_never_shows_what_a_mystery_hides() -> None:
    c = campaign(420)
    hidden = share_card(c, STORE, "en")
    c["milestones"][2]["title"] = "Another title"
    assert share_card(c, STORE, "en") == hidden


def test_the_card_speaks_german() -> None:
    assert share_card(campaign(), STORE, "de") != share_card(campaign(), STORE, "en")


@pytest.mark.parametrize(
    "more",
    [
        {"total": 0, "milestones": []},
        {"total": 9000},
        {"title": "A title that is far too long for one line " * 4},
        {"basis": "money", "currency": "KWD", "goal": 12_345_678, "total": 9_999_999},
    ],
)
def test_the_card_is_drawn_whatever_the_campaign(more: dict[str, object]) -> None:
    assert picture(**more).size == (1200, 630)
