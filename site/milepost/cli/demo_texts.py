"""What the demo's store says: two invented campaigns, in English and German, as plain data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ART = Path(__file__).parent / "demo_art"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both of the demo's languages."""

    en: str
    de: str


@dataclass(frozen=True, slots=True)
class DemoTier:
    """A reward to pledge for; `price` in minor units, `limit` None for as many as come."""

    title: Words
    text: Words
    price: int
    units: int = 1
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class DemoMilestone:
    """A milestone and its reward; `target` in the campaign's basis, `stock` of a product.

    `image` is the name of a picture in `ART`, which comes as `{image}-1600.avif` and `-800.avif`,
    both 4 : 3.
    """

    target: int
    reward: Literal["product", "reveal"]
    audience: Literal["all_backers", "new_backers"]
    title: Words
    text_before: Words
    text_after: Words
    image: str
    alt: Words
    exclusive: Words | None = None
    code_kind: Literal["shared", "pool"] | None = None
    mystery: bool = False
    reveal: Literal["automatic", "manual"] = "automatic"
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class DemoCampaign:
    """A campaign with its five milestones; `goal` in the basis, `story` in Markdown."""

    slug: str
    title: Words
    blurb: Words
    story: Words
    basis: Literal["units", "money"]
    currency: str
    goal: int
    funding_model: Literal["keep_it_all", "all_or_nothing"]
    zone: str
    hero: str
    hero_alt: Words
    tiers: tuple[DemoTier, ...]
    milestones: tuple[DemoMilestone, ...]


STORE_NAME = "Larkfield Press & Sound"
STORE_SLUG = "larkfield"
STORE_BRAND = "#17795e"
STORE_TAGLINE = Words(
    "Books and instruments for slow walks",
    "Bücher und Instrumente für langsame Wege",
)

_RECORDER_STORY = Words(
    """## Made to be carried

Most recorders are made for studios. They have menus, and menus want dry hands and good light. \
We wanted one that works in gloves, in drizzle, with your eyes on the lark and not on a screen.

No. 2 has **one button**. Press it, and the walk is being kept. Press it again, and it waits.

### What is inside

- Two matched capsules at ninety degrees, so that left stays left when you play it back
- Thirty hours on one cell that any shop sells
- A case of pressed wool and oiled beech, put together with four screws, so that you can open it

> It is the first thing I pack and the last thing I notice.

### What changed since No. 1

The button is bigger. The strap is longer. The wind, which No. 1 heard a little too well, now meets \
a mesh that we drew eleven times.

### Where your pledge goes

Two thirds buys parts. The rest pays three people in a former post office to put them together, \
walk each recorder round the pond, and listen.""",
    """## Zum Mitnehmen gemacht

Die meisten Aufnahmegeräte sind fürs Studio gebaut. Sie haben Menüs, und Menüs wollen trockene \
Hände und gutes Licht. Wir wollten eins, das mit Handschuhen geht, im Nieselregen, mit dem Blick \
auf der Lerche und nicht auf dem Bildschirm.

Die Nr. 2 hat **einen Knopf**. Drück ihn, und der Weg wird festgehalten. Drück noch einmal, und \
sie wartet.

### Was drinsteckt

- Zwei abgeglichene Kapseln im rechten Winkel, damit links auch beim Abspielen links bleibt
- Dreißig Stunden mit einer Batterie, die es in jedem Laden gibt
- Ein Gehäuse aus gepresster Wolle und geölter Buche, mit vier Schrauben, damit du es öffnen kannst

> Das Erste, was ich einpacke, und das Letzte, was ich merke.

### Was seit der Nr. 1 anders ist

Der Knopf ist größer. Der Riemen ist länger. Der Wind, den die Nr. 1 etwas zu gut hörte, trifft \
jetzt auf ein Gewebe, das wir elfmal gezeichnet haben.

### Wohin dein Beitrag geht

Zwei Drittel kaufen Bauteile. Der Rest bezahlt drei Menschen in einem früheren Postamt dafür, sie \
zusammenzusetzen, jedes Gerät einmal um den Teich zu tragen und hinzuhören.""",
)

