drop index rewards_of_a_product;
drop index products_of_a_store;
alter table milestones drop column told_at;
-- A chain can't lose a link: where one says how a milestone opens, there is no way back to the older rule.
alter table promises
    drop constraint promise_kind_known,
    add constraint promise_kind_known check (kind in (
        'begun', 'goal', 'deadline', 'added', 'target', 'audience', 'reward', 'revealed', 'archived', 'outcome'));
alter table rewards drop column cost;
