-- name: loyal_orders!
-- The facts of these orders, as they stand now, where the store keeps facts. A refund is of goods first.
with known as (
    select o.id, o.store_id, o.customer_id, o.paid_at, o.state, o.currency, l.earns,
           greatest(o.goods - o.code_off - o.tiers_off - o.refunded - o.credit_back - cards.worth, 0) as spent,
           o.goods - o.code_off - o.tiers_off as goods
    from orders o join loyalty l on l.store_id = o.store_id
    -- A gift card is spent when its credit is.
    cross join lateral (select coalesce(sum((x ->> 'quantity')::bigint * (x ->> 'price')::bigint), 0)::bigint as worth
                        from jsonb_array_elements(o.lines) x where (x ->> 'gift_card')::boolean) cards
    where o.id = any(:order_ids::bigint[]) and o.customer_id is not null and o.paid_at is not null
), known_accounts as (
    insert into accounts (customer_id, store_id) select distinct customer_id, store_id from known
    on conflict (customer_id) do nothing
)
insert into loyalty_facts (store_id, customer_id, kind, source, at, stands, amount, currency, points, earns)
select store_id, customer_id, 'order', 'order:' || id, paid_at,
       state = 'paid' and (spent > 0 or goods = 0), case when state = 'paid' then spent else 0 end, currency,
       case when state = 'paid' then points_for(spent, currency, earns) else 0 end, earns
from known order by id
on conflict (store_id, source) do update
set stands = excluded.stands, amount = excluded.amount, waiting = true,
    points = points_for(excluded.amount, excluded.currency, loyalty_facts.earns)
where (loyalty_facts.stands, loyalty_facts.amount) is distinct from (excluded.stands, excluded.amount);

-- name: loyal_cycles!
-- Those of these orders that are cycles of a subscription count as such beside (L7), while their money is here.
insert into loyalty_facts (store_id, customer_id, kind, source, at, stands, run)
select o.store_id, o.customer_id, 'cycle', 'invoice:' || o.invoice, o.period_start, o.state = 'paid', o.subscription_id::text
from orders o join loyalty l on l.store_id = o.store_id
where o.id = any(:order_ids::bigint[]) and o.invoice is not null and o.customer_id is not null
order by o.id
on conflict (store_id, source) do update set stands = excluded.stands, waiting = true
where loyalty_facts.stands <> excluded.stands;

-- name: loyal_breaks!
-- The ends of these subscriptions.
with known as (
    select s.id, s.store_id, s.customer_id, s.ended_at
    from subscriptions s join loyalty l on l.store_id = s.store_id
    where s.id = any(:subscription_ids::bigint[]) and s.ended_at is not null and s.customer_id is not null
), known_accounts as (
    insert into accounts (customer_id, store_id) select distinct customer_id, store_id from known
    on conflict (customer_id) do nothing
)
insert into loyalty_facts (store_id, customer_id, kind, source, at, run)
select store_id, customer_id, 'break', 'subscription:' || id, ended_at, id::text from known order by id
on conflict (store_id, source) do nothing;

-- name: loyal_pledges!
-- The same of charged pledges, where they count as orders (L3); what was counted is corrected in any case.
with known as (
    select p.id, c.store_id, p.customer_id, coalesce(p.confirmed_at, p.started_at) as at, c.currency, l.earns,
           p.state = 'charged' and p.counted_money > 0 as stands, p.counted_money as spent
    from pledges p join campaigns c on c.id = p.campaign_id join loyalty l on l.store_id = c.store_id
    where p.id = any(:pledge_ids::bigint[]) and p.customer_id is not null
      and (l.counts_pledges and p.state = 'charged' or exists (select from loyalty_facts f where f.store_id = c.store_id and f.source = 'pledge:' || p.id))
), known_accounts as (
    insert into accounts (customer_id, store_id) select distinct customer_id, store_id from known
    on conflict (customer_id) do nothing
)
insert into loyalty_facts (store_id, customer_id, kind, source, at, stands, amount, currency, points, earns)
select store_id, customer_id, 'order', 'pledge:' || id, at, stands, case when stands then spent else 0 end, currency,
       case when stands then points_for(spent, currency, earns) else 0 end, earns
from known order by id
on conflict (store_id, source) do update
set stands = excluded.stands, amount = excluded.amount, waiting = true,
    points = points_for(excluded.amount, excluded.currency, loyalty_facts.earns)
where (loyalty_facts.stands, loyalty_facts.amount) is distinct from (excluded.stands, excluded.amount);

