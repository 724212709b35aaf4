"""Where the bar shows, how it looks, what it says; the preview and the advice beside (S22–S43)."""

import io
from typing import Any

import pytest
from PIL import Image

from tests.shop import Listed, Variant, bought, listing
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.web.test_cart_milestones import HOME, PERCENT, SHIPPING, begun, ruled
from tests.world import World


def picture(width: int, height: int) -> bytes:
    """A PNG of that size."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, "PNG")
    return made.getvalue()


BASE = {"base": "0", "do": "save"}


async def three_tiers(served: Served, world: World, image: str = "/media/pin.avif") -> int:
    """Alice's campaign: 7.5 % from $40, free shipping from $60, a pin from $80."""
    await staff(world)
    variant = Variant(price=900, stock=4, image=image, image_alt="A pin")
    pin = await listing(world, title="Enamel pin", variants=[variant])
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    gift = {"t2": "new", "t2-kind": "gift", "t2-product": str(pin.product), "t2-target-USD": "80"}
    assert (await ruled(served, cart, **PERCENT, **SHIPPING, **gift)).status_code == 303
    return cart


async def ids(world: World) -> list[int]:
    return [row["id"] for row in await world.rows("select id from cart_tiers order by position")]


async def kept(world: World) -> Any:
    return await world.row("select design, messages from cart_campaigns")


