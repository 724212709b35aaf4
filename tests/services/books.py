"""A campaign's books and promises as plain values: from the database, and from the plain model."""

from typing import Any

import orjson

from milepost.storage.database import Database, reading
from tests.model import PlainCampaign

Books = dict[str, Any]

BOOKS = """
select json_build_object(
  'campaign', (select json_build_array(seq, units, money, backers) from campaigns where id = $1),
  'entries', (select json_agg(json_build_array(seq, kind, pledge_id, units, money) order by seq)
              from entries where campaign_id = $1),
  'backers', (select json_agg(json_build_array(c.name, b.first_seq, b.live) order by b.first_seq)
              from backers b join customers c on c.id = b.customer_id where b.campaign_id = $1),
  'pledges', (select json_agg(json_build_array(id, state, held) order by id)
              from pledges where campaign_id = $1),
  'reaches', (select json_agg(json_build_array(m.id, m.reached_seq) order by m.id)
              from milestones m join campaigns c using (track_id) where c.id = $1),
  'grants', (select json_agg(json_build_array(
                      g.milestone_id, case m.per when 'backer' then p.name
                      else g.beneficiary::text end,
                      p.name, g.pledge_id, g.state, g.quantity, g.reward_id, g.backordered,
                      g.flagged))
             from grants g join milestones m on m.id = g.milestone_id
             join campaigns c using (track_id) join customers p on p.id = g.customer_id
             where c.id = $1),
  'codes', (select json_agg(json_build_array(
                      r.milestone_id, case m.per when 'backer' then p.name
                      else r.beneficiary::text end, r.code))
            from reward_codes r join milestones m on m.id = r.milestone_id
            join campaigns c using (track_id) left join customers p on p.id = r.beneficiary
            where c.id = $1 and r.beneficiary is not null),
  'stock', (select json_agg(json_build_array(p.id, p.stock) order by p.id)
            from products p join campaigns c using (store_id)
            where c.id = $1 and p.stock is not null),
  'claimed', (select sum(claimed) from tiers where campaign_id = $1),
  'refused', (select count(*) from facts where campaign_id = $1 and state = 'refused'))::text
"""


async def read_books(database: Database, campaign_id: int) -> Books:
    """The campaign as it stands in the database."""
    async with reading(database) as db:
        found: Books = orjson.loads(await db.fetchval(BOOKS, campaign_id))
    books = {name: [] if rows is None else rows for name, rows in found.items()}
    return books | {"grants": sorted(books["grants"]), "codes": sorted(books["codes"])}


def expected_books(plain: PlainCampaign, waiting_slots: int) -> Books:
    """The same as the plain campaign has them; `waiting_slots` are held by changes on their way."""
    over = ("expired", "cancelled", "dropped")
    slots = sum(p.slots for p in plain.pledges.values() if p.step not in over)
    return {
        "campaign": [plain.seq(), plain.units(), plain.money(), len(plain.backers())],
        "entries": [list(entry) for entry in plain.entries],
        "backers": [
            [who, seq, who in plain.backers()]
            for who, seq in sorted(plain.first.items(), key=lambda item: item[1])
        ],
        "pledges": [[p.id, p.state(), p.held] for _, p in sorted(plain.pledges.items())],
        "reaches": [[m.id, m.reached] for m in sorted(plain.milestones, key=lambda m: m.id)],
        "grants": sorted(
            [m.id, str(key), g.who, g.pledge, g.state, g.quantity, g.reward.id, g.waits, g.flagged]
            for m in plain.milestones
            for key, g in m.grants.items()
        ),
        "codes": sorted(
            [m.id, str(key), code] for m in plain.milestones for key, code in m.codes.items()
        ),
        "stock": [[product, left] for product, left in sorted(plain.stock.items())],
        "claimed": slots + waiting_slots,
        "refused": plain.refused,
    }
