"""A program speaks its customers' languages; what nobody translated is in the store's (B15, K8)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from milepost.domain.program_plans import Step
from milepost.services.posting import post_waiting
from tests.loyalty import Programs, open_programs, reward
from tests.mailing.people import composer
from tests.shop import customer, listing
from tests.shopping import Shopper
from tests.web.client import Reader
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.web.test_me_pages import words
from tests.world import World

HOME = "/studio/larkfield/programs"


@pytest.fixture
async def loyal(world: World) -> Programs:
    """Programs of Alice's store."""
    return await open_programs(world)


@pytest.fixture
async def alice(served: Served, world: World) -> AsyncIterator[Reader]:
    """Alice at work in the studio."""
    await staff(world)
    async with Reader(served.url) as reader:
        await enter(reader, "Alice")
        yield reader


async def regulars(loyal: Programs, *more: Step) -> tuple[int, list[int]]:
    """A program that is on, with two milestones that say something; its id, and theirs."""
    first = Step("orders", 1, reward(), "The first one.")
    program = await loyal.on(
        "orders", first, Step("orders", 5, reward(), "Five of them."), *more, name="Regulars"
    )
    rows = await loyal.world.rows("select id from milestones order by target")
    return program, [row["id"] for row in rows]


async def translated(alice: Reader, program: int, base: int = 0, **typed: str) -> Any:
    """What the form of the texts answers to what was typed; `t7_de` is the field `t7-de`."""
    sent = {name.replace("_", "-"): said for name, said in typed.items()}
    sent |= {"base": str(base), "do": sent.get("do", "save")}
    return await send(alice, f"{HOME}/{program}/languages", **sent)


async def test_a_german_reads_german_and_what_is_not_translated_as_it_was_written(
    served: Served, world: World, loyal: Programs, alice: Reader
) -> None:
    program, (first, _) = await regulars(loyal)
    await world.rows(
        "update customers set locale = 'de' where id = $1", await customer(world, "Dana")
    )
    answer = await translated(
        alice, program, name_de="Stammgäste", **{f"t{first}_de": "Die erste."}
    )
    assert answer.status_code == 303, answer.text
    await loyal.order("Dana")
    await sign_in(served.reader, world, "Dana")
    german = words(await served.reader.get("/me/rewards?lang=de"))
    assert "(Stammgäste)" in german and "Die erste." in german and "Five of them." in german
    assert "Regulars" not in german and "The first one." not in german
    english = words(await served.reader.get("/me/rewards?lang=en"))
    assert "(Regulars)" in english and "The first one." in english and "Stamm" not in english
    while await post_waiting(world.database, None, composer, world.clock):
        pass
    mail = await world.row("select text from mails where kind = 'reward_earned'")
    assert "(Stammgäste)" in mail["text"] and "Regulars" not in mail["text"]
    assert (await loyal.grants("Dana"), await loyal.balance("Dana")) == ([(1, "owed")], (500, 0))


async def test_the_words_of_a_program_that_is_on_are_saved_and_noted(
    world: World, loyal: Programs, alice: Reader
) -> None:
    program, (first, _) = await regulars(loyal)
    page = (await alice.get(f"{HOME}/{program}/languages")).text
    assert "It is on: customers read what you save at once." in page
    assert 'placeholder="Regulars"' in page and 'placeholder="The first one."' in page
    answer = await translated(alice, program, name_de="Stamm", **{f"t{first}_de": "Eins."})
    assert answer.status_code == 303
    page = (await alice.get(f"{HOME}/{program}/languages")).text
    assert 'value="Stamm"' in page and 'value="Eins."' in page
    assert "program_translated" in [what for _, what, *_ in await log_of(world)]
    log = (await alice.get("/studio/larkfield/log")).text
    assert "Saved what the program “Regulars” says in other languages" in log
    assert "Name (Deutsch)" in log and "1: Text (Deutsch)" in log and "Eins." in log
    assert (await translated(alice, program, 1)).status_code == 303
    assert 'value="Stamm"' not in (await alice.get(f"{HOME}/{program}/languages")).text


async def test_a_new_rule_keeps_what_its_milestones_say_in_other_languages(
    world: World, loyal: Programs, alice: Reader
) -> None:
    program, (first, _) = await regulars(loyal)
    await translated(alice, program, name_de="Stamm", **{f"t{first}_de": "Eins."})
    typed = {"m0": str(first), "m0-target": "1", "m0-reward": "points", "m0-points": "9"}
    page = await send(
        alice, f"{HOME}/{program}", base="0", do="save", name="Friends",
        **typed, **{"m0-text": "Anew."},
    )  # fmt: skip
    assert page.status_code == 303, page.text
    page = (await alice.get(f"{HOME}/{program}/languages")).text
    assert 'value="Stamm"' in page and 'value="Eins."' in page and "Anew." in page
    log = (await alice.get("/studio/larkfield/log")).text
    assert "Text: The first one." in words(await alice.get("/studio/larkfield/log")), log


