-- name: loyal_customers_of_store
-- Customers with an account, the newest first, by key; those whose address begins so.
select a.customer_id, c.email, c.name, c.erased_at is not null as erased,
       coalesce((select jsonb_object_agg(b.unit, b.ready + b.pending) from balances b
                 where b.customer_id = a.customer_id and b.ready + b.pending > 0), '{}') as balances
from accounts a join customers c on c.id = a.customer_id
where a.store_id = :store_id and (:before::bigint is null or a.customer_id < :before)
  and (:ids::bigint[] is null or a.customer_id = any (:ids::bigint[]))
order by a.customer_id desc
limit :most;

-- name: customers_by_address
-- Those of the store whose address begins so; erased ones have none.
select id from customers
where store_id = :store_id and erased_at is null
  and email like replace(replace(replace(lower(:said), '\', '\\'), '%', '\%'), '_', '\_') || '%'
limit :most;

-- name: loyal_customer^
select a.customer_id, c.email, c.name, c.erased_at is not null as erased, s.currencies
from accounts a join customers c on c.id = a.customer_id join stores s on s.id = a.store_id
where a.store_id = :store_id and a.customer_id = :customer_id;

-- name: hold_account_of_store$
-- What can be spent of the unit; the account and its balance are locked. Nothing where it is not the store's.
with account as (
    select customer_id from accounts where store_id = :store_id and customer_id = :customer_id for update
), held as (
    select ready from balances where customer_id in (select customer_id from account) and unit = :unit for update
)
select coalesce((select ready from held), 0) from account;

-- name: is_entered$
select exists (select from account_entries where customer_id = :customer_id and unit = :unit and source = :source);
