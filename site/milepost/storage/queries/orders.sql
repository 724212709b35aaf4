-- name: lock_cart$
-- The cart behind a token, locked, so that of two checkouts of it one waits for the other.
select c.id from carts b join carts c on c.id = coalesce(b.merged_into, b.id)
where b.token_hash = :token_hash
for update of c;

-- name: open_order_of_cart^
-- The order whose payment page is open for this cart; there is one at most.
select o.id, o.key, o.session_id, o.pay_url, o.made_at
from carts b join orders o on o.cart_id = coalesce(b.merged_into, b.id)
where b.token_hash = :token_hash and o.state = 'open' and not o.processing;

-- name: hold_products!
-- Locked in one order, whoever wants which: so no two wait for each other.
select id from products where id = any(:product_ids::bigint[]) order by id for no key update;

-- name: claim_pieces
-- P3: pieces leave the stock and are the order's; a product without enough of them is not in the answer, nor is one
-- that backers wait for (A14).
update products p
set stock = p.stock - w.pieces, claimed = p.claimed + w.pieces
from unnest(:product_ids::bigint[], :pieces::bigint[]) as w (id, pieces)
where p.id = w.id and (p.stock is null or for_sale(p) >= w.pieces)
returning p.id;

-- name: claim_those_there
-- P3: as many of the pieces as are for sale; how many that are. Where a stock has no end, all of them.
update products p
set stock = p.stock - t.taken, claimed = p.claimed + t.taken
from (select q.id, least(w.pieces, coalesce(for_sale(q), w.pieces)) as taken
      from unnest(:product_ids::bigint[], :pieces::bigint[]) as w (id, pieces) join products q using (id)) t
where p.id = t.id
returning p.id, t.taken;

-- name: return_pieces!
update products p
set stock = p.stock + w.pieces, claimed = p.claimed - w.pieces
from unnest(:product_ids::bigint[], :pieces::bigint[]) as w (id, pieces)
where p.id = w.id;

-- name: use_code$
-- Counted while it works and is not used up; nothing otherwise.
update shop_codes set used = used + 1
where id = :code_id and (most is null or used < most) and withdrawn_at is null
  and (opens_at is null or opens_at <= :now) and (closes_at is null or closes_at > :now)
returning id;

-- name: return_codes!
with held as materialized (
    select id from shop_codes where id = any(:code_ids::bigint[]) order by id for no key update
)
update shop_codes c set used = c.used - w.uses
from unnest(:code_ids::bigint[], :uses::bigint[]) as w (id, uses), held
where c.id = w.id and held.id = c.id;

-- name: use_code_late$
-- Of a payment that came after its page was over: it counts if there is a use left, whatever the day.
update shop_codes set used = used + 1 where id = :code_id and (most is null or used < most) and withdrawn_at is null returning id;

-- name: add_order$
insert into orders (store_id, key, cart_id, state, locale, currency, lines, gifts, campaign_id, code_id, shipping_title,
                    goods, code_off, tiers_off, shipping, shipping_off, credit, total, country, address, email, name,
                    ships, customer_id, made_at, expires_at, paid_at)
values (:store_id, :key, :cart_id, :state, :locale, :currency, :lines, :gifts, :campaign_id, :code_id, :shipping_title,
        :goods, :code_off, :tiers_off, :shipping, :shipping_off, :credit, :total, :country, :address, :email, :name,
        :ships, :customer_id, :now, :expires_at, :paid_at)
returning id;

-- name: open_payment_page$
-- Nothing where the order was given up while its page was being opened.
update orders set session_id = :session, pay_url = :url where id = :order_id and state = 'open' returning id;

-- name: lock_open_order^
-- Only while nobody has paid for it and its page may be open.
select id, lines, gifts, code_id, claiming, customer_id, currency, credit
from orders where id = :order_id and state = 'open' and not processing for update;

-- name: give_up_order!
update orders set state = :state, claiming = false, pay_url = null where id = :order_id;

-- name: overdue_orders
-- Open ones past their time, with the payment page if it is known to have opened.
select id, session_id from orders
where state = 'open' and not processing and expires_at <= :now
order by expires_at, id
limit :most;

