-- name: codes_of_store
-- Its codes, newest first, by key; not those that are a customer's own.
select id, code, kind, percent, amounts, zone, opens_at, closes_at, most, used
from shop_codes
where store_id = :store_id and customer_id is null and (:before::bigint is null or id < :before)
order by id desc
limit :most;

-- name: code_of_store^
select id, code, kind, percent, amounts, zone, opens_at, closes_at, most, used,
       exists (select from orders o where o.code_id = shop_codes.id) as is_kept
from shop_codes where id = :code_id and store_id = :store_id and customer_id is null;

-- name: hold_code^
select id, code, kind, percent, amounts, zone, opens_at, closes_at, most, used
from shop_codes where id = :code_id and store_id = :store_id and customer_id is null for update;

-- name: add_code$
-- Nothing when the store has a code of this name.
insert into shop_codes (store_id, code, kind, percent, amounts, zone, opens_at, closes_at, most, made_at)
values (:store_id, :code, :kind, :percent, :amounts, :zone, :opens_at, :closes_at, :most, :now)
on conflict (store_id, code) do nothing
returning id;

-- name: keep_code!
-- What it takes off, when, and how often; what it is called stays, for people have it.
update shop_codes
set kind = :kind, percent = :percent, amounts = :amounts, zone = :zone, opens_at = :opens_at, closes_at = :closes_at,
    most = :most
where id = :code_id;

-- name: forget_code_in_carts!
update carts set code_id = null, version = version + 1 where code_id = :code_id;

-- name: delete_code$
-- Gone, unless an order was made with it.
delete from shop_codes k where k.id = :code_id and not exists (select from orders o where o.code_id = k.id)
returning true;

-- name: zone_of_store$
-- The clock by which the store dates things.
select zone from stores where id = :store_id;

-- name: currencies_of_store$
select currencies from stores where id = :store_id;
