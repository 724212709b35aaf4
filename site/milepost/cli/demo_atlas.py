"""The demo's money campaign: a book of walks and stars."""

from datetime import timedelta

from milepost.cli.demo_addons import ATLAS_ADDONS, BOOK
from milepost.cli.demo_shape import DemoCampaign, DemoMilestone, DemoTier, DemoZone, Words

_STORY = Words(
    """## Forty-eight walks after dark

On a clear night a hill path looks wider than by day. The Night Atlas is a book for going out on \
one: **forty-eight short walks**, each drawn twice, once as the ground that you stand on and once \
as the sky that stands above it.

There is nothing to plug in. You read a page by a red lamp, close it, and look up.

### How a walk is told

1. The way there, with the places where it is easy to miss
2. The sky at ten in the evening, for that month and that hill
3. One story that people used to tell about what you see

> I have walked this hill for thirty years and had never seen the Swan on it.

### How it is made

Thread-sewn, so that it lies flat on a cold knee. Printed in two blues and a warm grey on uncoated \
paper, ninety kilometres from where it was drawn.

### If the goal is not reached

Then we print fewer copies. Every pledge still stands: your card is charged when you pledge.""",
    """## Achtundvierzig Wege im Dunkeln

In einer klaren Nacht sieht ein Höhenweg breiter aus als am Tag. Der Nachtatlas ist ein Buch zum \
Hinausgehen: **achtundvierzig kurze Wege**, jeder zweimal gezeichnet, einmal als der Boden, auf \
dem du stehst, und einmal als der Himmel darüber.

Es gibt nichts anzuschließen. Du liest eine Seite bei rotem Licht, klappst sie zu und schaust hoch.

### Wie ein Weg erzählt wird

1. Der Hinweg, mit den Stellen, die man leicht verpasst
2. Der Himmel um zehn Uhr abends, für diesen Monat und diesen Hügel
3. Eine Geschichte, die man sich früher über das erzählte, was du siehst

> Ich gehe seit dreißig Jahren auf diesen Hügel und hatte dort nie den Schwan gesehen.

### Wie er gemacht wird

Mit Faden geheftet, damit er flach auf einem kalten Knie liegt. Gedruckt in zwei Blau und einem \
warmen Grau auf Naturpapier, neunzig Kilometer von dort, wo er gezeichnet wurde.

### Wenn das Ziel nicht erreicht wird

Dann drucken wir weniger Exemplare. Dein Beitrag gilt trotzdem: Er wird sofort abgebucht.""",
)

