"""What the demo's shop sells, in English and German."""

from dataclasses import dataclass

from milepost.cli.demo_shape import Words

PLAIN = Words("", "")


@dataclass(frozen=True, slots=True)
class DemoVariant:
    """One kind of a listing; prices in minor units."""

    image: str
    alt: Words
    dollars: int
    euros: int
    label: Words = PLAIN
    stock: int | None = None
    every: tuple[int, str] | None = None  # sold by subscription


@dataclass(frozen=True, slots=True)
class DemoListing:
    """A page of the shop; `shelf` is its collection's place in `SHELVES`."""

    title: Words
    text: Words
    variants: tuple[DemoVariant, ...]
    shelf: int = 0
    is_gift_card: bool = False
    ships: bool = True


SHELVES = (Words("For the way", "Für unterwegs"), Words("For the table", "Für den Tisch"))

CELLS = DemoListing(
    Words("Four cells", "Vier Batterien"),
    Words(
        "AA, for a hundred and twenty hours of listening. They are **rechargeable**, and come in a"
        " paper sleeve.",
        "AA, für hundertzwanzig Stunden Zuhören. Sie sind **aufladbar** und kommen in einer"
        " Papierhülle.",
    ),
    (
        DemoVariant(
            "shop-cells",
            Words("Four red and cream cells", "Vier rot-cremefarbene Batterien"),
            900,
            850,
            stock=140,
        ),
    ),
)
SUNRISE = DemoListing(
    Words("An hour before sunrise", "Eine Stunde vor Sonnenaufgang"),
    Words(
        "Each week an hour that we have heard before sunrise, to download: **another place**, and"
        " a note on who sings when.",
        "Jede Woche eine Stunde, die wir vor Sonnenaufgang gehört haben, zum Herunterladen: **ein"
        " anderer Ort**, und eine Notiz, wer wann singt.",
    ),
    (
        DemoVariant(
            "field-recorder-2",
            Words(
                "The sun rises over a lake, and a sound's bars stand on its far shore like reeds",
                "Die Sonne geht über einem See auf, am anderen Ufer stehen die Balken eines Klangs"
                " wie Schilf",
            ),
            400,
            380,
            every=(1, "week"),
        ),
    ),
    ships=False,
)
LISTINGS = (
    CELLS,
    SUNRISE,
    DemoListing(
        Words("Enamel cup", "Emailletasse"),
        Words(
            "Keeps tea warm through one bird and a half. Enamelled twice, and drawn on by hand.",
            "Hält den Tee anderthalb Vögel lang warm. Zweimal emailliert, von Hand bemalt.",
        ),
        (
            DemoVariant(
                "shop-enamel-cup",
                Words(
                    "A white cup with a green hill on it, steaming before a sunrise",
                    "Eine weiße Tasse mit grünem Hügel dampft vor einem Sonnenaufgang",
                ),
                1800,
                1700,
                stock=36,
            ),
        ),
        shelf=1,
    ),
    DemoListing(
        Words("Notebook for walks", "Notizbuch für Wege"),
        Words(
            "Ninety-six pages that take a pencil in the rain. Lies flat, and fits the pocket that"
            " the recorder leaves free.",
            "Sechsundneunzig Seiten, die auch im Regen einen Bleistift annehmen. Liegt flach und"
            " passt in die Tasche, die der Rekorder frei lässt.",
        ),
        (
            DemoVariant(
                "shop-notebook",
                Words(
                    "A green notebook with a red band, a red pencil beside it",
                    "Ein grünes Notizbuch mit rotem Band, daneben ein roter Bleistift",
                ),
                1600,
                1500,
                stock=58,
            ),
        ),
        shelf=1,
    ),
    DemoListing(
        Words("Felt sleeve", "Filzhülle"),
        Words(
            "For the recorder in the rucksack. Cut and sewn by hand, so there are few at a time.",
            "Für den Rekorder im Rucksack. Von Hand geschnitten und genäht, darum gibt es immer nur"
            " wenige.",
        ),
        (
            DemoVariant(
                "shop-felt-sleeve",
                Words(
                    "A green recorder in a grey felt sleeve with red stitches",
                    "Ein grüner Rekorder in einer grauen Filzhülle mit roter Naht",
                ),
                1900,
                1800,
                stock=3,
            ),
        ),
    ),
    DemoListing(
        Words("Woven strap", "Gewebter Riemen"),
        Words(
            "A metre of cotton from the loom next door, with a brass buckle that does not ring.",
            "Ein Meter Baumwolle vom Webstuhl nebenan, mit einer Messingschnalle, die nicht"
            " klingt.",
        ),
        (
            DemoVariant(
                "shop-strap-moss",
                Words("A coiled moss green strap", "Ein aufgerollter moosgrüner Riemen"),
                1400,
                1300,
                Words("Moss", "Moos"),
                80,
            ),
            DemoVariant(
                "shop-strap-rust",
                Words("A coiled rust red strap", "Ein aufgerollter rostroter Riemen"),
                1400,
                1300,
                Words("Rust", "Rost"),
                24,
            ),
        ),
    ),
    DemoListing(
        Words("Gift card", "Geschenkkarte"),
        Words(
            "For somebody who would rather choose. The code comes by mail; whoever redeems it pays"
            " with it, in one go or bit by bit.",
            "Für alle, die lieber selbst aussuchen. Der Code kommt per Mail; wer ihn einlöst, zahlt"
            " damit, auf einmal oder nach und nach.",
        ),
        (
            DemoVariant(
                "shop-gift-card",
                Words(
                    "A green card with a red bow, in front of its envelope",
                    "Eine grüne Karte mit roter Schleife vor ihrem Umschlag",
                ),
                2500,
                2500,
                Words("Small", "Klein"),
            ),
            DemoVariant(
                "shop-gift-card",
                Words(
                    "A green card with a red bow, in front of its envelope",
                    "Eine grüne Karte mit roter Schleife vor ihrem Umschlag",
                ),
                5000,
                5000,
                Words("Large", "Groß"),
            ),
        ),
        is_gift_card=True,
        ships=False,
    ),
)
