-- A key to the API for a program of the store's: its hash alone is kept, and it opens only what its scopes name.
create table api_tokens (
    id          bigint generated always as identity primary key,
    store_id    bigint not null references stores,
    name        text not null constraint token_has_a_name check (name <> ''),
    scopes      text[] not null constraint token_opens_something check (cardinality(scopes) > 0),
    hash        text not null constraint one_token_of_a_hash unique,
    made_by     bigint references creators,
    made_at     timestamptz not null,
    used_at     timestamptz,
    revoked_at  timestamptz
);
create index api_tokens_of_a_store on api_tokens (store_id, id);

-- What was told, once for each id of the sender's. A fact is reckoned anew from all that was told of its source, so
-- that neither order nor repetition matters.
create table told_events (
    store_id      bigint not null,
    key           text not null constraint told_event_has_an_id check (key <> ''),
    hash          text not null,  -- of all that was said, to tell a repetition from a mistake
    type          text not null,
    source        text not null,
    customer_id   bigint not null,
    at            timestamptz not null,
    amount        bigint,
    currency      text,
    points        bigint,
    subscription  text not null default '',
    told_at       timestamptz not null,
    primary key (store_id, key)
);
create index told_events_of_a_source on told_events (store_id, source);
