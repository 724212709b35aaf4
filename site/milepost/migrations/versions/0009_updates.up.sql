-- What a creator tells along the road, what is asked again and again, and what backers say (B7).

-- A draft until it is published; from then on it has its number in the campaign, for ever. `key` is the form
-- that it was first typed in, so that a form sent twice makes one; `revision` counts what was saved. Its mails are all promised at `told_at`.
create table updates (
    id            bigint generated always as identity primary key,
    key           text not null,
    campaign_id   bigint not null references campaigns,
    number        int constraint update_number_positive check (number > 0),
    title         text not null default '',
    text          text not null default '',
    audience      text not null default 'everybody' constraint update_audience_known check (audience in ('everybody', 'backers')),
    translations  jsonb not null default '{}',
    milestone_id  bigint references milestones,
    revision      int not null default 1,
    made_by       bigint not null references creators,
    made_at       timestamptz not null,
    saved_by      bigint not null references creators,
    saved_at      timestamptz not null,
    published_at  timestamptz,
    edited_at     timestamptz,
    withdrawn_at  timestamptz,
    told_at       timestamptz,
    constraint one_update_per_form unique (campaign_id, key),
    constraint each_update_has_its_number unique (campaign_id, number),
    constraint update_numbered_when_published check ((number is null) = (published_at is null)),
    constraint update_published_first
        check ((edited_at is null and withdrawn_at is null and told_at is null) or published_at is not null),
    constraint published_update_says_something check (published_at is null or (title <> '' and text <> ''))
);

create table faqs (
    id            bigint generated always as identity primary key,
    campaign_id   bigint not null references campaigns,
    position      int not null,
    question      text not null constraint faq_asks_something check (question <> ''),
    answer        text not null constraint faq_answers_something check (answer <> ''),
    translations  jsonb not null default '{}'
);
create index faqs_of_a_campaign on faqs (campaign_id, position);

-- Whose comments are shown when: at once, after a person's first was approved, each after approval; or none.
alter table campaigns
    add column comments text not null default 'after_first'
        constraint comments_known check (comments in ('at_once', 'after_first', 'after_each', 'closed'));

-- A backer in one campaign: the name that they typed last, and what the creator decided.
create table commenters (
    campaign_id  bigint not null references campaigns,
    customer_id  bigint not null references customers,
    name         text not null,
    trusted      boolean not null default false,
    blocked_at   timestamptz,
    primary key (campaign_id, customer_id)
);

-- A comment, or with a `parent_id` an answer to one; without a customer it is the creator's, or its writer
-- was erased. About an update, or about the campaign. The `name` is the one that it was written under: another
-- typed later is decided on with what it stands above.
create table comments (
    id           bigint generated always as identity primary key,
    campaign_id  bigint not null references campaigns,
    update_id    bigint references updates,
    parent_id    bigint references comments,
    customer_id  bigint references customers,
    creator_id   bigint references creators,
    name         text not null default '',
    text         text not null,
    state        text not null constraint comment_state_known check (state in ('waiting', 'shown', 'hidden', 'withdrawn', 'erased')),
    reason       text not null default '' constraint comment_reason_known
                 check (reason in ('', 'spam', 'insult', 'off_topic', 'private', 'other')),
    decided_by   bigint references creators,
    decided_at   timestamptz,
    reports      int not null default 0 constraint reports_not_negative check (reports >= 0),
    made_at      timestamptz not null,
    constraint comment_is_somebody_s check ((customer_id is not null)::int + (creator_id is not null)::int
                                            = (state <> 'erased')::int),
    constraint comment_says_something check ((text = '') = (state in ('withdrawn', 'erased'))),
    constraint hidden_with_a_reason check ((state = 'hidden') = (reason <> ''))
);
create index comments_of_a_thread on comments (campaign_id, update_id, id) where parent_id is null;
create index comments_answering on comments (parent_id, id) where parent_id is not null;
create index comments_of_a_customer on comments (customer_id, made_at) where customer_id is not null;
create index comments_of_a_campaign on comments (campaign_id, id);
create index comments_waiting on comments (campaign_id, id) where state = 'waiting';
create index comments_reported on comments (campaign_id, id) where reports > 0;

-- The mails of an update; like a milestone's, they go after all that somebody waits for.
alter table mails add column update_id bigint;
create index mails_of_an_update on mails (update_id, state) where update_id is not null;
drop index mails_waiting;
create index mails_waiting on mails ((kind in ('milestone', 'update')), due_at, id) where state = 'waiting';
