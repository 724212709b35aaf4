"""What the demo's store says: two invented campaigns, in English and German."""

from milepost.cli.demo_atlas import ATLAS
from milepost.cli.demo_recorder import RECORDER
from milepost.cli.demo_shape import ART, DemoCampaign, DemoMilestone, DemoTier, DemoZone, Words

__all__ = ["ART", "CAMPAIGNS", "DemoCampaign", "DemoMilestone", "DemoTier", "DemoZone", "Words"]

STORE_NAME = "Larkfield Press & Sound"
STORE_SLUG = "larkfield"
STORE_BRAND = "#17795e"
OWNER, OWNER_NAME = "owner@example.org", "Edda at Larkfield"
STORE_TAGLINE = Words(
    "Books and instruments for slow walks",
    "Bücher und Instrumente für langsame Wege",
)

CAMPAIGNS = (RECORDER, ATLAS)
