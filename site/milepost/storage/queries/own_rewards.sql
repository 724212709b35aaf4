-- name: own_accounts
-- Whoever reads this address, as a customer of each store that keeps facts, or where they have credit.
select c.id, c.store_id, c.locale, a.referral_code, y.store_id is not null as keeps_facts, coalesce(y.counts_pledges, false) as counts_pledges,
       s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.zone as store_zone, s.translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop
from customers c
join stores s on s.id = c.store_id
left join loyalty y on y.store_id = c.store_id
left join accounts a on a.customer_id = c.id
where c.email = :email and c.erased_at is null
  and (y.store_id is not null or exists (select from balances b where b.customer_id = c.id))
order by a.customer_id is null, c.id desc;

-- name: has_own_rewards$
-- Whether whoever reads this address has an account of points or credit anywhere, or may come to one.
select exists (select from customers c
               where c.email = :email and c.erased_at is null
                 and (exists (select from loyalty l where l.store_id = c.store_id)
                      or exists (select from balances b where b.customer_id = c.id)));

-- name: own_pendings
-- What is pending of each unit, and from when.
select unit, ripe_at, sum(amount)::bigint as amount from pendings
where customer_id = :customer_id
group by unit, ripe_at order by ripe_at, unit;

-- name: running_programs
-- What gives now, the oldest first.
select * from programs
where store_id = :store_id and is_on and starts_at <= :now and (ends_at is null or ends_at > :now)
order by id;

-- name: milestones_of_programs
select p.id as program_id, m.id, m.target, m.position, m.fact, m.sums, m.text, m.texts,
       r.kind, r.unit, r.worth, r.code_as, r.percent, r.amounts, r.products, r.days
from programs p join milestones m on m.track_id = p.track_id join rewards r on r.id = m.reward_id
where p.id = any(:program_ids::bigint[]) and m.archived_at is null
order by p.id, m.position, m.target, m.id;

-- name: own_readings
-- Where a customer stands in these programs: of a journey in its present step, since the step before it (L8).
select p.id as program_id, r.fact, r.sums, r.reading
from programs p
cross join lateral readings(p.track_id, p.store_id, p.currency, p.counts_from, p.ends_at,
                            array[:customer_id::bigint], :customer_id::bigint - 1, :customer_id::bigint) r
where p.id = any(:program_ids::bigint[]) and not p.in_steps
union all
select p.id, n.fact, n.sums, coalesce(x.reading, 0)::bigint
from programs p
left join lateral (select max(m.position) filter (where m.archived_at is null) as position, max(g.granted_seq) as seq
                   from milestones m join grants g on g.milestone_id = m.id
                   where m.track_id = p.track_id and g.customer_id = :customer_id) d on true
cross join lateral (select m.fact, m.sums from milestones m
                    where m.track_id = p.track_id and m.archived_at is null and m.position > coalesce(d.position, -1)
                    order by m.position limit 1) n
left join lateral (
    select max(y.value) as reading from (
        select sum(case n.sums when 'amount' then f.amount when 'points' then f.points else 1 end) as value
        from loyalty_facts f
        where f.customer_id = :customer_id and f.store_id = p.store_id and f.stands and run_of(n.sums, f.streak) = 0
          and n.fact in ('', f.kind) and f.seq > coalesce(d.seq, 0)
          and f.at >= p.counts_from and (p.ends_at is null or f.at < p.ends_at)
          and (n.sums <> 'amount' or f.currency = p.currency)
        group by run_of(n.sums, f.run)) y) x on true
where p.id = any(:program_ids::bigint[]) and p.in_steps;

-- name: given_milestones
-- Which of these programs' milestones have given something to a customer.
select p.id as program_id, g.milestone_id
from programs p join milestones m on m.track_id = p.track_id join grants g on g.milestone_id = m.id
where p.id = any(:program_ids::bigint[]) and g.customer_id = :customer_id
  and (p.in_steps or g.state <> 'void')
group by p.id, g.milestone_id;

-- name: own_grants
-- What programs gave to a customer, newest first; those before a place in that order.
select * from program_grants
where customer_id = :customer_id
  and (:seq::bigint is null or (granted_seq, milestone_id, beneficiary) < (:seq, :milestone_id::bigint, :beneficiary::bigint))
order by granted_seq desc, milestone_id desc, beneficiary desc
limit :most;

-- name: grants_of_mails
-- The grants that mails tell of, as they stand now.
select g.*
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]) as w (milestone_id, beneficiary)
join program_grants g on g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary;

-- name: titles_of_products
select id, title, translations from products where id = any(:product_ids::bigint[]);

-- name: customers_of_mails
-- Who mails about programs go to, with the store.
select c.id, c.name as customer_name, c.news, c.erased_at,
       s.name as store_name, s.brand as store_brand, s.zone as store_zone, s.translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop
from customers c join stores s on s.id = c.store_id
where c.id = any(:customer_ids::bigint[]);

-- name: promise_earned!
-- A mail for each customer that lists what was just given to them; an invitation back only to who wants news.
insert into mails (key, kind, recipient, locale, customer_id, detail, due_at)
select k.kind || ':' || l.first, k.kind, c.email, c.locale, c.id, l.detail::jsonb, :now
from unnest(:customer_ids::bigint[], :firsts::text[], :details::text[], :are_news::boolean[])
    with ordinality as l (customer_id, first, detail, is_news, place)
cross join lateral (select case when l.is_news then 'come_back' else 'reward_earned' end as kind) k
join customers c on c.id = l.customer_id and c.erased_at is null and (c.news or not l.is_news)
order by l.place
on conflict (key) do nothing;

-- name: promise_expiring$
-- A mail for each code of a customer's own that ends soon and nobody has used; how many.
with told as (
    insert into mails (key, kind, recipient, locale, customer_id, detail, due_at)
    select 'reward_expiring:' || k.id, 'reward_expiring', c.email, c.locale, c.id,
           jsonb_build_object('grants', jsonb_build_array(jsonb_build_array(k.milestone_id, k.beneficiary))), :now
    from shop_codes k join customers c on c.id = k.customer_id and c.erased_at is null
    where k.closes_at > :now and k.closes_at <= :until and k.used = 0 and k.withdrawn_at is null
      and k.milestone_id is not null
      and not exists (select from mails m where m.key = 'reward_expiring:' || k.id)
    order by k.id
    limit :most
    on conflict (key) do nothing
    returning 1
)
select count(*) from told;
