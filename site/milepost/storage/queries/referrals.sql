-- name: link_of_referrals^
-- Where a personal link leads: nothing where nobody has it, else whether its store has a shop.
select exists (select from listings l where l.store_id = a.store_id and l.published) as has_shop
from accounts a join customers c on c.id = a.customer_id and c.erased_at is null
where a.referral_code = :code;

-- name: referral_code$
-- The customer's own, made now where there was none.
insert into accounts (customer_id, store_id, referral_code) values (:customer_id, :store_id, :code)
on conflict (customer_id) do update set referral_code = coalesce(accounts.referral_code, excluded.referral_code)
returning referral_code;

-- name: order_came_by!
-- By whose link whoever orders has come; of the order's own store.
update orders o set referrer_id = a.customer_id
from accounts a where o.id = :order_id and a.referral_code = :code and a.store_id = o.store_id;

-- name: pledge_came_by!
update pledges p set referrer_id = a.customer_id
from accounts a, campaigns c
where p.id = :pledge_id and c.id = p.campaign_id and a.referral_code = :code and a.store_id = c.store_id;

-- name: pledge_came_as!
-- Whoever chooses again has come as they came before.
update pledges p set referrer_id = e.referrer_id
from pledges e where p.id = :pledge_id and e.key = :instead and e.campaign_id = p.campaign_id and p.referrer_id is null;

-- name: friends_of_campaign^
-- The code of a customer's link, and what comes of it in a campaign of their store: friends whose pledges count now,
-- and for how much. `rewarded`: a program that gives now counts friends by what they pledge.
select a.referral_code as code, f.friends, f.units, f.money,
       exists (select from programs g join milestones m on m.track_id = g.track_id
               join loyalty l on l.store_id = g.store_id and l.counts_pledges
               where g.store_id = c.store_id and g.is_on and g.starts_at <= :now and (g.ends_at is null or g.ends_at > :now)
                 and m.fact = 'referral' and m.archived_at is null) as rewarded
from campaigns c
left join accounts a on a.customer_id = :customer_id
cross join lateral (
    select count(distinct p.customer_id) as friends, coalesce(sum(p.counted_units), 0)::bigint as units,
           coalesce(sum(p.counted_money), 0)::bigint as money
    from pledges p
    where p.referrer_id = :customer_id and p.campaign_id = c.id and (p.counted_units > 0 or p.counted_money > 0)) f
where c.id = :campaign_id;

-- name: campaigns_to_share
-- The store's campaigns that take pledges now, those that close first, first.
select slug, title, translations from campaigns
where store_id = :store_id and published and opens_at <= :now
  and (closes_at > :now or (late_pledges and outcome = 'funded'))
order by closes_at, id limit :most;

-- name: begin_referrals!
-- Those of these orders and pledges that are the first that somebody paid for, and who had come by another's
-- link. Nobody refers themselves: not the same mailbox, and not who is sent things at the same door.
with firsts as (
    select o.store_id, o.customer_id, o.referrer_id, 'order:' || o.id as source, o.paid_at as at,
           doorstep(o.address ->> 'line1', o.address ->> 'postal_code', o.address ->> 'country') as door
    from orders o
    where o.id = any(:order_ids::bigint[]) and o.referrer_id is not null and o.customer_id is not null
      and o.paid_at is not null and o.total + o.credit > 0
      and not exists (select from orders e where e.customer_id = o.customer_id and e.paid_at is not null
                      and e.total + e.credit > 0 and (e.paid_at, e.id) < (o.paid_at, o.id))
      and not exists (select from pledges e where e.customer_id = o.customer_id
                      and e.state in ('charged', 'refunded', 'disputed'))
    union all
    select c.store_id, p.customer_id, p.referrer_id, 'pledge:' || p.id, coalesce(p.confirmed_at, p.started_at),
           doorstep(a.line1, a.postal_code, a.country)
    from pledges p join campaigns c on c.id = p.campaign_id left join addresses a on a.pledge_id = p.id
    where p.id = any(:pledge_ids::bigint[]) and p.referrer_id is not null and p.customer_id is not null
      and p.state = 'charged'
      and not exists (select from orders e where e.customer_id = p.customer_id and e.paid_at is not null
                      and e.total + e.credit > 0)
      and not exists (select from pledges e where e.customer_id = p.customer_id and e.id < p.id
                      and e.state in ('charged', 'refunded', 'disputed'))
)
insert into referrals (customer_id, store_id, referrer_id, source, made_at)
select distinct on (f.customer_id) f.customer_id, f.store_id, f.referrer_id, f.source, f.at
from firsts f
join customers friend on friend.id = f.customer_id
join customers who on who.id = f.referrer_id and who.erased_at is null
join loyalty l on l.store_id = f.store_id
where who.id <> friend.id and mailbox(who.email) <> mailbox(friend.email)
  and not exists (select from orders o where o.customer_id = who.id and f.door = doorstep(
                  o.address ->> 'line1', o.address ->> 'postal_code', o.address ->> 'country'))
  and not exists (select from pledges p join addresses a on a.pledge_id = p.id
                  where p.customer_id = who.id and f.door = doorstep(a.line1, a.postal_code, a.country))
order by f.customer_id, f.at, f.source
on conflict (customer_id) do nothing;

-- name: tell_referrals!
-- A referral stands while the friend's first order or pledge does.
with told as (
    select r.store_id, r.referrer_id, r.customer_id, r.made_at, f.stands
    from referrals r join loyalty_facts f on f.store_id = r.store_id and f.source = r.source
    where r.source = any(:sources::text[])
)
insert into loyalty_facts (store_id, customer_id, kind, source, at, stands)
select store_id, referrer_id, 'referral', 'referral:' || customer_id, made_at, stands from told order by customer_id
on conflict (store_id, source) do update
set stands = excluded.stands, waiting = true
where loyalty_facts.stands is distinct from excluded.stands;
