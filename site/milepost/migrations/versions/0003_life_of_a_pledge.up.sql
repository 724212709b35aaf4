-- The life of a pledge: charged at the close, changed, refunded, shipped, told about; and its backer.

-- How a campaign ends (P2, P5, P6), where it ships to, and until when answers may change.
alter table campaigns
    add column closed_at           timestamptz,
    add column outcome             text constraint outcome_known check (outcome in ('funded', 'failed')),
    add column dunning_days        int[] not null default '{1,3,5,7}',
    add column last_day_guard      boolean not null default true,
    add column tax                 boolean not null default false,
    add column excluded_countries  text[] not null default '{}',
    add column locks_at            timestamptz,
    add constraint outcome_only_when_closed check (outcome is null or closed_at is not null);
create index campaigns_to_close on campaigns (closes_at) where outcome is null and published;

-- An add-on is chosen beside a tier; `most` is how many of it one backer may have (B2).
alter table tiers
    add column kind   text not null default 'tier' constraint tier_kind_known check (kind in ('tier', 'addon')),
    add column most   int constraint most_positive check (most > 0),
    add column ships  boolean not null default false;

-- Where a campaign ships to and for how much (B5); a zone without countries is everywhere else.
create table shipping_zones (
    id           bigint generated always as identity primary key,
    campaign_id  bigint not null references campaigns,
    position     int not null,
    title        text not null,
    countries    text[] not null default '{}'
);
create index zones_of_a_campaign on shipping_zones (campaign_id, position);
create table shipping_fees (
    zone_id  bigint not null references shipping_zones,
    tier_id  bigint not null references tiers,
    first    bigint not null constraint first_fee_not_negative check (first >= 0),
    further  bigint not null constraint further_fee_not_negative check (further >= 0),
    primary key (zone_id, tier_id)
);

-- What a pledge has cost and brought besides its goods, which alone move the meter (C1).
alter table pledges
    add column shipping         bigint not null default 0 constraint shipping_not_negative check (shipping >= 0),
    add column tax              bigint not null default 0 constraint tax_not_negative check (tax >= 0),
    add column country          text,
    add column paid             jsonb not null default '{}',
    add column refunded_totals  jsonb not null default '{}',
    add column refund_parts     jsonb not null default '{}',
    add column origins          jsonb not null default '{}';
alter table pledge_lines
    drop constraint source_known,
    add constraint source_known check (source in ('tier', 'addon', 'bonus', 'own_amount', 'shipping'));

-- Which pledge a payment belongs to: one pledge may be paid in parts.
create table payments (
    payment      text primary key,
    campaign_id  bigint not null,
    pledge_id    bigint not null
);
create index payments_of_a_pledge on payments (pledge_id);
insert into payments (payment, campaign_id, pledge_id) select payment, campaign_id, id from pledges where payment is not null;
update pledges set paid = jsonb_build_object(coalesce(payment, ''), money)
where state in ('charged', 'refunded', 'disputed');
update pledges set refunded_totals = jsonb_build_object(coalesce(payment, ''), refunded_total) where refunded_total > 0;
alter table pledges drop column payment, drop column refunded_total;

-- The saved card of a pledge that is charged at the close (P2).
create table cards (
    pledge_id  bigint primary key,
    customer   text not null,
    method     text not null
);

-- P4: the row before the call, for whatever the call is for; `detail` holds a change that waits for its payment.
alter table attempts
    drop constraint purpose_known,
    add constraint purpose_known check (purpose in ('checkout', 'charge', 'mend', 'card', 'change')),
    add column amount  bigint not null default 0,
    add column intent  text,
    add column detail  jsonb not null default '{}';
create index attempts_of_a_pledge on attempts (pledge_id, id);
create index attempts_begun on attempts (made_at) where state = 'begun';

