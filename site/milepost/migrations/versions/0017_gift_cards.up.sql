-- A gift card is a piece of an order's line that was paid; whoever redeems its code has its amount as credit.
create table gift_cards (
    id           bigint generated always as identity primary key,
    store_id     bigint not null references stores,
    order_id     bigint not null references orders,
    line         int not null,
    code         text not null,
    currency     text not null,
    amount       bigint not null constraint gift_card_worth_something check (amount > 0),
    customer_id  bigint,
    redeemed_at  timestamptz,
    voided_at    timestamptz,
    made_at      timestamptz not null,
    constraint one_gift_card_of_a_code unique (store_id, code),
    constraint redeemed_by_somebody check ((customer_id is null) = (redeemed_at is null))
);
create index gift_cards_of_an_order on gift_cards (order_id, line, id);
create index gift_cards_of_a_code on gift_cards (code);

alter table account_entries drop constraint account_entry_kind_known;
alter table account_entries add constraint account_entry_kind_known check (kind in (
    'earned', 'taken_back', 'granted', 'reversed', 'matured', 'spent', 'returned', 'exchanged', 'adjusted', 'redeemed'));
