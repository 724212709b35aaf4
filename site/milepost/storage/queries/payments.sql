-- name: payments_known
-- Every payment that counts for a pledge, with what was paid and what of it went back, as the books have it.
select p.id, c.slug || ': pledge ' || p.id as who, c.currency, paid.key as payment, paid.value::bigint as amount
from pledges p join campaigns c on c.id = p.campaign_id cross join jsonb_each_text(p.paid) paid
where p.id > :after and p.paid <> '{}' and paid.key <> 'credit-' || p.id -- store credit is in no books of Stripe's
order by p.id limit :most;

-- name: refunds_known
select c.slug || ': pledge ' || p.id as who, c.currency, r.key as refund, r.value::bigint as amount
from pledges p join campaigns c on c.id = p.campaign_id cross join jsonb_each_text(p.refunds) r
where p.refunds <> '{}' and not starts_with(r.key, 'credit-');

-- name: payments_of_orders
-- Every payment that counts for an order.
select o.id, 'shop: order ' || o.id as who, o.currency, o.payment, o.paid as amount
from orders o
where o.id > :after and o.paid > 0
order by o.id limit :most;

-- name: refunds_of_orders
select 'shop: order ' || o.id as who, o.currency, r.key as refund, r.value::bigint as amount
from orders o cross join jsonb_each_text(o.refunds) r
where o.refunds <> '{}';

-- name: order_ids
select id, key from orders where key = any(:keys::text[]);

-- name: owners_of_payments
select f.payment, f.pledge_id, c.slug from payments f join campaigns c on c.id = f.campaign_id
where f.payment = any(:payments::text[]);

-- name: overpaid_pledges
-- Pledges with more paid, and not given back or being given back, than their lines cost.
select p.id as pledge_id, c.slug, c.currency, n.paid - n.refunded - (p.money + p.shipping + p.tax) as over
from pledges p join campaigns c on c.id = p.campaign_id
cross join lateral (
    select (select coalesce(sum(value::bigint), 0) from jsonb_each_text(p.paid)) as paid,
           greatest((select coalesce(sum(value::bigint), 0) from jsonb_each_text(p.refunds)),
                    (select coalesce(sum(amount), 0) from refunds r where r.pledge_id = p.id and r.state <> 'failed')) as refunded
) n
where p.state = 'charged' and n.paid - n.refunded > p.money + p.shipping + p.tax
order by p.id;
