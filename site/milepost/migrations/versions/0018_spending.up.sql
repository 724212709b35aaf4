-- Whether a cart pays with its customer's store credit, and which of their gifts shall not come now: keys of
-- grants, 'milestone:beneficiary'.
alter table carts
    add column uses_credit boolean not null default true,
    add column later text[] not null default '{}';

-- Of what an order paid with store credit: how much went back there. Claimed with the order's pieces, it is
-- entered in its customer's account under the source 'order:…'.
alter table orders
    add column credit_back bigint not null default 0,
    add constraint credit_back_of_credit check (credit_back between 0 and credit),
    add constraint credit_is_of_a_customer check (credit = 0 or customer_id is not null);

create index orders_credited_back on orders (store_id, id) where credit_back > 0;

-- A refund goes to the card, to the account, or to both.
alter table order_refunds
    drop constraint order_refund_positive,
    add column credit bigint not null default 0,
    add constraint order_refund_positive check (amount >= 0 and credit >= 0 and amount + credit > 0);

-- The order that a gift comes with: claimed while it is open, given once it is paid.
alter table grants add column order_id bigint;
create index grants_of_an_order on grants (order_id) where order_id is not null;
create index loyalty_grants_of_a_customer on grants (customer_id) where pledge_id = 0;
