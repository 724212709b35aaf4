"""The demo's unit campaign: a pocket recorder for walks."""

from datetime import timedelta

from milepost.cli.demo_addons import POST_PAID, RECORDER_ADDONS
from milepost.cli.demo_shape import DemoCampaign, DemoMilestone, DemoTier, DemoZone, Words

_STORY = Words(
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

The button is bigger. The strap is longer. The wind, which No. 1 heard a little too well, now \
meets a mesh that we drew eleven times.

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

### Wohin dein Geld geht

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
    story=_STORY,
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
            fees=POST_PAID,
            weight=40,
        ),
        DemoTier(
            Words("The recorder", "Der Rekorder"),
            Words(
                "One Field Recorder No. 2 in moss green, with its strap and a cell.",
                "Ein Feldrekorder Nr. 2 in Moosgrün, mit Riemen und Batterie.",
            ),
            12000,
            fees=POST_PAID,
            weight=45,
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
            fees=POST_PAID,
            weight=12,
        ),
        DemoTier(
            Words("A walk with the makers", "Ein Weg mit uns"),
            Words(
                "A recorder, and a morning with us at Larkfield. Tea is there, beds are not.",
                "Ein Rekorder und ein Morgen mit uns in Larkfield. Mit Tee, ohne Betten.",
            ),
            34000,
            limit=12,
            fees=POST_PAID,
            weight=3,
        ),
        DemoTier(
            Words("The last morning", "Der letzte Morgen"),
            Words(
                "A recorder with the number of its day, and its case signed by the three of us.",
                "Ein Rekorder mit der Nummer seines Tages, das Gehäuse von uns dreien signiert.",
            ),
            16500,
            limit=40,
            fees=POST_PAID,
            opens=timedelta(days=25),
        ),
    ),
    addons=RECORDER_ADDONS,
    zones=(DemoZone("Everywhere"),),
    excluded=(),
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
                " Die Aufnahme steht bei deiner Zusage.",
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
                "Wer ab hier dazukommt, findet bei der Zusage einen Code über zehn Prozent.",
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
            audience="all_backers",
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
            stock=600,
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
