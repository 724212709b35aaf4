"""What stands on the envelope."""

import pytest

from milepost.gateways.mail import WIRE, Away, Parcel, Post, Refused, letter, sender_of
from milepost.services.posting import post_waiting
from milepost.storage.mails import Letter
from tests.mailing.mailserver import MailServer
from tests.mailing.people import BASE_URL, backer, composer, promise, reach
from tests.world import NOON, World

PARCEL = Parcel("dana@example.org", "Dana", "Hello", "Text", "<p>Text</p>", "en")


async def sent(world: World, post: Post, server: MailServer, *letters: Letter) -> None:
    await promise(world, *letters)
    await post_waiting(world.database, post, composer, world.clock)


async def test_a_receipt_says_who_it_is_from_and_that_no_person_wrote_it(
    world: World, server: MailServer, post: Post
) -> None:
    campaign_id = await world.campaign(title="Größe & “Weite”")
    pledge_id = await backer(world, campaign_id, "Zoe")
    async with world.database.connection() as db:
        await db.execute("update customers set name = 'Zoë, “Z” Öl'")
    await sent(world, post, server, Letter("receipt", "receipt:1", pledge_id))
    (message,) = server.received
    assert message["From"].addresses[0].display_name == "Larkfield, Press & Söunds"
    assert message["From"].addresses[0].addr_spec == "hello@larkfield.example"
    assert message["To"].addresses[0].display_name == "Zoë, “Z” Öl"
    assert message["Subject"] == "Your pledge to Größe & “Weite” is paid"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@larkfield.example>")
    assert message["Date"].datetime == world.now
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None
    assert server.envelopes == [("hello@larkfield.example", "zoe@example.org")]
    assert message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"], "the last is the one that is shown"
    assert all(line.isascii() and len(line) < 998 for line in message.as_string().splitlines())


async def test_news_carries_the_one_click_way_out_and_nothing_else_does(
    world: World, server: MailServer, post: Post
) -> None:
    campaign_id = await world.campaign()
    pledge_id = await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(campaign_id, 1)
    await reach(world, milestone_id, 1)
    await sent(world, post, server, Letter("milestone", "news", pledge_id, milestone_id))
    (message,) = server.received
    address = message["List-Unsubscribe"].strip("<>")
    assert address.startswith(f"{BASE_URL}/unsubscribe/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    assert html and address in html.get_content()
    assert text and address in text.get_content()


def test_the_same_mail_has_the_same_message_id_for_ever() -> None:
    post = Post("smtp://localhost?from=a@b.example", BASE_URL)
    first, again, other = (letter(PARCEL, post, key, NOON) for key in ("one", "one", "two"))
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def test_no_text_can_add_a_header() -> None:
    post = Post("smtp://localhost?from=a@b.example", BASE_URL)
    evil = Parcel("dana@example.org", "D\r\nBcc: x@y.z", "S\r\nBcc: x@y.z", "t", "h", "en")
    message = letter(evil, post, "key", NOON)
    assert message["Bcc"] is None
    assert message["Subject"] == "S Bcc: x@y.z"


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://h?from=Lark%20Field%20%3Chello@x.org%3E", ("Lark Field", "hello@x.org")),
        ("smtp://h?from=hello@x.org", ("", "hello@x.org")),
        ("smtp://me%40x.org:secret@h:25", ("", "me@x.org")),
        ("smtps://me:secret@h", ("", "milepost@fund.example.org")),
    ],
)
def test_the_sender_is_in_the_setting_or_derived_from_it(url: str, sender: tuple[str, str]) -> None:
    assert sender_of(url, BASE_URL) == sender


def test_without_a_name_of_its_own_the_sender_has_the_stores() -> None:
    post = Post("smtp://localhost?from=a@b.example", BASE_URL)
    parcel = Parcel("d@e.f", "", "s", "t", "h", "en", sender_name="Larkfield")
    assert str(letter(parcel, post, "k", NOON)["From"]) == "Larkfield <a@b.example>"


async def test_a_password_is_not_told_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("milepost.gateways.mail._is_here", lambda host: False)
    async with MailServer() as server:
        post = Post(server.url.replace("//", "//me:secret@"), BASE_URL)
        with pytest.raises(Away, match="it offers no TLS"):
            await post.open()


@pytest.mark.parametrize("utf8", [True, False])
async def test_an_address_in_another_script_goes_where_servers_can_write_it(utf8: bool) -> None:
    parcel = Parcel("zoë@bücher.example", "Zoë", "Hi", "t", "<p>t</p>", "de")
    async with MailServer(utf8=utf8) as server:
        post = Post(server.url, BASE_URL)
        message = letter(parcel, post, "key", NOON)
        if utf8:
            await post.send(message)
            assert server.recipients == ["zoë@xn--bcher-kva.example"]
        else:
            with pytest.raises(Refused, match="SMTPUTF8"):
                await post.send(message)
        await post.close()


def test_a_long_way_out_stays_on_one_line_as_it_is() -> None:
    post = Post("smtp://localhost?from=a@b.example", BASE_URL)
    address = f"{BASE_URL}/{'a-long-path-' * 12}unsubscribe/token"
    parcel = Parcel("d@e.f", "D", "ö" * 200, "t", "h", "en", unsubscribe=address)
    lines = letter(parcel, post, "k", NOON).as_bytes(policy=WIRE).decode("ascii").split("\r\n")
    assert f"List-Unsubscribe: <{address}>" in lines
    assert max(len(line) for line in lines if "unsubscribe" not in line) <= 78
