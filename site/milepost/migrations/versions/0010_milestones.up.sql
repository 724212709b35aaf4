-- Minor units in the campaign's currency; the store's own affair, so no promise says it.
alter table rewards add column cost bigint constraint cost_not_negative check (cost >= 0);

-- How a milestone opens may change before its reach; that is a promise too (R3, N6).
alter table promises
    drop constraint promise_kind_known,
    add constraint promise_kind_known check (kind in (
        'begun', 'goal', 'deadline', 'added', 'target', 'audience', 'opening', 'reward', 'revealed', 'archived',
        'outcome'));

-- When all whom an open milestone concerns were promised their mails; null again when it concerns more of them.
alter table milestones add column told_at timestamptz;
update milestones set told_at = revealed_at;

create index products_of_a_store on products (store_id, id);
create index rewards_of_a_product on rewards (product_id) where product_id is not null;
