-- What programs page through, oldest first.
create index orders_by_state on orders (store_id, state, id);
create index customers_of_a_store on customers (store_id, id);
create index loyalty_facts_of_a_store on loyalty_facts (store_id, id);
create index loyalty_facts_of_a_kind on loyalty_facts (store_id, kind, id);
create index loyalty_facts_since on loyalty_facts (store_id, at);

-- Orders paid since a day are looked for whatever became of them.
drop index orders_paid;
create index orders_paid on orders (store_id, paid_at) where paid_at is not null;
