-- name: keep_events
-- Each event once, and with it the fact that we understood of it. Returns the ids of the new ones.
with kept as (
    insert into inbox (provider_id, type, created_at, received_at, payload)
    select provider_id, type, created_at, :received_at, payload
    from unnest(:provider_ids::text[], :types::text[], :created::timestamptz[], :payloads::text[])
        as e (provider_id, type, created_at, payload)
    on conflict (provider_id) do nothing
    returning id, provider_id
), understood as (
    insert into facts (inbox_id, campaign_id, pledge_id, kind, amount, ref, payment, detail, order_key, subscription_key,
                       state, reason)
    select kept.id, f.campaign_id, f.pledge_id, f.kind, f.amount, f.ref, f.payment, f.detail::jsonb, f.order_key,
           f.subscription_key,
           case when f.reason is null then 'waiting' else 'refused' end, f.reason
    from kept
    join unnest(:fact_ids::text[], :campaign_ids::bigint[], :pledge_ids::bigint[], :kinds::text[],
                :amounts::bigint[], :refs::text[], :payments::text[], :details::text[], :order_keys::text[],
                :subscription_keys::text[], :reasons::text[])
        as f (provider_id, campaign_id, pledge_id, kind, amount, ref, payment, detail, order_key, subscription_key, reason)
        using (provider_id)
)
select id from kept;

-- name: route_facts!
-- Facts that name only a payment find their pledge as soon as it is known.
update facts f
set campaign_id = p.campaign_id, pledge_id = p.pledge_id
from payments p
where f.state = 'waiting' and f.campaign_id is null and f.payment <> '' and p.payment = f.payment;

-- name: route_facts_to_orders!
-- The same for what an order was paid with; what a cycle's invoice was paid with finds it by that.
update facts f
set order_key = o.key
from orders o
where f.state = 'waiting' and f.campaign_id is null and f.payment <> '' and f.order_key = '' and f.subscription_key = ''
  and (o.payment = f.payment or f.kind = 'paying' and f.ref <> '' and o.invoice = f.ref);

-- name: refuse_unroutable!
-- A payment that nobody here has made, a week later: kept, with its reason.
update facts f
set state = 'refused', reason = 'nothing here was paid with ' || coalesce(nullif(f.payment, ''), 'it')
from inbox i
where f.state = 'waiting' and f.campaign_id is null and f.order_key = '' and f.subscription_key = '' and i.id = f.inbox_id and i.received_at < :before;

-- name: refuse_strangers!
-- Facts about a campaign that does not exist here.
update facts f
set state = 'refused', reason = 'no campaign ' || f.campaign_id || ' here'
where f.state = 'waiting' and f.campaign_id is not null
  and not exists (select from campaigns c where c.id = f.campaign_id);

-- name: refuse_strange_orders!
-- Facts about an order that does not exist here.
update facts f
set state = 'refused', reason = 'no order ' || f.order_key || ' here'
where f.state = 'waiting' and f.order_key <> '' and not exists (select from orders o where o.key = f.order_key);

-- name: refuse_strange_subscriptions!
-- The same of subscriptions.
update facts f
set state = 'refused', reason = 'no subscription ' || f.subscription_key || ' here'
where f.state = 'waiting' and f.subscription_key <> ''
  and not exists (select from subscriptions s where s.key = f.subscription_key);

-- name: waiting_facts
-- The next facts of a campaign, in the order in which they were kept.
select inbox_id, kind, pledge_id, amount, ref, payment, detail
from facts
where state = 'waiting' and campaign_id = :campaign_id
order by inbox_id
limit :most;

-- name: take_settled!
-- Facts that have had their effect are gone from the queue; the inbox keeps what they were made of.
delete from facts where inbox_id = any(:inbox_ids::bigint[]);

-- name: mark_refused!
update facts f set state = 'refused', reason = r.reason
from unnest(:inbox_ids::bigint[], :reasons::text[]) as r (inbox_id, reason)
where f.inbox_id = r.inbox_id;

-- name: refused_facts
-- What could not be understood or was unlawful, newest first.
select i.id, i.provider_id, i.type, i.received_at, f.reason, f.campaign_id, f.pledge_id
from facts f join inbox i on i.id = f.inbox_id
where f.state = 'refused'
order by f.inbox_id desc
limit :most;

-- name: kept_event^
select i.id, i.provider_id, i.type, i.received_at, i.payload, f.state, f.reason
from inbox i left join facts f on f.inbox_id = i.id
where i.provider_id = :provider_id;

-- name: understand_again!
-- A refused event gets the fact that we understand now, and waits again.
update facts
set state = 'waiting', reason = null, campaign_id = :campaign_id, pledge_id = :pledge_id, kind = :kind,
    amount = :amount, ref = :ref, payment = :payment, detail = :detail, order_key = :order_key,
    subscription_key = :subscription_key
where inbox_id = :inbox_id and state = 'refused';

-- name: asked_at$
-- When the provider was last asked for its events and all of them were kept.
select asked_at from polls;

-- name: asked!
insert into polls (asked_at) values (:now)
on conflict (only_one) do update set asked_at = greatest(polls.asked_at, excluded.asked_at);

-- name: count_facts^
select count(*) filter (where state = 'waiting') as waiting,
       count(*) filter (where state = 'refused') as refused
from facts where state in ('waiting', 'refused');