async def test_the_preview_speaks_what_is_typed_with_and_without_its_script(
    loyal: Programs, alice: Reader
) -> None:
    program, (first, _) = await regulars(loyal)
    typed = {"name-de": "Stammgäste", f"t{first}-de": "Die erste.", "at_lang": "de"}
    shown = (await send(alice, f"{HOME}/{program}/languages/preview", **typed)).json()["html"]
    assert "Stammgäste" in shown and "Die erste." in shown and "500 Punkte" in shown
    sent = typed | {"base": "0", "do": "preview"}
    page = await send(alice, f"{HOME}/{program}/languages", **sent)
    assert "<h3>Stammgäste</h3>" in page.text and "500 Punkte" in page.text
    english = await send(alice, f"{HOME}/{program}/languages", **(sent | {"at_lang": "en"}))
    assert "<h3>Regulars</h3>" in english.text and "500 points" in english.text


async def test_a_text_without_room_is_refused_beside_its_field_and_kept(
    loyal: Programs, alice: Reader
) -> None:
    program, (first, _) = await regulars(loyal)
    answer = await translated(alice, program, name_de="S" * 81, **{f"t{first}_de": "Eins."})
    assert answer.status_code == 422 and 'id="name-de-note"' in answer.text
    assert "S" * 81 in answer.text and 'value="Eins."' in answer.text


async def test_whoever_saves_the_texts_second_sees_the_first_ones(
    loyal: Programs, alice: Reader
) -> None:
    program, _ = await regulars(loyal)
    assert (await translated(alice, program, name_de="Stammgäste")).status_code == 303
    async with Reader(str(alice.base_url)) as bob:
        await enter(bob, "Bob")
        late = await translated(bob, program, name_de="Treue")
    assert late.status_code == 409 and "Alice saved this part" in late.text
    assert 'value="Treue"' in late.text and "Stammgäste" in late.text


async def test_a_cart_says_in_french_what_its_gift_is_for(
    served: Served, world: World, loyal: Programs, alice: Reader
) -> None:
    mug = await listing(world, title="Mug", price=500)
    program = await loyal.on(
        "orders", Step("orders", 1, reward("gift", [mug.product])), name="Regulars"
    )
    assert (await translated(alice, program, name_fr="Habitués")).status_code == 303
    page = (await alice.get(f"{HOME}/{program}/languages")).text
    assert "Pages and mails don’t come in this language yet." in page
    await loyal.order("Dana")
    shopper = Shopper(world, served.reader)
    await shopper.put(mug.product)
    await shopper.sign_in("Dana")
    cookie = {"cookie": shopper.cookies}
    assert "Habitués" in (await served.reader.get("/cart?lang=fr", headers=cookie)).text
    assert "Regulars" in (await served.reader.get("/cart?lang=en", headers=cookie)).text


async def test_a_program_begins_with_a_name_in_its_stores_language(
    world: World, alice: Reader
) -> None:
    await world.rows("update stores set locale = 'de'")
    answer = await send(alice, f"{HOME}/new", kind="orders")
    assert answer.status_code == 303
    assert (await world.row("select name from programs"))["name"] == "Zahl der Bestellungen"
    page = (await alice.get(answer.headers["location"].split("?")[0] + "/languages")).text
    assert 'name="name-en"' in page and 'name="name-de"' not in page


async def test_a_pledge_says_in_german_what_its_gift_is_for(
    served: Served, world: World, loyal: Programs, alice: Reader
) -> None:
    await world.tier(await world.campaign(slug="recorder", funding_model="keep_it_all"))
    pin = await listing(world, title="Pin", ships=False)
    program = await loyal.on(
        "orders", Step("orders", 1, reward("gift", [pin.product])), name="Regulars"
    )
    assert (await translated(alice, program, name_de="Stammgäste")).status_code == 303
    await loyal.order("Dana")
    dana = Shopper(world, served.reader)
    await dana.sign_in("Dana")
    at, cookie = "/c/recorder/pledge?purse=1&lang=", {"cookie": dana.cookies}
    assert "Stammgäste" in (await served.reader.get(f"{at}de", headers=cookie)).text
    assert "Regulars" in (await served.reader.get(f"{at}en", headers=cookie)).text
