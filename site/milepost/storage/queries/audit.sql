-- name: wrong_totals
-- A campaign's totals against the sum of its entries (C7).
select e.seq as expected_seq, e.units as expected_units, e.money as expected_money, e.gaps,
       c.seq, c.units, c.money, c.backers, b.backers as expected_backers
from campaigns c,
     lateral (select coalesce(max(seq), 0) as seq, coalesce(sum(units), 0)::bigint as units,
                     coalesce(sum(money), 0)::bigint as money, coalesce(max(seq), 0) - count(*) as gaps
              from entries where campaign_id = c.id) e,
     lateral (select count(*) as backers from backers where campaign_id = c.id and live) b
where c.id = :campaign_id
  and (e.seq, e.units, e.money, b.backers, e.gaps) is distinct from (c.seq, c.units, c.money, c.backers, 0);

-- name: mend_totals!
update campaigns c
set seq = e.seq, units = e.units, money = e.money, backers = b.backers,
    version = greatest(c.version, e.seq) + 1
from (select coalesce(max(seq), 0) as seq, coalesce(sum(units), 0)::bigint as units, coalesce(sum(money), 0)::bigint as money
      from entries where campaign_id = :campaign_id) e,
     (select count(*) as backers from backers where campaign_id = :campaign_id and live) b
where c.id = :campaign_id;

-- name: wrong_counts
-- What each pledge is noted to count for, against its entries.
select p.id, p.counted_units, p.counted_money, p.entered,
       coalesce(e.units, 0)::bigint as units, coalesce(e.money, 0)::bigint as money, e.pledge_id is not null as has_entries
from pledges p
left join (select pledge_id, sum(units) as units, sum(money) as money from entries
           where campaign_id = :campaign_id group by pledge_id) e on e.pledge_id = p.id
where p.campaign_id = :campaign_id
  and (p.counted_units, p.counted_money, p.entered)
      is distinct from (coalesce(e.units, 0), coalesce(e.money, 0), e.pledge_id is not null)
order by p.id
limit :most;

-- name: mend_counts!
update pledges p
set counted_units = coalesce(e.units, 0), counted_money = coalesce(e.money, 0), entered = e.pledge_id is not null
from pledges q
left join (select pledge_id, sum(units) as units, sum(money) as money from entries
           where campaign_id = :campaign_id group by pledge_id) e on e.pledge_id = q.id
where q.id = p.id and p.campaign_id = :campaign_id
  and (p.counted_units, p.counted_money, p.entered)
      is distinct from (coalesce(e.units, 0), coalesce(e.money, 0), e.pledge_id is not null);

-- name: wrong_backers
-- Each backer's first entry and liveness, against entries and pledges (A3).
with true_backers as (
    select e.customer_id, min(e.seq) as first_seq,
           exists (select from pledges p where p.campaign_id = :campaign_id and p.customer_id = e.customer_id
                   and p.state in ('confirmed', 'charged', 'past_due') and not p.held) as live
    from entries e where e.campaign_id = :campaign_id group by e.customer_id
)
select coalesce(t.customer_id, b.customer_id) as customer_id,
       t.first_seq as expected_seq, t.live as expected_live, b.first_seq, b.live
from true_backers t
full join (select * from backers where campaign_id = :campaign_id) b on b.customer_id = t.customer_id
where (t.first_seq, t.live) is distinct from (b.first_seq, b.live)
order by 1
limit :most;

-- name: clear_backers!
delete from backers where campaign_id = :campaign_id;

-- name: mend_backers!
-- All of a campaign's backers anew, from its entries and pledges.
insert into backers (campaign_id, customer_id, first_seq, live, pledge_id)
select :campaign_id, e.customer_id, min(e.seq), coalesce(bool_or(p.is_live), false),
       coalesce(min(p.id) filter (where p.is_live and p.is_charged), min(p.id) filter (where p.is_live), min(p.id))
from entries e
join (select id, customer_id, state in ('confirmed', 'charged', 'past_due') and not held as is_live, state = 'charged' as is_charged
      from pledges where campaign_id = :campaign_id) p on p.customer_id = e.customer_id
where e.campaign_id = :campaign_id
group by e.customer_id;

-- name: wrong_reaches
-- Each milestone's reach against the first entry that took the total to its target (C4, C5, A10).
with running as (
    select seq, sum(case when :basis = 'units' then units else money end) over (order by seq) as total
    from entries where campaign_id = :campaign_id
)
select m.id, m.target, m.reached_seq, r.seq as expected
from milestones m
left join lateral (select min(seq) as seq from running where seq >= m.since_seq and total >= m.target) r on true
where m.track_id = :track_id and m.reached_seq is distinct from r.seq
  and (m.archived_at is null or m.reached_seq is not null)
order by m.target, m.id;

-- name: mend_reach!
update milestones
set reached_seq = :seq,
    granted_through = case when :seq::bigint is null then null else 0 end,
    reached_at = (select made_at from entries where campaign_id = :campaign_id and seq = :seq),
    revealed_at = case when :seq::bigint is null then null
                       when reveal = 'automatic' then coalesce(revealed_at, (select made_at from entries where campaign_id = :campaign_id and seq = :seq))
                       else revealed_at end
where id = :milestone_id;

-- name: wrong_slots
-- Claimed slots of limited tiers against the pledges and the waiting changes that hold them (P3).
select t.id, t.title, t.claimed, coalesce(h.held, 0)::bigint as expected
from tiers t
left join (select tier_id, sum(quantity) as held
           from (select l.tier_id, l.quantity
                 from pledge_lines l join pledges p on p.id = l.pledge_id
                 where p.campaign_id = :campaign_id and p.claiming
                 union all
                 select c.key::bigint, c.value::bigint
                 from facts f cross join jsonb_each_text(f.detail -> 'claims') c
                 where f.campaign_id = :campaign_id and f.state = 'waiting' and f.kind = 'changed'
                 union all
                 select c.key::bigint, c.value::bigint
                 from attempts a join pledges p on p.id = a.pledge_id
                 cross join jsonb_each_text(a.detail -> 'claims') c
                 where p.campaign_id = :campaign_id and a.purpose = 'change' and a.state in ('begun', 'open')) claims
           group by tier_id) h on h.tier_id = t.id
where t.campaign_id = :campaign_id and t.slots is not null and t.claimed <> coalesce(h.held, 0)
order by t.id;

-- name: mend_slots!
update tiers t set claimed = :claimed where t.id = :tier_id;

-- name: strange_grants
-- Grants for nobody who ever backed the campaign.
select g.milestone_id, g.beneficiary, g.state
from grants g join milestones m on m.id = g.milestone_id
where m.track_id = :track_id and g.state <> 'void'
  and not exists (select from backers b where b.campaign_id = :campaign_id and b.customer_id = g.customer_id)
limit :most;

-- name: void_grants!
update grants set state = 'void', backordered = false
where (milestone_id, beneficiary) in (select * from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]));

-- name: entries_until
-- The ledger up to an entry, and nothing else: all that a replay may look at.
select seq, kind, pledge_id, customer_id, units, money, made_at
from entries where campaign_id = :campaign_id and seq <= :seq order by seq;

-- name: unfulfilled_parcels
-- Rewards that were sent and whose grants do not say so (A8).
select p.milestone_id, p.pledge_id, coalesce(g.state, 'none') as state
from parcels p
left join grants g on g.milestone_id = p.milestone_id and g.beneficiary = p.beneficiary
where p.campaign_id = :campaign_id and p.milestone_id <> 0 and p.state = 'shipped'
  and g.state is distinct from 'fulfilled'
order by 1, 2
limit :most;