-- name: tell_facts!
-- Facts of any kind, as their source tells them now; an order earns its points by what it comes to.
with told as (
    select t.customer_id, t.kind, t.source, t.at, t.stands, t.currency, t.run, t.place,
           case when stands or kind <> 'order' then amount else 0 end as amount,
           case when kind <> 'order' then points when stands then points_for(amount, currency, l.earns) else 0 end as points,
           case when kind = 'order' then l.earns end as earns
    from loyalty l, unnest(:customer_ids::bigint[], :kinds::text[], :sources::text[], :ats::timestamptz[], :stands::boolean[],
                         :amounts::bigint[], :currencies::text[], :points::bigint[], :runs::text[])
        with ordinality as t (customer_id, kind, source, at, stands, amount, currency, points, run, place)
    where l.store_id = :store_id
), known_accounts as (
    insert into accounts (customer_id, store_id) select distinct customer_id, :store_id::bigint from told
    on conflict (customer_id) do nothing
)
insert into loyalty_facts (store_id, customer_id, kind, source, at, stands, amount, currency, points, earns, run)
select :store_id, customer_id, kind, source, at, stands, amount, currency, points, earns, run from told order by place
on conflict (store_id, source) do update
set stands = excluded.stands, amount = excluded.amount, waiting = true,
    points = case when excluded.kind = 'order' then points_for(excluded.amount, excluded.currency, loyalty_facts.earns)
                  else excluded.points end
where (loyalty_facts.stands, loyalty_facts.amount) is distinct from (excluded.stands, excluded.amount)
   or excluded.kind <> 'order' and loyalty_facts.points <> excluded.points;

-- name: hold_settings
-- How these stores count; held, so that no program of theirs is changed or run while their customers are judged.
select * from loyalty where store_id = any(:store_ids::bigint[]) order by store_id for share;

-- name: keeps_facts^
-- The store's settings of loyalty; nothing where it keeps no facts.
select * from loyalty where store_id = :store_id;

-- name: lock_waiting_accounts
-- The next customers with facts that nobody has judged, held by no other worker.
select a.customer_id from accounts a
where a.customer_id in (select customer_id from loyalty_facts where waiting limit :most * 10)
order by a.customer_id
limit :most
for update skip locked;

-- name: take_loyal_facts
-- What waits about these customers takes its place among the facts that count, in the order in which it came.
update loyalty_facts f
set waiting = false, seq = coalesce(f.seq, w.next, case when f.stands then nextval('loyalty_seq') end)
from (select id, case when seq is null and stands then nextval('loyalty_seq') end as next
      from (select id, seq, stands from loyalty_facts where waiting and customer_id = any(:ids::bigint[])
            order by id offset 0) one) w
where f.id = w.id
returning f.id, f.store_id, f.customer_id, f.kind, f.source, f.at, case when f.stands then f.points else 0 end as points;

-- name: break_runs!
-- How often each of their subscriptions broke off after each of its cycles (L7).
update loyalty_facts f
set streak = b.breaks
from (select c.id, count(x.id)::int as breaks
      from loyalty_facts c left join loyalty_facts x on x.customer_id = c.customer_id and x.kind = 'break' and x.stands
                                                      and x.run = c.run and x.at >= c.at
      where c.customer_id = any(:ids::bigint[]) and c.kind = 'cycle'
      group by c.id) b
where f.id = b.id and f.streak <> b.breaks;

-- name: note_last_orders!
-- The order since which each of them has had none (L6).
update accounts a
set last_order = l.id, last_order_at = l.at
from unnest(:ids::bigint[]) as who (id)
left join lateral (select id, at from loyalty_facts
                   where customer_id = who.id and kind = 'order' and stands
                   order by at desc, id desc limit 1) l on true
where a.customer_id = who.id and (a.last_order, a.last_order_at) is distinct from (l.id, l.at);

-- name: programs_to_judge
-- The programs of these stores: what they have given may fall, and what is on and has begun gives.
select id, store_id, kind, is_on and starts_at <= :now as gives from programs
where store_id = any(:store_ids::bigint[]) and turned_at is not null
order by id;

