-- name: overview_standing^
-- How far the roll-ups are, whether that is behind, and the checkouts begun that they do not count yet.
select coalesce(r.seq, 0) as seq,
       c.seq > coalesce(r.seq, 0) or c.zone is distinct from r.zone
       or exists (select from to_recount t where t.campaign_id = c.id)
       or exists (select from pledges p where p.campaign_id = c.id and p.id > coalesce(r.started, 0) and p.started_at <= :still) as behind,
       (select count(*) from pledges p where p.campaign_id = c.id and p.id > coalesce(r.started, 0)) as begun
from campaigns c left join reckoned r on r.campaign_id = c.id
where c.id = :campaign_id;

-- name: overview_hours
-- What each day brought, and each hour of the last days, on the campaign's own clock.
select date_trunc(case when hour >= :recent::timestamp then 'hour' else 'day' end, hour) as at, hour >= :recent::timestamp as is_hour,
       sum(entries)::bigint as entries, sum(confirmed)::bigint as confirmed, sum(started)::bigint as begun,
       sum(units)::bigint as units, sum(money)::bigint as money
from hours where campaign_id = :campaign_id
group by 1, 2 order by 1;

-- name: overview_visits
select day, sum(seen)::bigint as seen from visited where campaign_id = :campaign_id group by 1 order by 1;

-- name: overview_origins
-- The first of the sources and tags by money and visits, and what all others come to.
with found as (
    select coalesce(v.kind, t.kind) as kind, coalesce(v.name, t.name) as name, coalesce(v.seen, 0) as seen,
           coalesce(t.pledges, 0) as pledges, coalesce(t.money, 0) as money
    from (select 'source' as kind, source as name, sum(seen) as seen from visited where campaign_id = :campaign_id group by 2
          union all
          select 'tag', tag, sum(seen) from visited where campaign_id = :campaign_id group by 2) v
    full join (select kind, name, pledges, money from tallies
               where campaign_id = :campaign_id and kind in ('source', 'tag') and pledges > 0) t
         on t.kind = v.kind and t.name = v.name
), placed as (
    select *, row_number() over (partition by kind, name = :others order by money desc, seen desc, name) <= :most and name <> :others as first
    from found
)
select kind, case when first then name else :others end as name, sum(seen)::bigint as seen, sum(pledges)::bigint as pledges,
       sum(money)::bigint as money
from placed group by 1, 2, first order by kind, first desc, money desc, seen desc, name;

-- name: overview_tallies
-- What was chosen, and where it goes to: the first by money, and what all others come to.
with placed as (
    select k.kind, k.name, k.pledges, k.units, k.money, t.title, t.translations, t.position, t.slots, t.claimed,
           row_number() over (partition by k.kind order by k.money desc, k.name) <= case k.kind when 'line' then 30 else :most end as first
    from tallies k left join tiers t on k.kind = 'line' and t.campaign_id = k.campaign_id and t.id::text = k.name
    where k.campaign_id = :campaign_id and k.kind in ('line', 'country', 'friend') and k.pledges > 0
)
select * from (
select kind, name, pledges, units, money, title, translations, slots, claimed from placed where first
union all
select kind, :others, sum(pledges)::bigint, sum(units)::bigint, sum(money)::bigint, null, null, null, null
from placed where not first group by kind) told
order by kind, name = :others, money desc, name;

-- name: overview_milestones
select m.id, m.target, m.reached_seq, m.reached_at, m.revealed_at, m.reveal, r.kind, r.title, r.translations
from milestones m join rewards r on r.id = m.reward_id
where m.track_id = :track_id and m.archived_at is null
order by m.target, m.id;

-- name: overview_waiting^
-- What waits for a person: no count goes on above its limit.
select
    (select count(*) from (select from pledges where campaign_id = :campaign_id and held
                           and state in ('confirmed', 'charged', 'past_due') limit :most) x) as held,
    (select count(*) from (select from pledges where campaign_id = :campaign_id and state = 'disputed' limit :most) x) as disputed,
    (select count(*) from (select from pledges where campaign_id = :campaign_id and state = 'past_due' limit :most) x) as past_due,
    (select count(*) from (select from milestones m join grants g on g.milestone_id = m.id
                           where m.track_id = :track_id and g.backordered and g.state in ('owed', 'provisional') limit :most) x) as short;

-- name: entries_page
-- The ledger from an entry on, a page at a time.
select seq, kind, pledge_id, units, money, made_at from entries
where campaign_id = :campaign_id and seq > :after order by seq limit :most;
