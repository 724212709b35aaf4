-- name: wrong_claims
-- P3: what products say that is held of them, against the orders that claim, and gifts that go with pledges.
with held as (select product_id, sum(pieces)::bigint as pieces from claimed_pieces group by 1)
select p.id, p.title, p.claimed, coalesce(h.pieces, 0)::bigint as expected
from products p full join held h on h.product_id = p.id
where p.claimed is distinct from coalesce(h.pieces, 0)
order by 1
limit :most;

-- name: mend_claims!
update products p
set claimed = coalesce((select sum(pieces) from claimed_pieces where product_id = p.id), 0)
where p.id = any(:product_ids::bigint[]);

-- name: wrong_code_uses
select c.id, c.code, c.used, coalesce(o.uses, 0)::bigint as expected
from shop_codes c
left join (select code_id, count(*) as uses from orders where claiming and code_id is not null group by code_id) o
       on o.code_id = c.id
where c.used <> coalesce(o.uses, 0)
order by c.id
limit :most;

-- name: mend_code_uses!
update shop_codes c
set used = (select count(*) from orders o where o.claiming and o.code_id = c.id)
where c.id = any(:code_ids::bigint[]);

-- name: wrong_orders
-- Orders whose lines don't make their sums, whose payment is not what was asked for, or whose refunds
-- are not what went back. An order that is over claims nothing.
select o.id, o.state, o.total, o.paid, o.currency, o.refunded, o.claiming, l.goods, o.goods as kept, l.off,
       o.code_off + o.tiers_off as kept_off, b.back,
       l.goods <> o.goods or l.off <> o.code_off + o.tiers_off as adds_wrong,
       o.state in ('paid', 'refunded')
           and (o.paid <> o.total or (o.payment is null) <> (o.total = 0) and o.invoice is null) as paid_wrong,
       o.refunded <> b.back as back_wrong,
       o.claiming and o.state in ('expired', 'cancelled') as claims_wrong
from orders o
cross join lateral (select coalesce(sum((x ->> 'quantity')::bigint * (x ->> 'price')::bigint), 0)::bigint as goods,
                           coalesce(sum(coalesce((x ->> 'off')::bigint, 0)), 0)::bigint as off
                    from jsonb_array_elements(o.lines) x) l
cross join lateral (
    select least(o.paid, (select case when bool_or(r.value::bigint = 0) then coalesce(sum(r.value::bigint), 0)
                                      else greatest(coalesce(sum(r.value::bigint), 0), o.refunded_total) end
                          from jsonb_each_text(o.refunds) r)
                       + (select coalesce(sum((d.value ->> 'amount')::bigint), 0) from jsonb_each(o.disputes) d
                          where d.value ->> 'state' = 'lost'))::bigint as back) b
where l.goods <> o.goods or l.off <> o.code_off + o.tiers_off
   or o.state in ('paid', 'refunded') and (o.paid <> o.total or (o.payment is null) <> (o.total = 0) and o.invoice is null)
   or o.refunded <> b.back
   or o.claiming and o.state in ('expired', 'cancelled')
order by o.id
limit :most;

-- name: wrong_credits
-- Orders whose customer's account does not say what they used of its credit, and what came back.
select o.id, o.currency, coalesce(e.moved, 0)::bigint as moved, w.expected
from orders o
join customers u on u.id = o.customer_id and u.erased_at is null
cross join lateral (select case when o.claiming then o.credit_back - o.credit else 0 end as expected) w
left join lateral (select sum(ready) as moved from account_entries
                   where customer_id = o.customer_id and unit = o.currency and source = 'order:' || o.id) e on true
where o.credit > 0 and coalesce(e.moved, 0) <> w.expected
order by o.id
limit :most;

-- name: wrong_gifts
-- Grants that go with an order which does not bring them, and gifts of orders that are no grant's.
select g.order_id as id, g.milestone_id, g.beneficiary from grants g left join orders o on o.id = g.order_id
where g.order_id is not null
  and (o.id is null or not o.claiming or g.state = 'void' or (g.state = 'fulfilled') <> (o.paid_at is not null)
       or not o.gifts @> jsonb_build_array(jsonb_build_object('grant', g.milestone_id || ':' || g.beneficiary)))
union
select o.id, split_part(x ->> 'grant', ':', 1)::bigint, split_part(x ->> 'grant', ':', 2)::bigint
from orders o cross join lateral jsonb_array_elements(o.gifts) x
where o.claiming and x ? 'grant'
  and not exists (select from grants g where g.order_id = o.id and g.milestone_id || ':' || g.beneficiary = x ->> 'grant')
order by 1, 2
limit :most;

-- name: lock_orders_to_audit!
lock table orders in share mode;

-- name: count_orders$
select count(*) from orders;
