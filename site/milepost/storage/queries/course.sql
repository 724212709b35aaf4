-- name: campaigns_to_reckon
-- Campaigns whose roll-ups are behind their ledger, or behind the pledges that were started.
select c.id
from campaigns c left join reckoned r on r.campaign_id = c.id
where c.seq > coalesce(r.seq, 0) or c.zone <> r.zone
   or exists (select from to_recount t where t.campaign_id = c.id)
   or exists (select from pledges p where p.campaign_id = c.id and p.id > coalesce(r.started, 0) and p.started_at <= :still)
order by c.id;

-- name: begin_reckoning!
insert into reckoned (campaign_id, zone) select id, zone from campaigns where id = :campaign_id
on conflict (campaign_id) do nothing;

-- name: lock_reckoned^
-- How far the roll-ups are, for this worker alone; nothing while another one is at it.
select r.seq, r.units, r.money, r.backers, r.started, r.zone, c.zone as zone_now, c.seq as last
from reckoned r join campaigns c on c.id = r.campaign_id
where r.campaign_id = :campaign_id
for update of r skip locked;

-- name: forget_reckoned!
-- All roll-ups of a campaign, to be reckoned again from its first entry.
with r as (delete from reckoned where campaign_id = :campaign_id),
     w as (delete from waypoints where campaign_id = :campaign_id),
     h as (delete from hours where campaign_id = :campaign_id),
     t as (delete from tallies where campaign_id = :campaign_id)
delete from counted where campaign_id = :campaign_id;

-- name: entries_after
-- The ledger between two entries, the first left out.
select seq, kind, pledge_id, customer_id, units, money, made_at
from entries where campaign_id = :campaign_id and seq > :after and seq <= :through
order by seq;

-- name: worths_before
-- What all pledges of these customers counted for after an entry.
select e.customer_id, e.pledge_id, sum(e.units)::bigint as units, sum(e.money)::bigint as money
from entries e
where e.pledge_id in (select p.id from pledges p where p.campaign_id = :campaign_id and p.customer_id = any(:customer_ids::bigint[]))
  and e.campaign_id = :campaign_id and e.seq <= :seq
group by e.customer_id, e.pledge_id;

-- name: keep_waypoints!
insert into waypoints (campaign_id, seq, units, money, backers)
select :campaign_id, * from unnest(:seqs::bigint[], :units::bigint[], :money::bigint[], :backers::bigint[]);

-- name: keep_hours!
insert into hours as h (campaign_id, hour, entries, confirmed, units, money)
select :campaign_id, date_trunc('hour', made_at at time zone :zone), count(*),
       count(*) filter (where kind = 'confirmed'), sum(units), sum(money)
from entries where campaign_id = :campaign_id and seq > :after and seq <= :through
group by 2
on conflict (campaign_id, hour) do update
set entries = h.entries + excluded.entries, confirmed = h.confirmed + excluded.confirmed,
    units = h.units + excluded.units, money = h.money + excluded.money;

-- name: count_started^
-- The checkouts that were begun, counted by hour up to the first that is not `still` yet: one that began before
-- it may not be committed. Returns the last pledge counted, and how many were.
with edge as (
    select coalesce(min(p.id), 9223372036854775807) as id from pledges p
    where p.campaign_id = :campaign_id and p.id > :after and p.started_at > :still
), fresh as (
    select p.id, p.started_at from pledges p, edge
    where p.campaign_id = :campaign_id and p.id > :after and p.id < edge.id
    order by p.id limit :most
), kept as (
    insert into hours as h (campaign_id, hour, started)
    select :campaign_id, date_trunc('hour', started_at at time zone :zone), count(*) from fresh group by 2
    on conflict (campaign_id, hour) do update set started = h.started + excluded.started
)
select max(id) as last, count(*) as some from fresh;

-- name: take_to_recount
delete from to_recount where (campaign_id, pledge_id) in (
    select campaign_id, pledge_id from to_recount where campaign_id = :campaign_id limit :most)
returning pledge_id;

-- name: tally!
-- These pledges into the tallies, as `counted` has them; out of them when `sign` is -1.
insert into tallies as t (campaign_id, kind, name, pledges, units, money)
select c.campaign_id, s.kind, s.name, :sign::int * count(distinct c.pledge_id), :sign::int * sum(s.units), :sign::int * sum(s.money)
from counted c
cross join lateral (
    select * from (values ('country', c.country, c.units, c.money),
                          ('source', c.source, c.units, c.money),
                          ('tag', c.tag, c.units, c.money)) as one (kind, name, units, money)
    union all
    select 'friend', '', c.units, c.money where c.by_friend
    union all
    select 'line', l.name, l.pieces, l.amount from unnest(c.lines, c.pieces, c.amounts) as l (name, pieces, amount)
) s
where c.pledge_id = any(:pledge_ids::bigint[]) and (c.units > 0 or c.money > 0)
group by c.campaign_id, s.kind, s.name
order by s.kind, s.name
on conflict (campaign_id, kind, name) do update
set pledges = t.pledges + excluded.pledges, units = t.units + excluded.units, money = t.money + excluded.money;

-- name: keep_counted!
-- How these pledges count as they stand now: sums from the ledger's own notes, lines as they were chosen.
insert into counted (pledge_id, campaign_id, units, money, country, source, tag, by_friend, lines, pieces, amounts)
select p.id, p.campaign_id, p.counted_units, p.counted_money, coalesce(p.country, ''), coalesce(p.source, ''), coalesce(p.tag, ''),
       p.referrer_id is not null,
       coalesce(l.lines, '{}'), coalesce(l.pieces, '{}'), coalesce(l.amounts, '{}')
