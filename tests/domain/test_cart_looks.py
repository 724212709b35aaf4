"""How the bar looks, whatever is kept of it; and why a gift's picture does not show (S41)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.cart_looks import ICONS, Look, TierLook
from milepost.wording.saying import say

JSON = (
    st.none() | st.booleans() | st.integers() | st.sampled_from([*ICONS, "upload", "product", ""])
)
KEPT = st.dictionaries(
    st.sampled_from(["layout", "done", "shimmer", "colour", "source", "icon", "shows", "image"]),
    JSON,
)


@given(KEPT)
def test_whatever_is_kept_there_is_a_look(kept: dict[str, Any]) -> None:
    assert Look.of(Look.of(kept).kept) == Look.of(kept)
    look = TierLook.of(kept, "shipping")
    assert look.icon in ICONS and TierLook.of(look.kept, "shipping") == look


def test_without_a_word_the_icon_is_that_of_the_reward() -> None:
    assert TierLook.of({}, "shipping").icon == "truck"
    assert TierLook.of({"icon": "heart"}, "shipping").icon == "heart"


def test_a_gift_s_picture_shows_only_when_each_condition_holds_and_the_failing_one_is_named() -> (
    None
):
    shown = TierLook(source="upload", shows="product")
    assert shown.picture("gift", "/pin.avif") == "/pin.avif"
    assert shown.why_no_product_image("gift", "/pin.avif") is None
    for look, kind, image, picked, why in [
        (shown, "shipping", "/pin.avif", True, "gives no product"),
        (TierLook(shows="product"), "gift", "/pin.avif", True, "comes from the library"),
        (TierLook(source="upload"), "gift", "/pin.avif", True, "shows the uploaded picture"),
        (shown, "gift", "", False, "No product is picked"),
        (shown, "gift", "", True, "has no picture"),
    ]:
        sentence = look.why_no_product_image(kind, image, picked)
        assert sentence is not None and why in say(sentence, "en")
        assert look.picture(kind, image) == ""
