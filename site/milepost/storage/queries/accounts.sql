-- name: accounts_of_sources
-- What the entries of these sources have brought so far, and what of each is pending.
select w.customer_id, w.source, coalesce(e.kept, 0)::bigint as kept, coalesce(e.forgiven, 0)::bigint as forgiven,
       coalesce(p.amount, 0) as pending
from unnest(:customer_ids::bigint[], :sources::text[]) as w (customer_id, source)
left join lateral (select sum(ready + pending) as kept, sum(forgiven) as forgiven from account_entries
                   where customer_id = w.customer_id and unit = :unit and source = w.source) e on true
left join pendings p on p.customer_id = w.customer_id and p.unit = :unit and p.milestone_id = 0 and p.source = w.source;

-- name: accounts_of_grants
-- The same of these grants.
select w.milestone_id, w.beneficiary, coalesce(e.kept, 0)::bigint as kept, coalesce(e.forgiven, 0)::bigint as forgiven,
       coalesce(p.amount, 0)::bigint as pending
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]) as w (milestone_id, beneficiary)
left join lateral (select sum(ready + pending) as kept, sum(forgiven) as forgiven from account_entries
                   where milestone_id = w.milestone_id and beneficiary = w.beneficiary) e on true
left join lateral (select sum(amount) as amount from pendings
                   where milestone_id = w.milestone_id and beneficiary = w.beneficiary) p on true;

-- name: hold_balances
-- What these customers have, locked.
select customer_id, unit, ready, pending from balances
where customer_id = any(:customer_ids::bigint[])
order by customer_id, unit
for update;

-- name: open_balances!
insert into balances (customer_id, unit) select * from unnest(:customer_ids::bigint[], :units::text[]) on conflict do nothing;

-- name: enter!
-- Entries, and the balances that they make.
with entered as (
    insert into account_entries (customer_id, unit, kind, ready, pending, forgiven, ripe_at, milestone_id, beneficiary,
                                 source, reason, made_at)
    select customer_id, unit, kind, ready, pending, forgiven, ripe_at, milestone_id, beneficiary, source, reason, :now
    from unnest(:customer_ids::bigint[], :units::text[], :kinds::text[], :readies::bigint[], :pendings::bigint[],
                :forgivens::bigint[], :ripe_ats::timestamptz[], :milestone_ids::bigint[], :beneficiaries::bigint[],
                :sources::text[], :reasons::text[])
        with ordinality as e (customer_id, unit, kind, ready, pending, forgiven, ripe_at, milestone_id, beneficiary,
                              source, reason, place)
    order by place
    returning customer_id, unit, ready, pending
)
update balances b set ready = b.ready + s.ready, pending = b.pending + s.pending
from (select customer_id, unit, sum(ready)::bigint as ready, sum(pending)::bigint as pending
      from entered group by customer_id, unit) s
where b.customer_id = s.customer_id and b.unit = s.unit;

-- name: put_off!
-- So much more of these sources and grants is pending, until then.
insert into pendings (customer_id, unit, milestone_id, beneficiary, source, amount, ripe_at)
select * from unnest(:customer_ids::bigint[], :units::text[], :milestone_ids::bigint[], :beneficiaries::bigint[],
                     :sources::text[], :amounts::bigint[], :ripe_ats::timestamptz[])
on conflict (customer_id, unit, milestone_id, beneficiary, source) do update
set amount = pendings.amount + excluded.amount, ripe_at = greatest(pendings.ripe_at, excluded.ripe_at);

-- name: take_from_pending!
-- So much less of these is; what has nothing left waits no more.
with less as (
    select * from unnest(:customer_ids::bigint[], :units::text[], :milestone_ids::bigint[], :beneficiaries::bigint[],
                         :sources::text[], :amounts::bigint[])
        as w (customer_id, unit, milestone_id, beneficiary, source, amount)
), gone as (
    delete from pendings p using less
    where (p.customer_id, p.unit, p.milestone_id, p.beneficiary, p.source)
          = (less.customer_id, less.unit, less.milestone_id, less.beneficiary, less.source) and p.amount <= less.amount
)
update pendings p set amount = p.amount - less.amount
from less
where (p.customer_id, p.unit, p.milestone_id, p.beneficiary, p.source)
      = (less.customer_id, less.unit, less.milestone_id, less.beneficiary, less.source) and p.amount > less.amount;

-- name: ripen$
-- What has waited long enough can be spent (L10); how many entries that made. Balances are locked first, as by all.
with ripe as (
    delete from pendings p
    using (select w.customer_id, w.unit, w.milestone_id, w.beneficiary, w.source
           from pendings w join balances b on b.customer_id = w.customer_id and b.unit = w.unit
           where w.ripe_at <= :now order by w.customer_id, w.unit limit :most for update of b skip locked) r
    where (p.customer_id, p.unit, p.milestone_id, p.beneficiary, p.source)
          = (r.customer_id, r.unit, r.milestone_id, r.beneficiary, r.source) and p.ripe_at <= :now
    returning p.*
), entered as (
    insert into account_entries (customer_id, unit, kind, ready, pending, milestone_id, beneficiary, source, made_at)
    select customer_id, unit, 'matured', amount, -amount, milestone_id, beneficiary, source, :now from ripe
    returning customer_id, unit, ready
), summed as (
    update balances b set ready = b.ready + s.ready, pending = b.pending - s.ready
    from (select customer_id, unit, sum(ready)::bigint as ready from entered group by customer_id, unit) s
    where b.customer_id = s.customer_id and b.unit = s.unit
)
select count(*) from entered;

-- name: spend$
-- So much of what is ready is spent on `:source`; nothing where there is not so much, whoever else spends it now.
with paid as (
    update balances set ready = ready - :amount
    where customer_id = :customer_id and unit = :unit and ready >= :amount
    returning customer_id, unit
)
insert into account_entries (customer_id, unit, kind, ready, source, made_at)
select customer_id, unit, :kind, -:amount::bigint, :source, :now from paid
returning id;

-- name: entries_of
-- The history of a customer's account, newest first, those with an id below `:before`.
select e.id, e.unit, e.kind, e.ready, e.pending, e.forgiven, e.ripe_at, e.source, e.reason, e.made_at,
       case when m.sums in ('days', 'months') then m.target
            else m.target + coalesce((e.beneficiary - e.customer_id) / 1099511627776 * p.every, 0) end as target,
       m.fact, m.sums, p.name as program, p.translations as program_translations, p.currency, p.in_steps
from account_entries e
left join milestones m on m.id = e.milestone_id
left join programs p on p.track_id = m.track_id
where e.customer_id = :customer_id and (:unit::text is null or e.unit = :unit) and (:before::bigint is null or e.id < :before)
order by e.id desc
limit :most;

-- name: balances_of
select unit, ready, pending from balances where customer_id = :customer_id order by unit;
