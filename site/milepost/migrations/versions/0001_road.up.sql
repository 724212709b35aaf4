-- The road: a store's campaigns, their pledges, the ledger, the track and its grants.
-- Money is bigint minor units (M1). Constraints carry the truths under names that say them.
-- What settling writes (entries, backers, grants, a pledge's customer) has no foreign keys: each would
-- be one more query a row on the hottest path, and `milepost audit` proves what they would.

create table stores (
    id            bigint generated always as identity primary key,
    slug          text not null unique,
    name          text not null,
    tagline       text not null default '',
    brand         text not null default '#2f6f5e' constraint brand_is_a_colour check (brand ~ '^#[0-9a-f]{6}$'),
    locale        text not null default 'en',
    translations  jsonb not null default '{}',
    created_at    timestamptz not null
);

create table customers (
    id          bigint generated always as identity primary key,
    store_id    bigint not null,
    email       text not null,
    name        text not null default '',
    locale      text not null default 'en',
    created_at  timestamptz not null,
    constraint one_customer_per_address unique (store_id, email),
    constraint address_is_lower_case check (email = lower(email))
);

create table products (
    id            bigint generated always as identity primary key,
    store_id      bigint not null references stores,
    title         text not null,
    image         text not null default '',
    image_alt     text not null default '',
    stock         bigint,
    translations  jsonb not null default '{}',
    constraint stock_never_negative check (stock >= 0)
);

create table tracks (
    id        bigint generated always as identity primary key,
    store_id  bigint not null references stores,
    scope     text not null constraint scope_of_a_track check (scope in ('campaign', 'program', 'cart'))
);

create table campaigns (
    id             bigint generated always as identity primary key,
    store_id       bigint not null references stores,
    track_id       bigint not null unique references tracks,
    slug           text not null unique,
    title          text not null,
    blurb          text not null default '',
    story          text not null default '',
    image          text not null default '',
    image_alt      text not null default '',
    translations   jsonb not null default '{}',
    basis          text not null constraint basis_of_a_campaign check (basis in ('units', 'money')),
    currency       text not null constraint currency_is_iso check (currency ~ '^[A-Z]{3}$'),
    goal           bigint not null constraint goal_positive check (goal > 0),
    funding_model  text not null constraint funding_model_known check (funding_model in ('keep_it_all', 'all_or_nothing')),
    zone           text not null,
    opens_at       timestamptz not null,
    closes_at      timestamptz not null,
    late_pledges   boolean not null default false,
    published      boolean not null default false,
    review_limit   bigint,
    -- derived from the entries, and nothing else (C7)
    seq            bigint not null default 0,
    units          bigint not null default 0,
    money          bigint not null default 0,
    backers        bigint not null default 0,
    -- grows with each entry and each edit
    version        bigint not null default 1,
    constraint opens_before_it_closes check (opens_at < closes_at),
    constraint totals_never_negative check (seq >= 0 and units >= 0 and money >= 0 and backers >= 0),
    constraint version_covers_seq check (version > seq)
);
create index campaigns_of_a_store on campaigns (store_id);

create table tiers (
    id            bigint generated always as identity primary key,
    campaign_id   bigint not null references campaigns,
    position      int not null,
    title         text not null,
    text          text not null default '',
    price         bigint not null constraint price_positive check (price > 0),
    units         int not null default 1 constraint units_of_a_tier check (units >= 0),
    slots         bigint,
    claimed       bigint not null default 0,
    opens_at      timestamptz,
    closes_at     timestamptz,
    translations  jsonb not null default '{}',
    constraint slots_never_oversold check (claimed >= 0 and (slots is null or claimed <= slots))
);
create index tiers_of_a_campaign on tiers (campaign_id, position);

create table milestones (
    id                bigint generated always as identity primary key,
    track_id          bigint not null references tracks,
    target            bigint not null constraint target_positive check (target > 0),
    audience          text not null default 'new_backers'
                      constraint audience_known check (audience in ('all_backers', 'new_backers')),
    include_crossing  boolean not null default false,
    exclude_late      boolean not null default false,
    per               text not null default 'backer' constraint per_known check (per in ('backer', 'pledge', 'unit')),
    tiers             bigint[] not null default '{}',
    cap               bigint constraint cap_positive check (cap > 0),
    reward_id         bigint,
    reveal            text not null default 'automatic' constraint reveal_known check (reveal in ('automatic', 'manual')),
    mystery           boolean not null default false,
    since_seq         bigint not null default 0,
    reached_seq       bigint,
    reached_at        timestamptz,
    granted_through   bigint,
    revealed_at       timestamptz,
    archived_at       timestamptz,
    constraint reach_is_whole check ((reached_seq is null) = (reached_at is null) and (reached_seq is null) = (granted_through is null)),
    constraint revealed_after_reached check (revealed_at is null or reached_seq is not null)
);
create index milestones_of_a_track on milestones (track_id, target);

create table rewards (
    id            bigint generated always as identity primary key,
    milestone_id  bigint not null references milestones,
    version       int not null,
    kind          text not null constraint reward_kind_known check (kind in ('product', 'reveal')),
    product_id    bigint references products,
    title         text not null,
    image         text not null default '',
    image_alt     text not null default '',
    text_before   text not null default '',
    text_after    text not null default '',
    exclusive     text not null default '',
    code_kind     text not null default 'none' constraint code_kind_known check (code_kind in ('none', 'shared', 'pool')),
    shared_code   text not null default '',
    translations  jsonb not null default '{}',
    constraint one_reward_per_version unique (milestone_id, version),
    constraint product_has_a_product check ((kind = 'product') = (product_id is not null))
);
alter table milestones add foreign key (reward_id) references rewards deferrable initially deferred;

create table reward_codes (
    milestone_id  bigint not null references milestones,
    position      bigint not null,
    code          text not null,
    beneficiary   bigint,
    primary key (milestone_id, position),
    constraint each_code_once unique (milestone_id, code),
    constraint one_code_per_beneficiary unique (milestone_id, beneficiary)
);
create index codes_not_given on reward_codes (milestone_id, position) where beneficiary is null;

create table milestone_changes (
    id            bigint generated always as identity primary key,
    milestone_id  bigint not null references milestones,
    made_at       timestamptz not null,
    made_by       text not null,
    what          text not null,
    before        jsonb not null,
    after         jsonb not null
);

create table pledges (
    id              bigint generated always as identity primary key,
    key             text not null unique,
    campaign_id     bigint not null references campaigns,
    customer_id     bigint,
    locale          text not null default 'en',
    state           text not null default 'started' constraint pledge_state_known check (state in (
                        'started', 'confirmed', 'charged', 'refunded', 'disputed',
                        'expired', 'cancelled', 'past_due', 'dropped')),
    units           bigint not null constraint pledge_units_not_negative check (units >= 0),
    money           bigint not null constraint pledge_money_positive check (money > 0),
    tiers           bigint[] not null default '{}',
    late            boolean not null default false,
    held            boolean not null default false,
    processing      boolean not null default false,
    entered         boolean not null default false,
    claiming        boolean not null default false,
    counted_units   bigint not null default 0,
    counted_money   bigint not null default 0,
    refunds         jsonb not null default '{}',
    refunded_total  bigint not null default 0,
    disputes        jsonb not null default '{}',
    payment         text unique,
    started_at      timestamptz not null,
    expires_at      timestamptz not null,
    confirmed_at    timestamptz,
    constraint counted_never_negative check (counted_units >= 0 and counted_money >= 0)
);
create index pledges_of_a_backer on pledges (campaign_id, customer_id);
create index pledges_started on pledges (expires_at) where state = 'started';

create table pledge_lines (
    pledge_id   bigint not null references pledges,
    position    int not null,
    source      text not null constraint source_known check (source in ('tier', 'addon', 'bonus', 'own_amount')),
    tier_id     bigint references tiers,
    title       text not null,
    quantity    int not null constraint quantity_positive check (quantity > 0),
    unit_price  bigint not null constraint line_price_positive check (unit_price > 0),
    units       bigint not null,
    primary key (pledge_id, position)
);

-- P4: a row with its key before each call; the next one only when the first is known to have failed.
create table attempts (
    id               bigint generated always as identity primary key,
    pledge_id        bigint not null references pledges,
    purpose          text not null constraint purpose_known check (purpose in ('checkout', 'charge')),
    idempotency_key  text not null unique,
    state            text not null default 'begun' constraint attempt_state_known check (state in ('begun', 'open', 'done', 'failed')),
    session          text unique,
    url              text,
    error            text,
    made_at          timestamptz not null
);
create unique index one_attempt_at_a_time on attempts (pledge_id) where state in ('begun', 'open');

create table backers (
    campaign_id  bigint not null,
    customer_id  bigint not null,
    first_seq    bigint not null,
    live         boolean not null,
    pledge_id    bigint not null,
    primary key (campaign_id, customer_id),
    constraint one_backer_per_first_entry unique (campaign_id, first_seq)
);

create table entries (
    campaign_id  bigint not null,
    seq          bigint not null constraint seq_positive check (seq > 0),
    kind         text not null constraint entry_kind_known check (kind in (
                     'confirmed', 'increased', 'decreased', 'refunded', 'dropped', 'disputed', 'reinstated')),
    pledge_id    bigint not null,
    customer_id  bigint not null,
    units        bigint not null,
    money        bigint not null,
    inbox_id     bigint not null,
    made_at      timestamptz not null,
    primary key (campaign_id, seq)
);

create function entries_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'ledger entries are append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger entries_append_only before update or delete on entries
    for each row execute function entries_are_append_only();
create trigger entries_never_truncated before truncate on entries
    for each statement execute function entries_are_append_only();

-- The hot table: a composite key, no foreign keys (see docs/decisions).
create table grants (
    milestone_id  bigint not null,
    beneficiary   bigint not null,
    customer_id   bigint not null,
    pledge_id     bigint not null,
    reward_id     bigint not null,
    granted_seq   bigint not null,
    quantity      int not null default 1,
    state         text not null constraint grant_state_known check (state in ('provisional', 'owed', 'held', 'void', 'fulfilled')),
    backordered   boolean not null default false,
    flagged       boolean not null default false,
    constraint one_grant_per_milestone_and_beneficiary primary key (milestone_id, beneficiary)
);
create index grants_backordered on grants (milestone_id, granted_seq, beneficiary) where backordered;

-- What arrived, as it arrived: kept once, never changed.
create table inbox (
    id           bigint generated always as identity primary key,
    provider_id  text not null,
    type         text not null,
    created_at   timestamptz not null,
    received_at  timestamptz not null,
    payload      text not null,
    constraint each_event_kept_once unique (provider_id)
) with (toast_tuple_target = 8160);
alter table inbox alter column payload set storage external;  -- kept as it came, not compressed first

-- What we understood of it, until it has had its effect. An event that concerns nobody here has no fact.
create table facts (
    inbox_id     bigint primary key,
    campaign_id  bigint,
    pledge_id    bigint,
    kind         text,
    amount       bigint not null default 0,
    ref          text not null default '',
    payment      text not null default '',
    detail       jsonb not null default '{}',
    state        text not null default 'waiting' constraint fact_state_known check (state in ('waiting', 'refused')),
    reason       text,
    constraint refused_with_a_reason check ((state = 'refused') = (reason is not null))
);
create index facts_waiting on facts (campaign_id, inbox_id) where state = 'waiting';
create index facts_unrouted on facts (payment) where state = 'waiting' and campaign_id is null;
create index facts_refused on facts (inbox_id) where state = 'refused';