-- name: grant_met
-- What the rules give to these customers and nobody has made yet: grants, entries in their accounts, own codes.
-- Whoever judges holds the customers or, in a run, their store, so nobody else makes these meanwhile (A15, L4). A run
-- of everybody mails nobody, save who is invited back (S7).
with wanted as materialized (
    select * from met(:program_id, :ids::bigint[], :past, :upto)
    union all
    select * from idle(:program_id, :ids::bigint[], :past, :upto, :now)
    union all
    select * from next_steps(:program_id, :ids::bigint[], :past, :upto)
), made as (
    insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq, quantity, state, backordered)
    select milestone_id, beneficiary, customer_id, 0, reward_id, seq, 1, 'owed', false
    from wanted w
    -- `offset 0`: looked up one by one; a join with a table that the planner believes empty takes hours
    where not exists (select from grants g where g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary offset 0)
    returning milestone_id, beneficiary, customer_id, reward_id
), rules as (
    select r.*, p.store_id, l.pending_days
    from programs p join milestones m on m.track_id = p.track_id join rewards r on r.milestone_id = m.id
    join loyalty l on l.store_id = p.store_id
    where p.id = :program_id
), entered as (
    insert into account_entries (customer_id, unit, kind, ready, pending, ripe_at, milestone_id, beneficiary, made_at)
    select made.customer_id, r.unit, 'granted',
           case when r.unit = 'points' and r.pending_days > 0 then 0 else r.worth end,
           case when r.unit = 'points' and r.pending_days > 0 then r.worth else 0 end,
           case when r.unit = 'points' and r.pending_days > 0 then :now + make_interval(days => r.pending_days) end,
           made.milestone_id, made.beneficiary, :now
    from made join rules r on r.id = made.reward_id
    where r.unit is not null
    returning customer_id, unit, ready, pending, ripe_at, milestone_id, beneficiary
), waiting as (
    insert into pendings (customer_id, unit, milestone_id, beneficiary, amount, ripe_at)
    select customer_id, unit, milestone_id, beneficiary, pending, ripe_at from entered where pending > 0
), summed as (
    insert into balances (customer_id, unit, ready, pending)
    select customer_id, unit, sum(ready), sum(pending) from entered group by customer_id, unit order by customer_id, unit
    on conflict (customer_id, unit) do update
    set ready = balances.ready + excluded.ready, pending = balances.pending + excluded.pending
), coded as (
    insert into shop_codes (store_id, code, kind, percent, amounts, most, opens_at, closes_at, made_at,
                            customer_id, milestone_id, beneficiary)
    select r.store_id, upper(left(md5(gen_random_uuid()::text), 12)), r.code_as, r.percent, r.amounts, 1, null,
           :now + make_interval(days => r.days), :now, made.customer_id, made.milestone_id, made.beneficiary
    from made join rules r on r.id = made.reward_id
    where r.code_as is not null
), invited as (
    insert into mails (key, kind, recipient, locale, customer_id, detail, due_at)
    select 'come_back:' || min(made.milestone_id) || ':' || min(made.beneficiary), 'come_back',
           c.email, c.locale, c.id,
           jsonb_build_object('grants', jsonb_agg(jsonb_build_array(made.milestone_id, made.beneficiary))), :now
    from made join milestones m on m.id = made.milestone_id and m.sums in ('days', 'months')
    join customers c on c.id = made.customer_id and c.news and c.erased_at is null
    where :quiet::boolean
    group by c.id
    on conflict (key) do nothing
)
select milestone_id, beneficiary, customer_id from made where not :quiet::boolean
union all
select 0, count(*), 0 from made having :quiet::boolean;

-- name: fallen_grants
-- What these customers were given and no longer have a right to, or have again (L9); never what was spent. One look by key
-- for each: by their milestone there may be as many as customers.
select f.milestone_id, f.beneficiary, g.customer_id, g.state, r.unit, r.worth, r.code_as, f.is_short
from fallen(:program_id, :ids::bigint[]) f
cross join lateral (select * from grants n where n.milestone_id = f.milestone_id and n.beneficiary = f.beneficiary limit 1) g
join rewards r on r.id = g.reward_id
left join shop_codes k on k.milestone_id = f.milestone_id and k.beneficiary = f.beneficiary
where (g.state = 'owed' and f.is_short or g.state = 'void' and not f.is_short) and coalesce(k.used, 0) = 0
  and g.order_id is null and g.with_pledge is null
order by f.is_short, f.milestone_id, f.beneficiary;

-- name: turn_grants!
update grants g set state = w.state
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :states::text[]) as w (milestone_id, beneficiary, state)
where g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary;

-- name: turn_codes!
-- Codes of grants that are void work no more; of those that are owed again they do.
update shop_codes k set withdrawn_at = case when w.state = 'void' then :now::timestamptz end
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :states::text[]) as w (milestone_id, beneficiary, state)
where k.milestone_id = w.milestone_id and k.beneficiary = w.beneficiary;

-- name: hold_loyalty_settings^
select * from loyalty where store_id = :store_id for update;

-- name: keep_loyalty_settings!
update loyalty set counts_pledges = :counts_pledges, earns = :earns, buys = :buys, pending_days = :pending_days
where store_id = :store_id;