-- What is to be charged, and when next; no `due_at`: nothing to do until an answer comes (P5).
create table charges (
    pledge_id    bigint primary key,
    campaign_id  bigint not null,
    due_at       timestamptz,
    tries        int not null default 0,
    failed_at    timestamptz,
    reason       text not null default ''
);
create index charges_due on charges (due_at) where due_at is not null;
create index charges_of_a_campaign on charges (campaign_id);

-- Money that we have decided to give back: the row before the call (P4), and what it is for (M2).
create table refunds (
    id               bigint generated always as identity primary key,
    pledge_id        bigint not null,
    payment          text not null,
    amount           bigint not null constraint refund_positive check (amount > 0),
    parts            jsonb,
    idempotency_key  text not null unique,
    provider_id      text unique,
    state            text not null default 'begun' constraint refund_state_known check (state in ('begun', 'sent', 'failed')),
    reason           text not null default '',
    error            text,
    made_by          text not null,
    made_at          timestamptz not null
);
create index refunds_of_a_pledge on refunds (pledge_id);
create index refunds_to_send on refunds (id) where state = 'begun';

-- Where to send it, until the creator locks it (B5); what a creator asks, and the answers (B9).
create table addresses (
    pledge_id    bigint primary key references pledges,
    name         text not null,
    line1        text not null,
    line2        text not null default '',
    city         text not null,
    region       text not null default '',
    postal_code  text not null default '',
    country      text not null,
    phone        text not null default '',
    changed_at   timestamptz not null
);
create table questions (
    id            bigint generated always as identity primary key,
    campaign_id   bigint not null references campaigns,
    position      int not null,
    prompt        text not null,
    kind          text not null constraint question_kind_known check (kind in ('choice', 'text')),
    options       text[] not null default '{}',
    required      boolean not null default true,
    tiers         bigint[] not null default '{}',
    milestone_id  bigint references milestones,
    translations  jsonb not null default '{}',
    asked_at      timestamptz not null,
    constraint choices_have_options check ((kind = 'choice') = (cardinality(options) > 0))
);
create index questions_of_a_campaign on questions (campaign_id, position);
create table answers (
    question_id  bigint not null references questions,
    pledge_id    bigint not null references pledges,
    answer       text not null,
    answered_at  timestamptz not null,
    primary key (question_id, pledge_id)
);
create index answers_of_a_pledge on answers (pledge_id);

-- The person: whether they want news, and how they sign in (by mail, never by password).
alter table customers
    add column news       boolean not null default true,
    add column erased_at  timestamptz;
create index customers_by_address on customers (email);
create table sign_in_links (
    token_hash  bytea primary key,
    email       text not null,
    next        text not null default '',
    made_at     timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz
);
create index sign_in_links_of_an_address on sign_in_links (email, made_at);
create table sign_in_tries (
    id       bigint generated always as identity primary key,
    who      text not null,
    made_at  timestamptz not null
);
create index sign_in_tries_of_somebody on sign_in_tries (who, made_at);
create table visits (
    token_hash  bytea primary key,
    email       text not null,
    made_at     timestamptz not null,
    seen_at     timestamptz not null,
    expires_at  timestamptz not null
);
create index visits_of_an_address on visits (email);

-- Mails, each promised in the transaction that made it necessary and sent once. One that was being sent
-- when its worker died stays `sending`: nobody knows, so nobody repeats it by itself.
create table mails (
    id            bigint generated always as identity primary key,
    key           text not null,
    kind          text not null,
    recipient     text not null,
    locale        text not null,
    customer_id   bigint,
    pledge_id     bigint,
    milestone_id  bigint,
    detail        jsonb not null default '{}',
    state         text not null default 'waiting' constraint mail_state_known check (state in ('waiting', 'sending', 'sent', 'failed', 'skipped')),
    due_at        timestamptz not null,
    tries         int not null default 0,
    error         text,
    subject       text,
    text          text,
    html          text,
    sent_at       timestamptz,
    constraint each_mail_once unique (key)
);
create index mails_waiting on mails ((kind = 'milestone'), due_at, id) where state = 'waiting';
create index mails_being_sent on mails (id) where state = 'sending';
