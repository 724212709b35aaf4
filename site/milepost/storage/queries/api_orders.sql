-- name: api_orders
-- A store's orders after a place, whole: each with its code and what was decided to be given back.
select o.id, o.key, o.state, o.processing, o.claiming, o.subscription_id, o.customer_id, o.currency, o.lines, o.gifts,
       o.goods, k.code, o.code_off, o.tiers_off, o.shipping, o.shipping_off, o.shipping_title, o.credit, o.credit_back,
       o.tax, o.total, o.paid, o.refunded, o.disputes, o.ships, o.country, o.address, o.email,
       coalesce(nullif(o.name, ''), u.name, '') as name, o.carrier, o.tracking, o.made_at, o.paid_at, o.shipped_at,
       coalesce(r.refunds, '[]') as refunds_told, (o.refunded + coalesce(r.asked, 0))::bigint as asked_back
from (select * from orders c
      where c.store_id = :store_id and c.id > :after
        and (:order_id::bigint is null or c.id = :order_id)
        and (:state::text is null or c.state = :state)
        and (:paid_since::timestamptz is null or c.paid_at >= :paid_since)
        and (:email::text is null or c.email <> '' and c.email = :email)
        and (:unsent::boolean is distinct from true or c.state = 'paid' and c.shipped_at is null and c.ships)
        and (:unsent::boolean is distinct from false or c.shipped_at is not null)
      order by c.id limit :most) o
left join shop_codes k on k.id = o.code_id
left join customers u on u.id = o.customer_id and u.erased_at is null
left join lateral (
    select jsonb_agg(jsonb_build_object('id', x.id, 'amount', x.amount, 'credit', x.credit, 'state', x.state,
                                        'reason', x.reason, 'lines', x.lines, 'at', x.made_at) order by x.id) as refunds,
           sum(x.amount) filter (where x.state <> 'failed' and not coalesce(o.refunds ? x.provider_id, false)) as asked
    from order_refunds x where x.order_id = o.id) r on true
order by o.id;