ATLAS = DemoCampaign(
    slug="night-atlas",
    title=Words("The Night Atlas", "Der Nachtatlas"),
    blurb=Words(
        "Forty-eight walks after dark, and the stars that stand above each of them.",
        "Achtundvierzig Wege im Dunkeln und die Sterne, die über jedem stehen.",
    ),
    story=_STORY,
    basis="money",
    currency="EUR",
    goal=20_000_00,
    funding_model="keep_it_all",
    zone="Europe/Berlin",
    hero="night-atlas-hero",
    hero_alt=Words(
        "A walker with a lantern on a hill path at night, under the Milky Way and three drawn"
        " constellations",
        "Eine Wanderin mit Laterne nachts auf einem Höhenweg, unter der Milchstraße und drei"
        " gezeichneten Sternbildern",
    ),
    tiers=(
        DemoTier(
            Words("The pages", "Die Seiten"),
            Words(
                "The whole atlas as a PDF, for a screen turned down to red.",
                "Der ganze Atlas als PDF, für einen auf Rot gedimmten Bildschirm.",
            ),
            12_00,
            weight=32,
        ),
        DemoTier(
            Words("An early copy", "Früh bestellt"),
            Words(
                "The printed book at the price of the first three weeks.",
                "Das gedruckte Buch zum Preis der ersten drei Wochen.",
            ),
            39_00,
            limit=250,
            fees=BOOK,
            closes=timedelta(days=21),
            weight=30,
        ),
        DemoTier(
            Words("The Night Atlas", "Der Nachtatlas"),
            Words(
                "The printed book, 320 pages, thread-sewn, with a ribbon.",
                "Das gedruckte Buch, 320 Seiten, fadengeheftet, mit Lesebändchen.",
            ),
            45_00,
            fees=BOOK,
            weight=20,
        ),
        DemoTier(
            Words("Signed, with a drawing", "Signiert, mit einer Zeichnung"),
            Words(
                "The book, with the sky over a place of your choice drawn on its first page.",
                "Das Buch, auf der ersten Seite der Himmel über einem Ort deiner Wahl.",
            ),
            95_00,
            limit=60,
            fees=BOOK,
            weight=12,
        ),
        DemoTier(
            Words("A night out", "Eine Nacht draußen"),
            Words(
                "The book and one night walk with the author, in May, in good boots.",
                "Das Buch und ein Nachtweg mit der Autorin, im Mai, in guten Schuhen.",
            ),
            180_00,
            limit=16,
            fees=(*BOOK[:2], None),
            weight=3,
        ),
        DemoTier(
            Words("An evening at the telescope", "Ein Abend am Fernrohr"),
            Words(
                "For two, in June, when the moon is away. Blankets are there.",
                "Für zwei, im Juni, wenn der Mond nicht da ist. Decken liegen bereit.",
            ),
            140_00,
            limit=8,
            opens=timedelta(days=24),
        ),
    ),
    addons=ATLAS_ADDONS,
    zones=(
        DemoZone("Germany", "DE"),
        DemoZone(
            "Europe",
            "AT BE BG CH CY CZ DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE"
            " SI SK",
        ),
        DemoZone("Everywhere else"),
    ),
    excluded=("AQ",),
    milestones=(
        DemoMilestone(
            target=5_000_00,
            reward="reveal",
            audience="all_backers",
            title=Words("An extra chapter: winter", "Ein Kapitel mehr: Winter"),
            text_before=Words(
                "Eight more walks, drawn for frost and long shadows.",
                "Acht weitere Wege, gezeichnet für Frost und lange Schatten.",
            ),
            text_after=Words(
                "Eight walks for frost are in the book now. Read the first of them on your pledge"
                " page.",
                "Acht Wege für den Frost stehen jetzt im Buch. Den ersten liest du bei deiner"
                " Zusage.",
            ),
            image="night-atlas-1",
            alt=Words(
                "Footprints lead over snow to a small hut with lit windows under a full moon",
                "Fußspuren führen über Schnee zu einer kleinen Hütte mit hellen Fenstern unter dem"
                " Vollmond",
            ),
            exclusive=Words(
                "**Walk 41, The Hut at Kaltwasser.** Go when it has not snowed for two days, so"
                " that the track holds. At the third marker put the lamp out and wait until you"
                " see your own shadow.",
                "**Weg 41, Die Hütte am Kaltwasser.** Geh, wenn es zwei Tage nicht geschneit hat,"
                " dann trägt die Spur. Lösch am dritten Pfosten die Lampe und warte, bis du deinen"
                " eigenen Schatten siehst.",
            ),
        ),
        DemoMilestone(
            target=10_000_00,
            reward="product",
            audience="all_backers",
            title=Words("A cloth slipcase", "Ein Schuber aus Leinen"),
            text_before=Words(
                "Midnight-blue cloth with the Plough in gold, so that the atlas may go in a"
                " rucksack.",
                "Mitternachtsblaues Leinen mit dem Großen Wagen in Gold, damit der Atlas in den"
                " Rucksack darf.",
            ),
            text_after=Words(
                "Each printed atlas now comes in midnight-blue cloth, the Plough on it in gold.",
                "Jeder gedruckte Atlas kommt jetzt in mitternachtsblauem Leinen, darauf in Gold"
                " der Große Wagen.",
            ),
            image="night-atlas-2",
            alt=Words(
                "A red book slides out of a dark blue cloth case with golden stars and hills;"
                " beside it burns a lantern",
                "Ein rotes Buch ragt aus einem dunkelblauen Leinenschuber mit goldenen Sternen und"
                " Hügeln; daneben brennt eine Laterne",
            ),
            stock=500,
        ),
        DemoMilestone(
            target=15_000_00,
            reward="reveal",
            audience="new_backers",
            title=Words("A code for the star wheel", "Ein Code für die Sternscheibe"),
            text_before=Words(
                "Our turning star chart at half its price, for everybody who joins after this"
                " stone.",
                "Unsere drehbare Sternkarte zum halben Preis, für alle, die nach diesem Stein"
                " dazukommen.",
            ),
            text_after=Words(
                "Whoever joins from here on finds a code for the star wheel, at half its price.",
                "Wer ab hier dazukommt, findet einen Code für die Sternscheibe zum halben Preis.",
            ),
            image="night-atlas-3",
            alt=Words(
                "A round star chart of cream card with a dark blue sky that turns under it",
                "Eine runde Sternkarte aus cremefarbenem Karton, unter der sich ein dunkelblauer"
                " Himmel dreht",
            ),
            code_kind="shared",
        ),
        DemoMilestone(
            target=20_000_00,
            reward="product",
            audience="all_backers",
            title=Words("A second map: the southern sky", "Eine zweite Karte: der Südhimmel"),
            text_before=Words(
                "A folded sheet for the half of the stars that our hills hide.",
                "Ein Faltblatt für die Hälfte der Sterne, die unsere Hügel verdecken.",
            ),
            text_after=Words(
                "A folded sheet of the southern sky now lies in the back of each atlas.",
                "Ein Faltblatt mit dem Südhimmel liegt jetzt hinten in jedem Atlas.",
            ),
            image="night-atlas-4",
            alt=Words(
                "An unfolded chart of the southern sky with the Cross in its middle, on"
                " rust-red cloth",
                "Eine aufgefaltete Karte des Südhimmels mit dem Kreuz in der Mitte, auf"
                " rostrotem Tuch",
            ),
            stock=500,
        ),
        DemoMilestone(
            target=26_000_00,
            reward="reveal",
            audience="new_backers",
            title=Words("The author's own night", "Die eigene Nacht der Autorin"),
            text_before=Words("", ""),
            text_after=Words(
                "The one walk that was to stay out of the book, for those who join from here on.",
                "Der eine Weg, der nicht ins Buch sollte, für alle, die ab hier dazukommen.",
            ),
            image="night-atlas-5",
            alt=Words(
                "A lit tent and a small telescope under stars that draw circles round the pole",
                "Ein erleuchtetes Zelt und ein kleines Fernrohr unter Sternen, die Kreise um den"
                " Pol ziehen",
            ),
            exclusive=Words(
                "**Walk 0.** Leave the car at the chapel, take the left fork twice, and go on until"
                " you can't hear the stream. I have slept there every August since 1994.",
                "**Weg 0.** Lass das Auto an der Kapelle, geh zweimal links und so weit, bis du"
                " den Bach nicht mehr hörst. Dort schlafe ich seit 1994 jeden August.",
            ),
            mystery=True,
        ),
    ),
)
