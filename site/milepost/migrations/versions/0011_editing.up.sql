-- How a campaign comes to be: edited by several people, previewed by a secret link, announced, followed.
alter table campaigns
    add column preview_key   text not null default replace(gen_random_uuid()::text, '-', ''),
    add column announced_at  timestamptz,
    add constraint one_preview_per_key unique (preview_key);

-- How often each part of a campaign was saved, and by whom last; campaign 0: a part of the store itself.
create table parts (
    store_id     bigint not null references stores,
    campaign_id  bigint not null,
    part         text not null,
    revision     bigint not null constraint revision_positive check (revision > 0),
    saved_by     bigint not null references creators,
    saved_at     timestamptz not null,
    primary key (store_id, campaign_id, part)
);

-- What somebody has typed and not saved yet, on top of which revision.
create table unsaved (
    store_id     bigint not null references stores,
    campaign_id  bigint not null,
    part         text not null,
    creator_id   bigint not null references creators,
    base         bigint not null,
    typed        jsonb not null,
    kept_at      timestamptz not null,
    primary key (store_id, campaign_id, part, creator_id)
);

-- Who wants to hear when a campaign opens, once they have said so by mail; told once.
create table followers (
    id            bigint generated always as identity primary key,
    campaign_id   bigint not null references campaigns,
    email         text not null constraint follower_address_is_lower_case check (email = lower(email)),
    locale        text not null,
    asked_at      timestamptz not null,
    confirmed_at  timestamptz,
    told_at       timestamptz,
    constraint one_follower_per_address unique (campaign_id, email),
    constraint told_only_who_confirmed check (told_at is null or confirmed_at is not null)
);
create index followers_to_tell on followers (campaign_id, id) where confirmed_at is not null and told_at is null;
create index followers_by_address on followers (email);
