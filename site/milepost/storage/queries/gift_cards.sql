-- name: gift_lines
-- The lines of these orders that are gift cards: how many should stand, and how many do. A piece that was refunded
-- is none, nor is any of an order that is not paid, or whose money went back wholly.
select o.id as order_id, o.store_id, o.currency, (l.place - 1)::int as line, (l.x ->> 'price')::bigint as amount,
       case when o.state = 'paid'
            then greatest((l.x ->> 'quantity')::bigint - (
                select coalesce(sum((r.lines ->> (l.place - 1)::text)::bigint), 0) from order_refunds r
                where r.order_id = o.id and r.state <> 'failed'), 0)
            else 0 end::bigint as wanted,
       (select count(*) from gift_cards g where g.order_id = o.id and g.line = l.place - 1 and g.voided_at is null) as has
from orders o cross join lateral jsonb_array_elements(o.lines) with ordinality as l (x, place)
where o.id = any(:order_ids::bigint[]) and (l.x ->> 'gift_card')::boolean
order by o.id, l.place;

-- name: add_gift_cards!
insert into gift_cards (store_id, order_id, line, code, currency, amount, made_at)
select *, :now from unnest(:store_ids::bigint[], :order_ids::bigint[], :lines::int[], :codes::text[], :currencies::text[],
                           :amounts::bigint[]);

-- name: void_gift_cards
-- So many of a line's cards are void, those that nobody has redeemed first.
update gift_cards g set voided_at = :now
from (select id from gift_cards where order_id = :order_id and line = :line and voided_at is null
      order by redeemed_at nulls first, id desc limit :most for update) v
where g.id = v.id
returning g.id, g.customer_id, g.currency;

-- name: hold_gift_cards
-- The cards of a code, in whatever store, locked.
select g.id, g.store_id, g.currency, g.amount, g.redeemed_at, g.voided_at, s.name as store
from gift_cards g join stores s on s.id = g.store_id
where g.code = :code
order by g.id
for update of g;

-- name: redeem_gift_card!
update gift_cards set customer_id = :customer_id, redeemed_at = :now where id = :card_id;

-- name: redeemed_gift_card^
select g.amount, g.currency from gift_cards g join customers c on c.id = g.customer_id
where g.id = :card_id and c.email = :email;

-- name: gift_cards_of_order
select id, line, code, currency, amount, redeemed_at, voided_at from gift_cards where order_id = :order_id order by id;
