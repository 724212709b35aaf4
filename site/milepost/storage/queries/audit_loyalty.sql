-- name: wrong_balances
-- L10: balances against the sums of their entries.
with sums as (
    select customer_id, unit, sum(ready)::bigint as ready, sum(pending)::bigint as pending
    from account_entries group by customer_id, unit
)
select coalesce(b.customer_id, s.customer_id) as customer_id, coalesce(b.unit, s.unit) as unit,
       coalesce(b.ready, 0) as ready, coalesce(b.pending, 0) as pending,
       coalesce(s.ready, 0) as expected_ready, coalesce(s.pending, 0) as expected_pending
from balances b full join sums s on s.customer_id = b.customer_id and s.unit = b.unit
where (coalesce(b.ready, 0), coalesce(b.pending, 0)) <> (coalesce(s.ready, 0), coalesce(s.pending, 0))
order by 1, 2
limit :most;

-- name: lock_balances_to_mend!
lock table balances, account_entries in share row exclusive mode;

-- name: mend_balances!
-- They are the sums of their entries again. One that would be below zero stays: its entries are wrong.
insert into balances (customer_id, unit, ready, pending)
select w.customer_id, w.unit, coalesce(sum(e.ready), 0), coalesce(sum(e.pending), 0)
from unnest(:customer_ids::bigint[], :units::text[]) as w (customer_id, unit)
left join account_entries e on e.customer_id = w.customer_id and e.unit = w.unit
group by w.customer_id, w.unit
having coalesce(sum(e.ready), 0) >= 0 and coalesce(sum(e.pending), 0) >= 0
on conflict (customer_id, unit) do update set ready = excluded.ready, pending = excluded.pending;

-- name: wrong_pendings
-- What waits of each source and grant, against the entries of it.
with sums as (
    select customer_id, unit, milestone_id, beneficiary, case when milestone_id = 0 then source else '' end as source,
           sum(pending)::bigint as pending
    from account_entries group by 1, 2, 3, 4, 5 having sum(pending) <> 0
)
select coalesce(p.customer_id, s.customer_id) as customer_id, coalesce(p.unit, s.unit) as unit,
       coalesce(p.amount, 0) as amount, coalesce(s.pending, 0) as expected
from pendings p
full join sums s on (s.customer_id, s.unit, s.milestone_id, s.beneficiary, s.source)
                    = (p.customer_id, p.unit, p.milestone_id, p.beneficiary, p.source)
where coalesce(p.amount, 0) <> coalesce(s.pending, 0)
order by 1, 2
limit :most;

-- name: wrongly_entered_grants
-- Grants of programs without just the entry or the code that their reward says; entries of grants that nobody has.
with granted as (
    select g.milestone_id, g.beneficiary, g.customer_id, g.state, r.unit, r.worth, r.code_as
    from programs p join milestones m on m.track_id = p.track_id
    join grants g on g.milestone_id = m.id join rewards r on r.id = g.reward_id
), entered as (
    select milestone_id, beneficiary, min(unit) as unit, count(distinct unit) as units,
           sum(ready + pending - forgiven)::bigint as worth
    from account_entries where milestone_id <> 0 group by milestone_id, beneficiary
)
select coalesce(g.milestone_id, e.milestone_id) as milestone_id, g.customer_id, g.state,
       case when g.state <> 'void' then coalesce(g.worth, 0) else 0 end as expected, coalesce(e.worth, 0) as worth,
       (g.code_as is not null) as has_code, (k.id is not null) as coded, k.withdrawn_at is not null as withdrawn
from granted g
full join entered e on e.milestone_id = g.milestone_id and e.beneficiary = g.beneficiary
left join shop_codes k on k.milestone_id = g.milestone_id and k.beneficiary = g.beneficiary
where g.milestone_id is null
   or coalesce(e.worth, 0) <> case when g.state <> 'void' then coalesce(g.worth, 0) else 0 end
   or e.units > 1 or e.unit <> g.unit
   or (g.code_as is not null) <> (k.id is not null)
   or k.id is not null and (g.state = 'void') <> (k.withdrawn_at is not null)
order by 1, 2
limit :most;

-- name: judged_programs
-- The programs that were ever on; those that now give, and of whom nobody is left to judge, can be missed.
select p.id, p.name, p.store_id, p.is_on and p.starts_at <= :now and p.run_through is null as is_whole
from programs p where p.turned_at is not null order by p.id;

-- name: judged_customers
-- The next customers of a store of whom nothing waits.
select a.customer_id from accounts a
where a.store_id = :store_id and a.customer_id > :after
  and not exists (select from loyalty_facts f where f.customer_id = a.customer_id and f.waiting)
order by a.customer_id
limit :most;

-- name: missing_grants
-- What the rules give to these customers and nobody has made; spells only if they were over at the last run.
select w.milestone_id, w.customer_id
from programs p
cross join lateral (
    select * from met(p.id, :ids::bigint[], 0, :upto)
    union all
    select * from idle(p.id, :ids::bigint[], 0, :upto, p.ran_at)
    union all
    select * from next_steps(p.id, :ids::bigint[], 0, :upto)) w
where p.id = :program_id
  and not exists (select from grants g where g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary)
order by 2, 1;

-- name: count_account_entries$
select count(*) from account_entries;
