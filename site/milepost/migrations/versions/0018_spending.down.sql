drop index loyalty_grants_of_a_customer;
drop index grants_of_an_order;
alter table grants drop column order_id;
delete from order_refunds where amount = 0;
alter table order_refunds
    drop constraint order_refund_positive,
    drop column credit,
    add constraint order_refund_positive check (amount > 0);
alter table orders
    drop constraint credit_is_of_a_customer,
    drop constraint credit_back_of_credit,
    drop column credit_back;
alter table carts drop column later, drop column uses_credit;
