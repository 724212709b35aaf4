-- Overview: where a campaign's visits and pledges come from, and its ledger rolled up behind a cursor, so that
-- a page about 100,000 pledges reads no more rows than one about 100.

-- Visits are views of the campaign's page by whoever comes from elsewhere: page views, not people. Counted in
-- the web process and added here every few seconds; no row is about anybody. `day` is the campaign's own.
create table visited (
    campaign_id  bigint not null,
    day          date not null,
    source       text not null,
    tag          text not null,
    seen         bigint not null constraint seen_positive check (seen > 0),
    primary key (campaign_id, day, source, tag)
);

-- The site and the tag that the backer came by, where the browser said so.
alter table pledges
    add column source  text constraint source_is_short check (length(source) <= 80),
    add column tag     text constraint tag_is_short check (length(tag) <= 40);
create index entries_of_a_pledge on entries (pledge_id);
create index pledges_of_a_campaign on pledges (campaign_id, id);
create index pledges_to_mind on pledges (campaign_id, state) where held or state in ('disputed', 'past_due');

-- After which entry a milestone was changed, which alone says how it stood at any entry (C3).
alter table milestone_changes add column seq bigint not null default 0;
update milestone_changes k set seq = (
    select coalesce(max(e.seq), 0)
    from milestones m join campaigns c on c.track_id = m.track_id join entries e on e.campaign_id = c.id
    where m.id = k.milestone_id and e.made_at <= k.made_at);

-- All that follows is derived, and can be thrown away and reckoned again (C7).
-- How far: through which entry, and through which pledge that was started.
create table reckoned (
    campaign_id  bigint primary key,
    zone         text not null,
    seq          bigint not null default 0,
    units        bigint not null default 0,
    money        bigint not null default 0,
    backers      bigint not null default 0,
    started      bigint not null default 0
);

-- The meter after every so many entries: where a replay begins.
create table waypoints (
    campaign_id  bigint not null,
    seq          bigint not null,
    units        bigint not null,
    money        bigint not null,
    backers      bigint not null,
    primary key (campaign_id, seq)
);

-- What each hour on the campaign's clock brought.
create table hours (
    campaign_id  bigint not null,
    hour         timestamp not null,
    entries      bigint not null default 0,
    confirmed    bigint not null default 0,
    started      bigint not null default 0,
    units        bigint not null default 0,
    money        bigint not null default 0,
    primary key (campaign_id, hour)
);

-- How each pledge with an entry is counted in `tallies`, so that it can be taken out again when it changes.
create table counted (
    pledge_id    bigint primary key,
    campaign_id  bigint not null,
    units        bigint not null,
    money        bigint not null,
    country      text not null,
    source       text not null,
    tag          text not null,
    lines        text[] not null,
    pieces       bigint[] not null,
    amounts      bigint[] not null
);
create index counted_of_a_campaign on counted (campaign_id);

-- Pledges that count, by country, source, tag, and by what was chosen (there `units` are pieces, and `money` is
-- as it was ordered).
create table tallies (
    campaign_id  bigint not null,
    kind         text not null constraint tally_kind_known check (kind in ('country', 'source', 'tag', 'line')),
    name         text not null,
    pledges      bigint not null,
    units        bigint not null,
    money        bigint not null,
    primary key (campaign_id, kind, name)
);

-- Pledges that changed and moved nothing, so that no entry says that they must be counted anew.
create table to_recount (
    campaign_id  bigint not null,
    pledge_id    bigint not null,
    primary key (campaign_id, pledge_id)
);
