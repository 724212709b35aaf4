-- People: creators and how they sign in, members of stores, invitations, the log of deeds.
-- Tokens are kept as hashes; a password as argon2 makes it.

-- A person who works in stores; without a `password_hash` a mailed link or a passkey is the way in.
create table creators (
    id             bigint generated always as identity primary key,
    email          text not null,
    name           text not null default '',
    password_hash  text,
    locale         text not null default 'en',
    made_at        timestamptz not null,
    constraint one_creator_per_address unique (email),
    constraint creators_address_is_lower_case check (email = lower(email))
);

create table members (
    store_id    bigint not null references stores,
    creator_id  bigint not null references creators,
    role        text not null constraint member_role_known check (role in ('owner', 'editor', 'fulfiller', 'viewer')),
    made_at     timestamptz not null,
    primary key (store_id, creator_id)
);
create index members_of_a_creator on members (creator_id);

create table invitations (
    token_hash   bytea primary key,
    store_id     bigint not null references stores,
    email        text not null,
    role         text not null constraint invitation_role_known check (role in ('owner', 'editor', 'fulfiller', 'viewer')),
    invited_by   bigint not null references creators,
    made_at      timestamptz not null,
    expires_at   timestamptz not null,
    accepted_at  timestamptz,
    constraint invitations_address_is_lower_case check (email = lower(email))
);
create unique index one_open_invitation_per_address on invitations (store_id, email) where accepted_at is null;

-- Where a creator is signed in; `proved_at`: when they last showed that it is they.
create table sittings (
    id          bigint generated always as identity primary key,
    token_hash  bytea not null,
    creator_id  bigint not null references creators,
    client      text not null default '',
    made_at     timestamptz not null,
    seen_at     timestamptz not null,
    proved_at   timestamptz not null,
    expires_at  timestamptz not null,
    constraint each_sitting_has_its_token unique (token_hash)
);
create index sittings_of_a_creator on sittings (creator_id);

create table studio_links (
    token_hash  bytea primary key,
    email       text not null,
    next        text not null default '',
    made_at     timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz
);
create index studio_links_of_an_address on studio_links (email);
create table studio_tries (
    id       bigint generated always as identity primary key,
    who      text not null,
    made_at  timestamptz not null
);
create index studio_tries_of_somebody on studio_tries (who, made_at);

create table passkeys (
    credential_id  bytea primary key,
    creator_id     bigint not null references creators,
    public_key     bytea not null,
    sign_count     bigint not null constraint sign_count_not_negative check (sign_count >= 0),
    name           text not null,
    made_at        timestamptz not null,
    used_at        timestamptz
);
create index passkeys_of_a_creator on passkeys (creator_id);
-- What a passkey was asked to sign, until it has; `creator_id` where one is being added.
create table passkey_challenges (
    challenge   bytea primary key,
    creator_id  bigint references creators,
    expires_at  timestamptz not null
);

-- Who did what in a store, from what to what; without a creator it was the operator.
create table deeds (
    id          bigint generated always as identity primary key,
    store_id    bigint not null references stores,
    creator_id  bigint references creators,
    at          timestamptz not null,
    what        text not null,
    about       text not null default '',
    before      jsonb not null default '{}',
    after       jsonb not null default '{}'
);
create index deeds_of_a_store on deeds (store_id, id);
create function deeds_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'deeds are append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger deeds_append_only before update or delete on deeds
    for each row execute function deeds_are_append_only();
create trigger deeds_never_truncated before truncate on deeds
    for each statement execute function deeds_are_append_only();
