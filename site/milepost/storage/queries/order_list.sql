-- name: orders_in_studio
-- The store's orders, newest first, by key; `:ids` are those that were searched for.
select o.id, o.key, o.state, o.processing, o.claiming, o.currency, o.total, o.paid, o.refunded, o.lines, o.gifts, o.ships,
       o.disputes, o.country, o.address, coalesce(nullif(o.name, ''), u.name, '') as name, o.email, o.carrier, o.tracking, o.made_at, o.paid_at, o.shipped_at,
       o.goods, o.code_off, o.tiers_off, o.shipping, o.shipping_off, o.credit, o.credit_back, o.tax,
       o.subscription_id, u.erased_at is not null as erased
from orders o left join customers u on u.id = o.customer_id
where o.store_id = :store_id and (:before::bigint is null or o.id < :before)
  and (:ids::bigint[] is null or o.id = any(:ids::bigint[]))
  and case :show
      when 'send' then o.state = 'paid' and o.shipped_at is null and o.ships
      when 'sent' then o.shipped_at is not null
      when 'late' then o.state = 'paid' and not o.claiming and o.shipped_at is null
      when 'disputed' then o.disputes <> '{}'
      when 'refunded' then o.refunded > 0 or o.credit_back > 0
      when 'open' then o.state = 'open'
      when 'over' then o.state in ('expired', 'cancelled')
      else o.paid_at is not null end
order by o.id desc
limit :most;

-- name: search_orders
-- By number, whole mail address, how the name begins, or the order's key.
select id from (
    select o.id from orders o where o.store_id = :store_id and o.id = :number::bigint
    union select o.id from orders o where o.store_id = :store_id and o.key = :said
    union select o.id from orders o where o.store_id = :store_id and :minds and o.email <> '' and o.email = lower(:said)
    union (select o.id from orders o
           where o.store_id = :store_id and :said <> '' and o.name <> ''
             and lower(o.name) like replace(replace(replace(lower(:said), '\', '\\'), '%', '\%'), '_', '\_') || '%'
           limit 500)
) found
order by id desc
limit 500;

-- name: orders_apart^
-- What waits, counted: to send, paid too late, disputed.
select (select count(*) from orders
        where store_id = :store_id and state = 'paid' and shipped_at is null and ships) as to_send,
       (select count(*) from orders
        where store_id = :store_id and state = 'paid' and shipped_at is null and not claiming) as late,
       (select count(*) from orders
        where store_id = :store_id and disputes <> '{}' and disputes @? '$.* ? (@.state == "open")') as disputed;

-- name: campaigns_to_send
-- The store's campaigns with parcels that are packed and wait, or pledges whose own goods are owed.
select c.slug, c.title, c.translations,
       (select count(*) from parcels x where x.campaign_id = c.id and x.state = 'ready') as ready
from campaigns c
where c.store_id = :store_id and c.published and c.outcome is distinct from 'failed' and c.backers > 0
  and (exists (select from parcels x where x.campaign_id = c.id and x.state = 'ready')
       or exists (select from milestones m join grants g on g.milestone_id = m.id
                  join rewards r on r.id = g.reward_id
                  where m.track_id = c.track_id and g.state = 'owed' and r.kind = 'product')
       or exists (select from tiers t where t.campaign_id = c.id and t.ships))
order by c.id desc
limit 20;

-- name: order_in_studio^
select o.*, k.code, s.zone as store_zone, u.name as customer_name, u.erased_at is not null as erased,
       (o.refunded + coalesce((select sum(amount) from order_refunds r where r.order_id = o.id and r.state <> 'failed'
                               and not coalesce(o.refunds ? r.provider_id, false)), 0))::bigint as asked_back
from orders o
join stores s on s.id = o.store_id
left join shop_codes k on k.id = o.code_id
left join customers u on u.id = o.customer_id
where o.id = :order_id and o.store_id = :store_id;

-- name: lock_order_of_store^
select o.*, (o.refunded + coalesce((select sum(amount) from order_refunds r where r.order_id = o.id and r.state <> 'failed'
                               and not coalesce(o.refunds ? r.provider_id, false)), 0))::bigint as asked_back
from orders o where o.id = :order_id and o.store_id = :store_id for update;

-- name: lock_orders_of_store
-- What says whether each may go, locked in one order.
select o.id, o.state, o.claiming, o.shipped_at, o.carrier, o.tracking, o.paid, o.refunded, o.credit, o.credit_back, o.disputes,
       (o.refunded + coalesce((select sum(amount) from order_refunds r where r.order_id = o.id and r.state <> 'failed'
                               and not coalesce(o.refunds ? r.provider_id, false)), 0))::bigint as asked_back
from orders o where o.id = any(:order_ids::bigint[]) and o.store_id = :store_id
order by o.id for update;

-- name: ship_orders!
update orders o set shipped_at = :now, carrier = w.carrier, tracking = w.tracking
from unnest(:order_ids::bigint[], :carriers::text[], :trackings::text[]) as w (id, carrier, tracking)
where o.id = w.id;

-- name: unship_order!
update orders set shipped_at = null, carrier = '', tracking = '' where id = :order_id;

-- name: claim_order_again!
update orders set claiming = true where id = :order_id;

-- name: lines_of_order_returned
-- How many pieces of each line were decided to come back, by its place.
select x.key::int as place, sum(x.value::bigint)::bigint as pieces
from order_refunds r cross join lateral jsonb_each_text(r.lines) x
where r.order_id = :order_id and r.state <> 'failed'
group by 1;

-- name: request_order_refund$
insert into order_refunds (order_id, amount, credit, lines, idempotency_key, state, reason, made_by, made_at)
values (:order_id, :amount, :credit, :lines, :key, case when :amount::bigint = 0 then 'sent' else 'begun' end, :reason,
        :made_by, :now)
returning id;

-- name: order_refunds_to_send
select r.id, r.amount, r.idempotency_key, o.payment
from order_refunds r join orders o on o.id = r.order_id
where r.state = 'begun' and o.payment is not null
order by r.id
limit :most;

-- name: order_refund_sent!
-- Stripe has it; the bank may have sent it back before we heard its id.
update order_refunds r
set state = case when o.refunds -> :provider_id::text = '0' then 'failed' else 'sent' end,
    error = case when o.refunds -> :provider_id::text = '0' then 'the bank sent it back' end,
    provider_id = :provider_id
from orders o
where r.id = :refund_id and r.state = 'begun' and o.id = r.order_id;

-- name: order_refunds_bounced!
-- Stripe took these, and the bank sent them back.
update order_refunds set state = 'failed', error = 'the bank sent it back' where provider_id = any(:provider_ids::text[]);

-- name: order_refund_failed!
update order_refunds set state = 'failed', error = :error where id = :refund_id and state = 'begun';

-- name: deeds_of_order
-- What people did with it, oldest first.
select d.id, d.at, d.what, d.about, d.before, d.after, c.name as who, c.email
from deeds d left join creators c on c.id = d.creator_id
where d.store_id = :store_id and d.about = :about and d.what like 'order\_%'
order by d.id
limit 100;

-- name: mails_of_order
select kind, state, due_at, sent_at from mails where order_id = :order_id order by id limit 100;
