drop index facts_of_subscriptions;
alter table facts drop column subscription_key;
drop index cycles_of_a_subscription;
alter table orders drop constraint cycle_of_a_subscription, drop column subscription_id, drop column invoice,
                   drop column period_start, drop column period_end;
drop table subscriptions;
alter table products drop constraint every_is_whole, drop column every_count, drop column every_unit;