from pledges p
left join lateral (
    select array_agg(coalesce(l.tier_id::text, l.source) order by l.position) as lines,
           array_agg(l.quantity::bigint order by l.position) as pieces,
           array_agg(l.quantity * l.unit_price order by l.position) as amounts
    from pledge_lines l where l.pledge_id = p.id and l.source <> 'shipping') l on true
where p.id = any(:pledge_ids::bigint[]) and p.campaign_id = :campaign_id and p.entered
on conflict (pledge_id) do update
set units = excluded.units, money = excluded.money, country = excluded.country, source = excluded.source, tag = excluded.tag,
    by_friend = excluded.by_friend, lines = excluded.lines, pieces = excluded.pieces, amounts = excluded.amounts;

-- name: keep_reckoned!
update reckoned set seq = :seq, units = :units, money = :money, backers = :backers, started = :started
where campaign_id = :campaign_id;

-- name: waypoint_before^
-- The last waypoint at an entry or before it.
select seq, units, money, backers from waypoints
where campaign_id = :campaign_id and seq <= :seq order by seq desc limit 1;

-- name: milestones_and_changes
-- A campaign's milestones as they are, each with what was changed in its target and its place on the road.
select m.id, m.target, m.reached_seq, m.archived_at is not null as archived, r.title, r.translations,
       (select coalesce(jsonb_agg(jsonb_build_object('what', k.what, 'seq', k.seq, 'before', k.before -> 'target') order by k.id), '[]')
        from milestone_changes k
        where k.milestone_id = m.id and k.what in ('added', 'target', 'archived')) as changes
from milestones m join rewards r on r.id = m.reward_id
where m.track_id = :track_id
order by m.target, m.id;

-- name: wrong_roll_ups
-- Every roll-up that differs from what the ledger and the pledges say, in words (C7). Pledges that wait to be
-- counted anew are left out.
with r as (select * from reckoned where campaign_id = :campaign_id),
running as (
    select e.seq, sum(e.units) over w as units, sum(e.money) over w as money
    from entries e, r where e.campaign_id = :campaign_id and e.seq <= r.seq window w as (order by e.seq)
), true_hours as (
    select coalesce(e.hour, s.hour) as hour, coalesce(e.entries, 0) as entries, coalesce(e.confirmed, 0) as confirmed,
           coalesce(s.started, 0) as started, coalesce(e.units, 0) as units, coalesce(e.money, 0) as money
    from (select date_trunc('hour', e.made_at at time zone r.zone) as hour, count(*) as entries,
                 count(*) filter (where e.kind = 'confirmed') as confirmed, sum(e.units) as units, sum(e.money) as money
          from entries e, r where e.campaign_id = :campaign_id and e.seq <= r.seq group by 1) e
    full join (select date_trunc('hour', p.started_at at time zone r.zone) as hour, count(*) as started
               from pledges p, r where p.campaign_id = :campaign_id and p.id <= r.started group by 1) s on s.hour = e.hour
), moving as (
    select e.pledge_id from entries e, r where e.campaign_id = :campaign_id and e.seq > r.seq
    union select t.pledge_id from to_recount t where t.campaign_id = :campaign_id
), true_tallies as (
    select s.kind, s.name, count(distinct c.pledge_id) as pledges, sum(s.units) as units, sum(s.money) as money
    from counted c
    cross join lateral (
        select * from (values ('country', c.country, c.units, c.money),
                              ('source', c.source, c.units, c.money),
                              ('tag', c.tag, c.units, c.money)) as one (kind, name, units, money)
        union all
        select 'friend', '', c.units, c.money where c.by_friend
        union all
        select 'line', l.name, l.pieces, l.amount from unnest(c.lines, c.pieces, c.amounts) as l (name, pieces, amount)
    ) s
    where c.campaign_id = :campaign_id and (c.units > 0 or c.money > 0)
    group by s.kind, s.name
)
select 'the overview’s waypoint at entry ' || w.seq as what
from waypoints w left join running u on u.seq = w.seq
where w.campaign_id = :campaign_id and (w.units, w.money) is distinct from (u.units, u.money)
union all
select 'the overview’s hour ' || coalesce(t.hour, h.hour)
from true_hours t full join (select * from hours where campaign_id = :campaign_id) h on h.hour = t.hour
where (t.entries, t.confirmed, t.started, t.units, t.money)
      is distinct from (h.entries, h.confirmed, h.started, h.units, h.money)
union all
select 'the overview’s ' || coalesce(t.kind, k.kind) || ' “' || coalesce(t.name, k.name) || '”'
from true_tallies t
full join (select * from tallies where campaign_id = :campaign_id and (pledges, units, money) <> (0, 0, 0)) k
     on k.kind = t.kind and k.name = t.name
where (t.pledges, t.units, t.money) is distinct from (k.pledges, k.units, k.money)
union all
select 'the overview’s count of pledge ' || p.id
from pledges p left join counted c on c.pledge_id = p.id
left join lateral (
    select array_agg(coalesce(l.tier_id::text, l.source) order by l.position) as lines,
           array_agg(l.quantity::bigint order by l.position) as pieces,
           array_agg(l.quantity * l.unit_price order by l.position) as amounts
    from pledge_lines l where l.pledge_id = p.id and l.source <> 'shipping') l on true
where p.campaign_id = :campaign_id and p.entered and exists (select from r)
  and p.id not in (select pledge_id from moving)
  and (p.counted_units, p.counted_money, coalesce(p.country, ''), coalesce(p.source, ''), coalesce(p.tag, ''),
       p.referrer_id is not null, coalesce(l.lines, '{}'), coalesce(l.pieces, '{}'), coalesce(l.amounts, '{}'))
      is distinct from (c.units, c.money, c.country, c.source, c.tag, c.by_friend, c.lines, c.pieces, c.amounts)
order by 1
limit :most;
