-- What a campaign promises from each change on, in public words, each link holding the hash of the one before
-- (N6). A campaign from before this table gets its first link from `milepost migrate`: it says how all stands.
create table promises (
    campaign_id  bigint not null references campaigns,
    number       int not null constraint promise_number_positive check (number > 0),
    made_at      timestamptz not null,
    made_by      text not null,
    kind         text not null constraint promise_kind_known check (kind in (
                     'begun', 'goal', 'deadline', 'added', 'target', 'audience', 'reward', 'revealed', 'archived',
                     'outcome')),
    subject      bigint references milestones,
    statement    jsonb not null,
    hash         bytea not null constraint promise_hash_whole check (length(hash) = 32),
    primary key (campaign_id, number),
    constraint promise_is_about_a_milestone_or_not
        check ((subject is null) = (kind in ('begun', 'goal', 'deadline', 'outcome')))
);

create function promises_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'promises are append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger promises_append_only before update or delete on promises
    for each row execute function promises_are_append_only();
create trigger promises_never_truncated before truncate on promises
    for each statement execute function promises_are_append_only();

-- 122 random bits each: `salt` is told with the reveal; `own_salt` guards what only the entitled may read.
alter table rewards
    add column salt      uuid not null default gen_random_uuid(),
    add column own_salt  uuid not null default gen_random_uuid();
