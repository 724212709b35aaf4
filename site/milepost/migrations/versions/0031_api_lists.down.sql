drop index orders_paid;
create index orders_paid on orders (store_id, paid_at) where state = 'paid';
drop index loyalty_facts_since;
drop index loyalty_facts_of_a_kind;
drop index loyalty_facts_of_a_store;
drop index customers_of_a_store;
drop index orders_by_state;