RECORDER = DemoCampaign(
    slug="field-recorder",
    title=Words("Field Recorder No. 2", "Feldrekorder Nr. 2"),
    blurb=Words(
        "A pocket recorder for walks: one button, two good ears, and room for a whole summer of"
        " mornings.",
        "Ein Aufnahmegerät für die Jackentasche: ein Knopf, zwei gute Ohren und Platz für einen"
        " Sommer voller Morgen.",
    ),
    story=_RECORDER_STORY,
    basis="units",
    currency="USD",
    goal=500,
    funding_model="keep_it_all",
    zone="Europe/London",
    hero="field-recorder-hero",
    hero_alt=Words(
        "A green pocket recorder with one round red button stands on a drystone wall; behind it"
        " the sun rises over hills and a lark sings in flight",
        "Ein grünes Aufnahmegerät mit einem runden roten Knopf steht auf einer Trockenmauer;"
        " dahinter geht über Hügeln die Sonne auf, und eine Lerche singt im Flug",
    ),
    tiers=(
        DemoTier(
            Words("Early riser", "Früh aufgestanden"),
            Words(
                "One recorder at the first hundred's price, with its strap and a cell.",
                "Ein Rekorder zum Preis der ersten hundert, mit Riemen und Batterie.",
            ),
            9900,
            limit=100,
        ),
        DemoTier(
            Words("The recorder", "Der Rekorder"),
            Words(
                "One Field Recorder No. 2 in moss green, with its strap and a cell.",
                "Ein Feldrekorder Nr. 2 in Moosgrün, mit Riemen und Batterie.",
            ),
            12000,
        ),
        DemoTier(
            Words("A pair for two walkers", "Ein Paar für zwei"),
            Words(
                "Two recorders that start and stop together, for walks in company.",
                "Zwei Rekorder, die gemeinsam anfangen und aufhören, für Wege zu zweit.",
            ),
            22500,
            units=2,
            limit=120,
        ),
        DemoTier(
            Words("A walk with the makers", "Ein Weg mit uns"),
            Words(
                "A recorder, and a morning with us at Larkfield. Tea is there, beds are not.",
                "Ein Rekorder und ein Morgen mit uns in Larkfield. Mit Tee, ohne Betten.",
            ),
            34000,
            limit=12,
        ),
    ),
    milestones=(
        DemoMilestone(
            target=100,
            reward="product",
            audience="all_backers",
            title=Words("A wind muff for the hills", "Ein Windschutz für die Höhe"),
            text_before=Words(
                "A small fur hood, so that the wind stays outside the recording.",
                "Eine kleine Fellhaube, damit der Wind draußen bleibt.",
            ),
            text_after=Words(
                "A small fur hood now goes into every box, so that the wind stays outside the"
                " recording.",
                "Eine kleine Fellhaube liegt jetzt in jedem Karton, damit der Wind draußen bleibt.",
            ),
            image="field-recorder-1",
            alt=Words(
                "The recorder in long grass, its microphones under a shaggy grey fur muff that"
                " leans in the wind",
                "Der Rekorder im hohen Gras, die Mikrofone unter einem zottigen grauen Fell, das"
                " sich im Wind neigt",
            ),
            stock=600,
        ),
        DemoMilestone(
            target=200,
            reward="reveal",
            audience="all_backers",
            title=Words("Dawn at Larkfield", "Morgen in Larkfield"),
            text_before=Words(
                "We took a prototype up the hill at four in the morning. You will hear what it"
                " heard.",
                "Wir haben einen Prototyp um vier Uhr früh auf den Hügel getragen. Du wirst hören,"
                " was er gehört hat.",
            ),
            text_after=Words(
                "Forty-one minutes of first light, from the first blackbird to the first tractor."
                " Your pledge page has the recording.",
                "Einundvierzig Minuten erstes Licht, von der ersten Amsel bis zum ersten Traktor."
                " Die Aufnahme findest du auf deiner Beitragsseite.",
            ),
            image="field-recorder-2",
            alt=Words(
                "A sound wave stands like reeds along the far shore of a lake, with the sun coming"
                " up behind it",
                "Eine Schallwelle steht wie Schilf am anderen Ufer eines Sees, dahinter geht die"
                " Sonne auf",
            ),
            exclusive=Words(
                "**Dawn at Larkfield**, 41 minutes, as lossless sound. The lark comes in at 12:40."
                " Please don't pass the address on:"
                " [larkfield.example/dawn](https://larkfield.example/dawn)",
                "**Morgen in Larkfield**, 41 Minuten, verlustfrei. Die Lerche setzt bei 12:40 ein."
                " Gib die Adresse bitte nicht weiter:"
                " [larkfield.example/dawn](https://larkfield.example/dawn)",
            ),
        ),
        DemoMilestone(
            target=300,
            reward="reveal",
            audience="new_backers",
            title=Words("Ten percent in our shop", "Zehn Prozent in unserem Laden"),
            text_before=Words(
                "A code of your own for straps, cells and paper, for everybody who joins after"
                " this stone.",
                "Ein eigener Code für Riemen, Batterien und Papier, für alle, die nach diesem"
                " Stein dazukommen.",
            ),
            text_after=Words(
                "Whoever joins from here on finds a code for ten percent off on their pledge page.",
                "Wer ab hier dazukommt, findet auf der Beitragsseite einen Code über zehn Prozent.",
            ),
            image="field-recorder-3",
            alt=Words(
                "A cream paper tag on a cord, printed with a singing lark and 10 percent",
                "Ein cremefarbener Anhänger an einer Schnur, bedruckt mit einer singenden Lerche"
                " und 10 Prozent",
            ),
            code_kind="pool",
        ),
        DemoMilestone(
            target=400,
            reward="product",
            audience="new_backers",
            title=Words(
                "A signed print of the first hill", "Ein signierter Druck vom ersten Hügel"
            ),
            text_before=Words(
                "Cut in lino by the engraver who drew the lines on the case, numbered and signed.",
                "In Linol geschnitten von der Graveurin, die die Linien am Gehäuse zeichnete;"
                " nummeriert und signiert.",
            ),
            text_after=Words(
                "The lino is cut and the sheets are drying. Each is numbered and signed.",
                "Das Linol ist geschnitten, die Bögen trocknen. Jeder ist nummeriert und signiert.",
            ),
            image="field-recorder-4",
            alt=Words(
                "A lino print of a round green hill under a red sun lies on a wooden table, with a"
                " red pencil beside it",
                "Ein Linoldruck mit einem runden grünen Hügel unter roter Sonne liegt auf einem"
                " Holztisch, daneben ein roter Stift",
            ),
            stock=400,
        ),
        DemoMilestone(
            target=600,
            reward="reveal",
            audience="all_backers",
            title=Words("The map of quiet places", "Die Karte der stillen Orte"),
            text_before=Words("", ""),
            text_after=Words(
                "Twenty-six places where you hear no road, drawn on one sheet, with the way there.",
                "Sechsundzwanzig Orte, an denen du keine Straße hörst, auf einem Blatt gezeichnet,"
                " mit dem Weg dorthin.",
            ),
            image="field-recorder-5",
            alt=Words(
                "A folded map with contour lines, a river and a dotted red path between four places"
                " ringed like sound",
                "Eine gefaltete Karte mit Höhenlinien, einem Fluss und einem rot gepunkteten Weg"
                " zwischen vier Orten mit Ringen wie Schall",
            ),
            exclusive=Words(
                "The sheet, to print at home, A2:"
                " [larkfield.example/quiet](https://larkfield.example/quiet)",
                "Das Blatt zum Selbstdrucken, A2:"
                " [larkfield.example/quiet](https://larkfield.example/quiet)",
            ),
            mystery=True,
            reveal="manual",
        ),
    ),
)