-- name: look_later!
-- One whose page was completed makes room for those that are really over, until we hear of it.
update orders set expires_at = :when where id = :order_id and state = 'open';

-- name: lock_orders_with_facts
-- Orders of which something was told and that no other worker holds; locked.
select o.id, o.key, o.store_id, o.cart_id, o.customer_id, o.state, o.locale, o.lines, o.gifts, o.code_id, o.total,
       o.claiming, o.processing, o.payment, o.paid, o.refunded, o.refunds, o.refunded_total, o.disputes, o.currency,
       o.credit, o.credit_back, o.email, o.name, o.address, o.country, o.paid_at
from orders o
where o.key in (select distinct order_key from facts where state = 'waiting' and order_key <> '')
order by o.id
limit :most
for update skip locked;

-- name: waiting_facts_of_orders
select inbox_id, kind, order_key, amount, ref, payment, detail
from facts where state = 'waiting' and order_key = any(:keys::text[])
order by inbox_id
limit :most;

-- name: write_orders!
update orders o
set state = w.state, claiming = w.claiming, processing = w.processing, payment = w.payment, paid = w.paid,
    refunded = w.refunded, refunds = w.refunds::jsonb, refunded_total = w.refunded_total, disputes = w.disputes::jsonb,
    customer_id = w.customer_id, email = w.email, name = w.name, address = w.address::jsonb,
    paid_at = case when w.state in ('paid', 'refunded') then coalesce(o.paid_at, :now) end,
    pay_url = case when w.state = 'open' then o.pay_url end
from unnest(:ids::bigint[], :states::text[], :claimings::boolean[], :processings::boolean[], :payments::text[],
            :paids::bigint[], :refundeds::bigint[], :refunds::text[], :refunded_totals::bigint[], :disputes::text[],
            :customer_ids::bigint[], :emails::text[], :names::text[], :addresses::text[])
    as w (id, state, claiming, processing, payment, paid, refunded, refunds, refunded_total, disputes,
          customer_id, email, name, address)
where o.id = w.id;

-- name: hold_carts
-- The carts that orders were made from, locked; for one that has joined another, that one.
select c.id, c.lines, array(select f.id from carts f where f.id = c.id or f.merged_into = c.id) as followers
from carts c
where c.id in (select coalesce(merged_into, id) from carts where id = any(:cart_ids::bigint[]))
order by c.id for update;

-- name: take_out_of_cart!
-- What was paid for lies in the cart no more.
update carts
set lines = :lines, code_id = case when :empty then null else code_id end,
    declined = case when :empty then '{}' else declined end,
    later = case when :empty then '{}' else later end, version = version + 1, changed_at = :now
where id = :cart_id;

-- name: order_by_key^
-- An order with its store, for its own page.
select o.*, k.code, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.zone as store_zone, s.translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop,
       (o.refunded + coalesce((select sum(amount) from order_refunds r where r.order_id = o.id and r.state <> 'failed'
                               and not coalesce(o.refunds ? r.provider_id, false)), 0))::bigint as asked_back
from orders o
join stores s on s.id = o.store_id
left join shop_codes k on k.id = o.code_id
where o.key = :key;

-- name: own_orders
-- The orders of whoever reads this address, newest first; one of them when its key is given.
select o.*, k.code, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.zone as store_zone, s.translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop,
       (o.refunded + coalesce((select sum(amount) from order_refunds r where r.order_id = o.id and r.state <> 'failed'
                               and not coalesce(o.refunds ? r.provider_id, false)), 0))::bigint as asked_back
from customers u
join orders o on o.customer_id = u.id
join stores s on s.id = o.store_id
left join shop_codes k on k.id = o.code_id
where u.email = :email and u.erased_at is null and o.paid_at is not null
  and (:key::text is null or o.key = :key)
  and (:before::bigint is null or o.id < :before)
order by o.id desc
limit :most;

-- name: refunds_of_order
select id, amount, credit, lines, state, reason, error, made_by, made_at from order_refunds where order_id = :order_id order by id;

-- name: give_order_to!
update orders set customer_id = :customer_id where id = :order_id;
