-- name: customers_with_facts$
select count(*) from accounts where store_id = :store_id;

-- name: first_fact_of_store$
-- The first that any of its first thousand customers did: whoever came first did something first.
select min(f.at) from loyalty_facts f
where f.stands and f.customer_id in (select customer_id from accounts where store_id = :store_id
                                     order by customer_id limit 1000);

-- name: windows_of_customers
-- Every so manieth run of two hundred customers, in the order of their coming: after `past`, up to `upto`.
select coalesce(lag(upto) over (order by n), 0)::bigint as past, upto, n % (200 * :each) = 200 as asked
from (select customer_id as upto, row_number() over (order by customer_id) as n from accounts where store_id = :store_id) a
where n % (200 * :each) in (0, 200);

-- name: foresee_milestones
-- By milestone, who would have reached it if facts counted from `:since`, and how many grants are not made yet.
select w.milestone_id, count(distinct w.customer_id) as customers, count(*) filter (where g.milestone_id is null) as grants
from (select m.milestone_id, m.beneficiary, m.customer_id
      from unnest(:pasts::bigint[], :uptos::bigint[]) as o (past, upto)
      cross join lateral met(:program_id, null, o.past, o.upto, :since) m
      union all
      select i.milestone_id, i.beneficiary, i.customer_id
      from unnest(:pasts::bigint[], :uptos::bigint[]) as o (past, upto)
      cross join lateral idle(:program_id, null, o.past, o.upto, :now, :since) i) w
left join grants g on g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary
group by w.milestone_id;

-- name: foresee_begun$
-- How many customers have anything at all that the program counts, from `:since` on.
select count(distinct r.customer_id)
from programs p
cross join unnest(:pasts::bigint[], :uptos::bigint[]) as o (past, upto)
cross join lateral readings(p.track_id, p.store_id, p.currency, :since, p.ends_at, null, o.past, o.upto) r
where p.id = :program_id and r.peak > 0;

-- name: foresee_steps
-- The same of a journey: each customer walks on from where they stand, a step at a time, all of them together (L8).
with recursive p as (
    select * from programs where id = :program_id and in_steps
), steps as (
    select m.id, m.target, m.fact, m.sums, m.position,
           coalesce(lag(m.position) over (order by m.position), -1) as before
    from p join milestones m on m.track_id = p.track_id where m.archived_at is null
), stood as (
    select g.customer_id, max(m.position) as position, max(g.granted_seq) as seq
    from p join milestones m on m.track_id = p.track_id join grants g on g.milestone_id = m.id
    join unnest(:pasts::bigint[], :uptos::bigint[]) as o (past, upto) on g.customer_id > o.past and g.customer_id <= o.upto
    group by g.customer_id
), walked (customer_id, position, seq, milestone_id) as (
    select a.customer_id, coalesce(d.position, -1), coalesce(d.seq, 0)::bigint, null::bigint
    from p
    cross join unnest(:pasts::bigint[], :uptos::bigint[]) as o (past, upto)
    join accounts a on a.store_id = p.store_id and a.customer_id > o.past and a.customer_id <= o.upto
    left join stood d on d.customer_id = a.customer_id
    union all
    select n.customer_id, n.position, n.seq, n.id
    from (select distinct on (r.customer_id) r.customer_id, r.position, r.seq, r.id
          from (select w.customer_id, s.position, s.id, s.target, f.seq, f.streak,
                       sum(case s.sums when 'amount' then f.amount when 'points' then f.points else 1 end)
                           over (partition by f.customer_id, f.run, f.streak order by f.seq) as total
                from walked w cross join p
                join steps s on s.before <= w.position and s.position > w.position
                cross join lateral (  -- offset 0: each customer's own facts, by their index
                    select * from loyalty_facts f
                    where f.customer_id = w.customer_id and f.store_id = p.store_id and f.stands
                      and s.fact in ('', f.kind) and (s.sums <> 'amount' or f.currency = p.currency)
                      and f.at >= :since and (p.ends_at is null or f.at < p.ends_at) and f.seq > w.seq
                    offset 0) f) r
          where r.total >= r.target and r.streak = 0
          order by r.customer_id, r.seq) n
)
select w.milestone_id, count(*) as customers, count(*) as grants from walked w where w.milestone_id is not null
group by w.milestone_id
union all
select m.id, count(distinct g.customer_id), 0
from p join milestones m on m.track_id = p.track_id join grants g on g.milestone_id = m.id
join unnest(:pasts::bigint[], :uptos::bigint[]) as o (past, upto) on g.customer_id > o.past and g.customer_id <= o.upto
where m.archived_at is null
group by m.id;

-- name: average_bills
-- What the store's paid orders since then came to on average, by currency: goods, and shipping of those that paid any.
select currency, round(avg(goods))::bigint as goods,
       round(avg(shipping - shipping_off) filter (where shipping > shipping_off))::bigint as shipping
from orders
where store_id = :store_id and state = 'paid' and paid_at >= :since
group by currency;
