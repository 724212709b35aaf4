-- A variant that is sold by subscription: its price is paid every so many weeks, months or years.
alter table products
    add column every_count  int constraint paid_every_so_often check (every_count between 1 and 36),
    add column every_unit   text constraint paid_every_known_time check (every_unit in ('week', 'month', 'year')),
    add constraint every_is_whole check ((every_count is null) = (every_unit is null));

-- As it was agreed when its page was opened (M3); begun and moved by signed events alone (P9). `told_at` is when
-- Stripe made the latest event that its state is of, so that an older one that comes late changes nothing.
create table subscriptions (
    id              bigint generated always as identity primary key,
    store_id        bigint not null references stores,
    key             text not null unique,
    product_id      bigint not null references products,
    customer_id     bigint references customers,
    state           text not null default 'open' constraint subscription_state_known
                    check (state in ('open', 'expired', 'active', 'past_due', 'unpaid', 'ended')),
    locale          text not null,
    currency        text not null,
    line            jsonb not null,
    every_count     int not null,
    every_unit      text not null,
    goods           bigint not null constraint subscription_costs_something check (goods > 0),
    shipping        bigint not null default 0 constraint sending_costs_not_less_than_nothing check (shipping >= 0),
    shipping_title  text not null default '',
    ships           boolean not null,
    country         text,
    address         jsonb,
    email           text not null default '',
    name            text not null default '',
    session_id      text unique,
    provider_id     text unique,
    payer           text not null default '',
    cancels         boolean not null default false,  -- it ends with the period that is paid
    period_end      timestamptz,
    told_at         timestamptz,
    made_at         timestamptz not null,
    expires_at      timestamptz not null,
    begun_at        timestamptz,
    cancelled_at    timestamptz,
    ended_at        timestamptz,
    constraint begun_by_a_payment check ((begun_at is null) = (state in ('open', 'expired'))),
    constraint begun_with_its_payer check ((begun_at is null) = (provider_id is null)),
    constraint ended_at_some_time check ((state = 'ended') = (ended_at is not null))
);
create index subscriptions_of_a_store on subscriptions (store_id, id desc) where begun_at is not null;
create index subscriptions_of_a_customer on subscriptions (customer_id, id desc) where customer_id is not null;
create index subscriptions_of_a_product on subscriptions (product_id);
create index subscriptions_to_expire on subscriptions (expires_at) where state = 'open';

-- A paid cycle is an order: it is sent, given back and counted like any other.
alter table orders
    add column subscription_id  bigint references subscriptions,
    add column invoice          text unique,
    add column period_start     timestamptz,
    add column period_end       timestamptz,
    add constraint cycle_of_a_subscription check ((subscription_id is null) = (invoice is null)
                                              and (invoice is null) = (period_start is null)
                                              and (invoice is null) = (period_end is null));
create index cycles_of_a_subscription on orders (subscription_id, id) where subscription_id is not null;

alter table facts add column subscription_key text not null default '';
create index facts_of_subscriptions on facts (subscription_key, inbox_id) where state = 'waiting' and subscription_key <> '';
