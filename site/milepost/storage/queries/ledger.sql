-- name: lock_next_campaign$
-- A campaign that has facts waiting and that no other worker holds, locked until the transaction ends.
select c.id
from campaigns c
where exists (select from facts f where f.state = 'waiting' and f.campaign_id = c.id)
order by c.id
limit 1
for no key update skip locked;

-- name: lock_campaign^
-- A campaign's meter, its row locked until the transaction ends (C3). Its key stays free, so that what only
-- refers to the campaign, in a transaction of its own, neither waits for this nor holds it up.
select id, store_id, track_id, slug, title, basis, currency, goal, funding_model, review_limit,
       closes_at, closed_at, outcome, dunning_days, last_day_guard, tax, seq, units, money, backers, version,
       exists (select from loyalty l where l.store_id = campaigns.store_id and l.counts_pledges) as counts_for_loyalty
from campaigns
where id = :campaign_id
for no key update;

-- name: pledges_by_id
select id, customer_id, state, units, money, tiers, late, held, processing, entered, claiming, locale,
       counted_units, counted_money, shipping, tax, paid, refunds, refunded_totals, refund_parts, origins, disputes,
       credit, credit_back, gifts
from pledges
where id = any(:pledge_ids::bigint[]) and campaign_id = :campaign_id;

-- name: other_pledges_of
-- The pledges of these customers in this campaign, save those already at hand.
select id, customer_id, state, units, money, tiers, late, held, processing, entered, claiming, locale,
       counted_units, counted_money, shipping, tax, paid, refunds, refunded_totals, refund_parts, origins, disputes,
       credit, credit_back, gifts
from pledges
where campaign_id = :campaign_id and customer_id = any(:customer_ids::bigint[])
  and id <> all(:pledge_ids::bigint[]);

-- name: know_customers
-- One customer for each address, made when the store does not know it yet.
with people as (
    select * from unnest(:emails::text[], :names::text[], :locales::text[]) as p (email, name, locale)
), made as (
    insert into customers (store_id, email, name, locale, created_at)
    select :store_id, email, name, locale, :now from people order by email -- one order: no deadlock
    on conflict (store_id, email) do nothing
    returning id, email
)
select id, email, true as is_new from made
union all
select c.id, c.email, false from customers c join people using (email) where c.store_id = :store_id;

-- name: backers_by_customer
select customer_id, first_seq from backers
where campaign_id = :campaign_id and customer_id = any(:customer_ids::bigint[]);

-- name: write_pledges!
-- Pledges that come into one state, each with its backer, what it counts for and what was paid. Once it is known
-- who pledges, nobody has come by their own link.
update pledges p
set customer_id = m.customer_id, state = :state, held = :held, processing = :processing,
    entered = :entered, claiming = :claiming,
    counted_units = m.counted_units, counted_money = m.counted_money,
    tax = m.tax, paid = m.paid::jsonb,
    referrer_id = case when p.referrer_id is not null and not is_oneself(p.referrer_id, m.customer_id)
                       then p.referrer_id end,
    confirmed_at = case when :entered or :state in ('confirmed', 'charged')
                        then coalesce(p.confirmed_at, :now::timestamptz) else p.confirmed_at end
from unnest(:ids::bigint[], :customer_ids::bigint[], :counted_units::bigint[], :counted_money::bigint[],
            :taxes::bigint[], :paid::text[])
    as m (id, customer_id, counted_units, counted_money, tax, paid)
where p.id = m.id;

-- name: write_pledge_history!
-- What only refunds, disputes and changes move.
update pledges p
set refunds = m.refunds::jsonb, refunded_totals = m.refunded_totals::jsonb, refund_parts = m.parts::jsonb,
    origins = m.origins::jsonb, disputes = m.disputes::jsonb, units = m.units, money = m.money,
    shipping = m.shipping, tiers = m.tiers::bigint[]
from unnest(:ids::bigint[], :refunds::text[], :refunded_totals::text[], :parts::text[], :origins::text[], :disputes::text[],
            :units::bigint[], :money::bigint[], :shipping::bigint[], :tiers::text[])
    as m (id, refunds, refunded_totals, parts, origins, disputes, units, money, shipping, tiers)
where p.id = m.id;

-- name: know_payments
-- Which pledge each payment belongs to: the first that named it, whoever names it later.
insert into payments (payment, campaign_id, pledge_id)
select payment, :campaign_id, pledge_id
from unnest(:payments::text[], :pledge_ids::bigint[]) as p (payment, pledge_id)
on conflict (payment) do update set pledge_id = payments.pledge_id
returning payment, pledge_id;

-- name: move_backers!
-- Backers who were there before: their first seq stays (A3).
update backers b set live = m.live, pledge_id = m.pledge_id
from unnest(:customer_ids::bigint[], :live::boolean[], :pledge_ids::bigint[]) as m (customer_id, live, pledge_id)
where b.campaign_id = :campaign_id and b.customer_id = m.customer_id;

-- name: write_standing$
-- The campaign's totals and its next version, which every open page waits for.
update campaigns
set seq = :seq, units = :units, money = :money, backers = :backers,
    version = version + greatest(1, :seq - seq)
where id = :campaign_id
returning version;

-- name: close_checkouts!
-- The checkouts of these pledges are over: they were completed, or failed for good.
update attempts
set state = case when pledge_id = any(:failed::bigint[]) then 'failed' else 'done' end
where pledge_id = any(:pledge_ids::bigint[]) and state in ('begun', 'open') and purpose = 'checkout';

-- name: bump_version$
-- An edit that open pages must see: the next version.
update campaigns set version = version + 1 where id = :campaign_id returning version;