_ATLAS_STORY = Words(
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

Then nobody is charged, and the drawings stay in the drawer for another year.""",
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

Dann wird niemandem etwas abgebucht, und die Zeichnungen bleiben noch ein Jahr in der Schublade.""",
)

ATLAS = DemoCampaign(
    slug="night-atlas",
    title=Words("The Night Atlas", "Der Nachtatlas"),
    blurb=Words(
        "Forty-eight walks after dark, and the stars that stand above each of them.",
        "Achtundvierzig Wege im Dunkeln und die Sterne, die über jedem stehen.",
    ),
    story=_ATLAS_STORY,
    basis="money",
    currency="EUR",
    goal=20_000_00,
    funding_model="all_or_nothing",
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
        ),
        DemoTier(
            Words("The Night Atlas", "Der Nachtatlas"),
            Words(
                "The printed book, 320 pages, thread-sewn, with a ribbon.",
                "Das gedruckte Buch, 320 Seiten, fadengeheftet, mit Lesebändchen.",
            ),
            45_00,
        ),
        DemoTier(
            Words("Signed, with a drawing", "Signiert, mit einer Zeichnung"),
            Words(
                "The book, with the sky over a place of your choice drawn on its first page.",
                "Das Buch, auf der ersten Seite der Himmel über einem Ort deiner Wahl.",
            ),
            95_00,
            limit=60,
        ),
        DemoTier(
            Words("A night out", "Eine Nacht draußen"),
            Words(
                "The book and one night walk with the author, in May, in good boots.",
                "Das Buch und ein Nachtweg mit der Autorin, im Mai, in guten Schuhen.",
            ),
            180_00,
            limit=16,
        ),
    ),
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
                "Acht Wege für den Frost stehen jetzt im Buch. Den ersten liest du auf deiner"
                " Beitragsseite.",
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

CAMPAIGNS = (RECORDER, ATLAS)
