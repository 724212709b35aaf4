"""What the demo's makers tell, what they are asked, and what their backers say (B7)."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from milepost.cli.demo_past import OPEN_SINCE, PastPledge
from milepost.cli.demo_shape import Words
from milepost.services.author import Author
from milepost.services.commenting import Said, Thread, comment
from milepost.services.explaining import Faq, add_faq
from milepost.services.moderating import answer_comment, show_comment
from milepost.services.updating import Draft, publish_update, start
from milepost.storage import comments, people
from milepost.storage.database import Database, reading


@dataclass(frozen=True, slots=True)
class DemoUpdate:
    """An update that came out so many days after the opening."""

    day: int
    title: Words
    text: Words
    audience: str = "everybody"


@dataclass(frozen=True, slots=True)
class DemoComment:
    """What a backer said so many days after the opening, and what the makers answered."""

    day: int
    text: str
    answer: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class DemoTalk:
    """All of it about one campaign, oldest first."""

    updates: tuple[DemoUpdate, ...]
    faqs: tuple[tuple[Words, Words], ...]
    comments: tuple[DemoComment, ...]


TALKS = {
    "field-recorder": DemoTalk(
        updates=(
            DemoUpdate(
                1,
                Words("A hundred on the first day", "Hundert am ersten Tag"),
                Words(
                    "We went out before sunrise to hear the first blackbird, and came back to a"
                    " hundred of you.\n\nThe **wind muff** is now in every box. It is sewn by"
                    " Edda's aunt, who says that it looks like her cat.",
                    "Wir sind vor Sonnenaufgang hinaus, um die erste Amsel zu hören, und kamen zu"
                    " hundert von euch zurück.\n\nDer **Windschutz** liegt jetzt in jedem Karton."
                    " Genäht wird er von Eddas Tante, die sagt, er sehe aus wie ihre Katze.",
                ),
            ),
            DemoUpdate(
                6,
                Words("The mesh, drawn eleven times", "Das Gewebe, elfmal gezeichnet"),
                Words(
                    "For you first: the twelfth drawing is the one.\n\n- The eleventh kept the wind"
                    " out and the larks too.\n- The twelfth lets larks in.\n\nThe tool for it is"
                    " ordered, with your money. It is cut in three weeks.",
                    "Für euch zuerst: Die zwölfte Zeichnung ist es.\n\n- Die elfte hielt den Wind"
                    " ab und die Lerchen auch.\n- Die zwölfte lässt die Lerchen herein.\n\nDas"
                    " Werkzeug dafür ist bestellt, mit eurem Geld. In drei Wochen ist es gefräst.",
                ),
                "backers",
            ),
            DemoUpdate(
                13,
                Words("Where the sound comes from", "Woher der Klang kommt"),
                Words(
                    "Two capsules, matched by ear and then by a machine that agrees with our ears."
                    "\n\n> Left stays left, even when you turn round.\n\nThe first twenty cases"
                    " left the oil bath yesterday. They smell of linseed.",
                    "Zwei Kapseln, nach Gehör abgeglichen und dann von einem Gerät, das unseren"
                    " Ohren recht gibt.\n\n> Links bleibt links, auch wenn du dich umdrehst.\n\nDie"
                    " ersten zwanzig Gehäuse kamen gestern aus dem Ölbad. Sie riechen nach Leinöl.",
                ),
            ),
        ),
        faqs=(
            (
                Words("Does it work with gloves?", "Geht es mit Handschuhen?"),
                Words(
                    "Yes. There is **one button**, as wide as a thumb, and you feel it click.",
                    "Ja. Es gibt **einen Knopf**, so breit wie ein Daumen, und du spürst ihn"
                    " klicken.",
                ),
            ),
            (
                Words("Which cell does it take?", "Welche Batterie braucht es?"),
                Words(
                    "One AA, of any make. A full one lasts for thirty hours.",
                    "Eine AA, egal von wem. Eine volle hält dreißig Stunden.",
                ),
            ),
            (
                Words("Can I repair it?", "Kann ich es reparieren?"),
                Words(
                    "Four screws, no glue. The drawings come with it, and we sell each part.",
                    "Vier Schrauben, kein Kleber. Die Zeichnungen liegen bei, und wir verkaufen"
                    " jedes Teil.",
                ),
            ),
        ),
        comments=(
            DemoComment(
                2,
                "I had No. 1 with me on the whole of the coast path. If the strap is longer now,"
                " I have no wish left.",
                "It is longer by a hand. Thank you for walking with it.",
            ),
            DemoComment(5, "Does it hear bats?", "Up to 40 kHz, so: some of them."),
            DemoComment(11, "My father was an engraver. I am glad about the print."),
            DemoComment(16, "Will there be a moss green strap, too?", waits=True),
        ),
    ),
    "night-atlas": DemoTalk(
        updates=(
            DemoUpdate(
                4,
                Words("The first sheets", "Die ersten Bögen"),
                Words(
                    "The black is right now. It took five inks and one very patient printer.",
                    "Das Schwarz stimmt jetzt. Es hat fünf Farben gebraucht und einen sehr"
                    " geduldigen Drucker.",
                ),
            ),
        ),
        faqs=(
            (
                Words("Can it be read by red light?", "Ist er bei rotem Licht lesbar?"),
                Words(
                    "That is how we drew it: by a red lamp, at a table in a field.",
                    "So haben wir ihn gezeichnet: bei roter Lampe, an einem Tisch auf dem Feld.",
                ),
            ),
        ),
        comments=(
            DemoComment(
                7,
                "Is the southern sky in it?",
                "Down to 35° south, as far as one sees it from a boat that we know.",
            ),
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Room:
    """Where it was said: the campaign, by its makers, and who backed it."""

    slug: str
    makers: Author
    past: list[PastPledge]


async def talk(database: Database, rooms: Iterable[Room], now: datetime) -> None:
    """Say all that was said about the campaigns, each at its time and by who said it."""
    said = [one for room in rooms for one in _sayings(database, room, now - OPEN_SINCE)]
    for _, say in sorted(said, key=itemgetter(0)):
        await say()


Saying = tuple[datetime, Callable[[], Awaitable[None]]]


def _sayings(database: Database, room: Room, opened: datetime) -> Iterator[Saying]:
    told = TALKS[room.slug]
    for question, answer in told.faqs:
        german = {"de": {"question": question.de, "answer": answer.de}}
        faq = Faq(question.en, answer.en, german)
        yield opened, partial(_explain, database, room.makers, faq, opened)
    for one in told.updates:
        at = opened + timedelta(days=one.day)
        yield at, partial(_tell, database, room.makers, one, at)
    for remark in told.comments:
        at = opened + timedelta(days=remark.day)
        backer = [backer for backer in room.past if backer.at < at][-1]
        yield at, partial(_comment, database, room.makers, remark, backer, at)


async def _explain(database: Database, owner: Author, faq: Faq, at: datetime) -> None:
    await add_faq(database, owner, faq, at)


async def _tell(database: Database, owner: Author, one: DemoUpdate, at: datetime) -> None:
    german = {"de": {"title": one.title.de, "text": one.text.de}}
    draft = Draft(one.title.en, one.text.en, one.audience, german)
    made, revision = await start(database, owner, f"demo-{one.day}", draft, None, at)
    await publish_update(database, owner, made, revision, at)


async def _comment(
    database: Database, owner: Author, one: DemoComment, backer: PastPledge, at: datetime
) -> None:
    async with reading(database) as db:
        (customer,) = await people.customers_of(db, backer.email)
    thread, first_name = Thread(owner.campaign_id), backer.name.split()[0]
    await comment(database, thread, customer["id"], Said(first_name, one.text), at)
    async with reading(database) as db:
        (made,) = await comments.of_thread(db, owner.campaign_id, None, customer["id"], None, 1)
    later = at + timedelta(hours=3)
    if one.answer:
        await answer_comment(database, owner, made["id"], one.answer, later)
    elif not one.waits:
        await show_comment(database, owner, made["id"], later)