async def test_the_bar_shows_where_it_is_ticked_and_in_its_layout(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    typed = {"place-page": "on", "layout": "segmented"}
    assert (await send(served.reader, f"{HOME}/{cart}/display", **BASE, **typed)).status_code == 303
    design = (await kept(world))["design"]
    assert (design["places"], design["layout"], design["shimmer"]) == (["page"], "segmented", True)
    page = (await served.reader.get(f"{HOME}/{cart}/display")).text
    assert "is-segmented" in page and "No page has shown a drawer yet" in page
    _, what, _, before, after = (await log_of(world))[-1]
    assert (what, before["layout"], after["layout"]) == (
        *("cart_display_saved", "classic", "segmented"),
    )


async def test_a_drawer_tells_that_it_is_there_and_the_step_says_so(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    for slug in ("larkfield", "nowhere", "x" * 500, "\0"):
        assert (await send(served.reader, "/cart/seen", store=slug)).status_code == 204
    page = (await served.reader.get(f"{HOME}/{cart}/display")).text
    assert "The drawer is integrated" in page
    row = await world.rows("select slug from stores where drawer_seen_at is not null")
    assert [r["slug"] for r in row] == ["larkfield"]


async def test_each_tier_has_its_icon_or_a_picture_and_the_bar_its_colour(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    one, two, three = await ids(world)
    files = {f"t{two}-image": ("heart.png", picture(64, 64), "image/png")}
    typed = BASE | {
        "done": "replace",
        "colour": "#FFEE00",
        f"t{one}-source": "library",
        f"t{one}-icon": "heart",
        f"t{one}-done_icon": "bolt",
        f"t{two}-source": "upload",
        f"t{two}-image_alt": "A truck",
        f"t{three}-source": "upload",
        f"t{three}-shows": "product",
    }
    at = f"{HOME}/{cart}/design"
    answer = await served.reader.post(at, data=typed, files=files, headers=served.reader.from_here)
    assert answer.status_code == 303, answer.text
    design = (await kept(world))["design"]
    assert (design["done"], design["shimmer"], design["colour"]) == ("replace", False, "#ffee00")
    looks = await world.rows("select design from cart_tiers order by position")
    assert (looks[0]["design"]["icon"], looks[0]["design"]["done_icon"]) == ("heart", "bolt")
    assert looks[1]["design"]["image"].startswith("/media/")
    page = (await served.reader.get(at)).text
    assert "The gift’s own picture shows." in page and "It is moved a little" in page
    assert "/brand/bar-ffee00.css" in page and 'src="/media/pin.avif"' in page
    css = await served.reader.get("/brand/bar-ffee00.css")
    assert css.status_code == 200 and "--road" in css.text
    assert (await served.reader.get("/brand/bar-nothex.css")).status_code == 404


@pytest.mark.parametrize(
    "image, typed, said",
    [
        ("/media/pin.avif", {"source": "library"}, "comes from the library"),
        ("/media/pin.avif", {"source": "upload", "shows": "picture"}, "shows the uploaded picture"),
        ("", {"source": "upload", "shows": "product"}, "has no picture"),
    ],
)
async def test_where_the_gift_s_picture_cannot_show_the_failing_condition_is_named(
    served: Served, world: World, image: str, typed: dict[str, str], said: str
) -> None:
    cart = await three_tiers(served, world, image)
    three = (await ids(world))[2]
    own = {f"t{three}-{name}": value for name, value in typed.items()}
    page = await send(served.reader, f"{HOME}/{cart}/design", base="0", do="preview", **own)
    assert said in page.text and "does not show" in page.text


async def test_a_colour_that_is_none_and_a_picture_without_words_are_refused(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    answer = await send(served.reader, f"{HOME}/{cart}/design", **BASE, colour="mauve")
    assert answer.status_code == 422 and "“mauve” is not a colour" in answer.text
    assert (await kept(world))["design"] == {}
    one = (await ids(world))[0]
    files = {f"t{one}-image": ("heart.png", picture(64, 64), "image/png")}
    answer = await served.reader.post(
        f"{HOME}/{cart}/design",
        data=BASE | {f"t{one}-source": "upload"},
        files=files,
        headers=served.reader.from_here,
    )
    assert answer.status_code == 422 and f'name="t{one}-image_kept" value="/media/' in answer.text


async def test_messages_are_kept_by_language_and_what_is_empty_falls_back(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    one, *_ = await ids(world)
    typed = {"before-en": "Only {{amount_left}} to go", f"t{one}-reward-de": "{{reward}} ist da"}
    at = f"{HOME}/{cart}/languages"
    assert (await send(served.reader, at, **BASE, **typed)).status_code == 303
    assert (await kept(world))["messages"] == {"en": {"before": "Only {{amount_left}} to go"}}
    tier = await world.row("select messages from cart_tiers order by position limit 1")
    assert tier["messages"] == {"de": {"reward": "{{reward}} ist da"}}
    page = (await served.reader.get(at)).text
    german = page[page.index('id="before-de"') :]
    assert 'placeholder="Only {{amount_left}} to go"' in german[: german.index(">")]
    assert "Only $16 to go" in page
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Saved what the cart milestones “Spring” say" in log


async def test_a_variable_that_is_none_is_refused_with_what_was_meant(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    typed = {"before-en": "Add {{amont_left}}", "after-de": "{{goal}}"}
    answer = await send(served.reader, f"{HOME}/{cart}/languages", **BASE, **typed)
    assert answer.status_code == 422 and "Did you mean {{amount_left}}?" in answer.text
    assert 'value="Add {{amont_left}}"' in answer.text
    assert (await kept(world))["messages"] == {}
    live = await send(served.reader, f"{HOME}/{cart}/preview/languages", **typed)
    assert set(live.json()["errors"]) == {"before-en", "after-de"}
    assert "{{amont" not in live.json()["html"]


@pytest.mark.parametrize(
    "at, said, costs",
    [
        ("10", "Add $30 for 7.5% off", "costs that much"),
        ("59.99", "Add $0.01 for free shipping", "costs $55.49"),
        ("80", "Every reward is yours", "costs $74"),
    ],
)
async def test_the_preview_is_the_shop_s_own_bar_at_any_cart(
    served: Served, world: World, at: str, said: str, costs: str
) -> None:
    cart = await three_tiers(served, world)
    page = (await served.reader.get(f"{HOME}/{cart}/rule?at={at}")).text
    assert said in page and costs in page and "cart-milestones" in page


async def test_the_preview_follows_what_is_typed_and_saves_nothing(
    served: Served, world: World
) -> None:
    cart = await three_tiers(served, world)
    typed = {"name": "Spring", "trigger": "items", "t0": "new", "t0-kind": "shipping"}
    live = await send(
        served.reader, f"{HOME}/{cart}/preview/rule", **typed, **{"t0-target-items": "3", "at": "1"}
    )
    assert "Add 2 more for free shipping" in live.json()["html"]
    german = await send(
        served.reader, f"{HOME}/{cart}/preview/display", layout="single", at="50", at_lang="de"
    )
    assert "is-single" in german.json()["html"] and 'lang="de"' in german.json()["html"]
    assert (await kept(world))["design"] == {} and len(await ids(world)) == 3


async def orders(world: World, count: int, quantity: int = 2) -> None:
    thing: Listed = await listing(world, title="Strap", price=1900)
    for _ in range(count):
        await bought(world, "Dana", thing, quantity=quantity)


async def test_advice_comes_from_the_store_s_own_paid_orders(served: Served, world: World) -> None:
    cart = await three_tiers(served, world)
    assert (
        "Not enough orders yet: 0 in 90 days"
        in (await served.reader.get(f"{HOME}/{cart}/rule")).text
    )
    await orders(world, 20)
    page = (await served.reader.get(f"{HOME}/{cart}/rule")).text
    assert "The first threshold, $40, is just above the average order of $38." in page
    assert "The steps between the tiers are even." in page and "The gift comes last" in page


async def test_the_preset_fills_in_a_discount_free_shipping_and_a_gift(
    served: Served, world: World
) -> None:
    await staff(world)
    await orders(world, 20)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    assert "A good beginning" in (await served.reader.get(f"{HOME}/{cart}/rule")).text
    page = (await ruled(served, cart, do="preset")).text
    for name, value in [
        *(("t0-kind", "percent"), ("t1-kind", "shipping"), ("t2-kind", "gift")),
    ]:
        (row,) = [r for r in page.split("<label") if f'name="{name}" value="{value}"' in r]
        assert " checked" in row
    assert 'name="t0-target-USD" inputmode="decimal" value="40"' in page
    assert await ids(world) == []
