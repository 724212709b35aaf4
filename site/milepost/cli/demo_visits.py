"""Where the demo's past visits and pledges came from."""

import random
from collections import Counter
from collections.abc import Sequence

from milepost.cli.demo_past import PastPledge
from milepost.domain.origins import Origin
from milepost.services.visiting import keep_visits
from milepost.storage.database import Database

# site, tag, how often among visits, and how often among pledges
WAYS = (
    ("", "", 30, 20),
    ("", "newsletter", 9, 22),
    ("mastodon.social", "", 16, 12),
    ("mastodon.social", "launch", 10, 11),
    ("birdnotes.example", "", 12, 14),
    ("duckduckgo.com", "", 9, 5),
    ("forum.fieldrecording.example", "", 8, 13),
    ("", "poster", 6, 3),
)
ORIGINS = [Origin(site, tag) for site, tag, _, _ in WAYS]


def origin_of(past: PastPledge) -> Origin:
    """Where a past pledge came from."""
    draw = random.Random(f"came {past.email}")
    return draw.choices(ORIGINS, [pledged for *_, pledged in WAYS])[0]


async def visit(database: Database, campaign_id: int, day: Sequence[PastPledge]) -> None:
    """The visits of one day: some twenty for each pledge that came of them."""
    last = day[-1].at
    draw = random.Random(f"visits {campaign_id} {last.date()}")
    count = 40 + len(day) * draw.randint(14, 24)
    ways = draw.choices(ORIGINS, [seen for _, _, seen, _ in WAYS], k=count)
    ways += [origin_of(past) for past in day]
    seen = Counter((campaign_id, way.source, way.tag) for way in ways)
    await keep_visits(database, seen, last)
