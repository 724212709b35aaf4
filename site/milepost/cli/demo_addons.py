"""What the demo's backers can add to a reward, and what sending things costs."""

from milepost.cli.demo_shape import DemoTier, Words

# The first and the further piece's fee in each zone of the campaign.
POST_PAID = ((0, 0),)  # the price holds the postage, to wherever
BOOK = ((4_50, 1_50), (9_00, 3_00), (16_00, 6_00))
_SMALL = ((3_00, 50), (5_00, 1_00), (8_00, 2_00))

RECORDER_ADDONS = (
    DemoTier(
        Words("A second strap", "Ein zweiter Riemen"),
        Words("From the same loom, in rust red.", "Vom selben Webstuhl, in Rostrot."),
        1400,
        units=0,
        most=2,
        fees=POST_PAID,
        weight=3,
    ),
    DemoTier(
        Words("A felt sleeve", "Eine Hülle aus Filz"),
        Words(
            "For the rucksack; cut by hand, so there are eighty.",
            "Für den Rucksack; von Hand geschnitten, darum gibt es achtzig.",
        ),
        1900,
        units=0,
        limit=80,
        most=2,
        fees=POST_PAID,
        weight=4,
    ),
    DemoTier(
        Words("The first summer", "Der erste Sommer"),
        Words(
            "Nine hours that the No. 1 heard, to download.",
            "Neun Stunden, die die Nr. 1 gehört hat, zum Herunterladen.",
        ),
        900,
        units=0,
        most=1,
        weight=3,
    ),
)

ATLAS_ADDONS = (
    DemoTier(
        Words("A red lamp", "Eine rote Lampe"),
        Words(
            "Dim enough to keep your eyes used to the dark.",
            "So schwach, dass die Augen im Dunkeln bleiben.",
        ),
        9_00,
        units=0,
        most=2,
        fees=_SMALL,
        weight=4,
    ),
    DemoTier(
        Words("A copy to give away", "Ein Buch zum Verschenken"),
        Words("Wrapped in midnight blue.", "In Mitternachtsblau eingepackt."),
        42_00,
        units=0,
        limit=120,
        most=3,
        fees=BOOK,
        weight=3,
    ),
    DemoTier(
        Words("The pages as well", "Die Seiten dazu"),
        Words("The PDF, beside the book.", "Das PDF, neben dem Buch."),
        6_00,
        units=0,
        most=1,
        weight=3,
    ),
)
