-- What is sent: batches that were made ready together, a parcel for each thing owed, and where it travels.

-- Parcels made ready together, as things stood then; a box is all of it that goes to one pledge.
create table batches (
    id           bigint generated always as identity primary key,
    campaign_id  bigint not null references campaigns,
    name         text not null,
    contents     bigint[] not null,
    filters      jsonb not null default '{}',
    boxes        int not null default 0,
    parcels      int not null default 0,
    sent         int not null default 0,
    picks        jsonb not null default '[]',
    made_by      bigint references creators,
    made_at      timestamptz not null
);
create index batches_of_a_campaign on batches (campaign_id, id);

-- One thing that is ready or was sent: a grant's reward, or with milestone 0 a pledge's own goods. What is owed
-- and in no batch has no row. No foreign keys, as with the grants that most of these stand for.
create table parcels (
    campaign_id   bigint not null,
    milestone_id  bigint not null,
    beneficiary   bigint not null,
    pledge_id     bigint not null,
    batch_id      bigint,
    box           int,
    state         text not null default 'ready' constraint parcel_state_known check (state in ('ready', 'shipped')),
    carrier       text not null default '',
    tracking      text not null default '',
    shipped_at    timestamptz,
    shipped_by    bigint,
    corrected     int not null default 0,
    primary key (campaign_id, milestone_id, beneficiary),
    constraint shipped_at_some_time check ((state = 'shipped') = (shipped_at is not null))
);
create index parcels_of_a_batch on parcels (batch_id, box) where batch_id is not null;
create index parcels_of_a_pledge on parcels (pledge_id);

-- Tracking numbers that came in as a file: looked through first, then sent, a chunk at a time.
create table tracking_runs (
    id           bigint generated always as identity primary key,
    campaign_id  bigint not null references campaigns,
    batch_id     bigint references batches,
    creator_id   bigint not null references creators,
    name         text not null,
    state        text not null default 'checking' constraint run_state_known check (state in ('checking', 'checked', 'sending', 'done')),
    lines        int not null default 0,
    done         int not null default 0,
    at_line      int not null default 0,
    sent         int not null default 0,
    made_at      timestamptz not null
);
create index runs_of_a_campaign on tracking_runs (campaign_id, id);
create index runs_under_way on tracking_runs (id) where state in ('checking', 'sending');
create table tracking_lines (
    run_id     bigint not null references tracking_runs,
    line       int not null,
    pledge_id  bigint,
    carrier    text not null default '',
    tracking   text not null default '',
    problem    text,
    raw        text not null default '',
    primary key (run_id, line)
);
create index lines_by_pledge on tracking_lines (pledge_id, run_id, line);
create index lines_with_a_problem on tracking_lines (run_id, line) where problem is not null;

-- What creators write down about a pledge, for each other.
create table pledge_notes (
    id          bigint generated always as identity primary key,
    pledge_id   bigint not null references pledges,
    creator_id  bigint not null references creators,
    at          timestamptz not null,
    text        text not null
);
create index notes_of_a_pledge on pledge_notes (pledge_id, id);

-- What a bank said when a dispute opened; how it stands is with its pledge.
create table disputes (
    ref        text primary key,
    pledge_id  bigint not null,
    amount     bigint not null,
    reason     text not null default '',
    due_by     timestamptz
);
create index disputes_of_a_pledge on disputes (pledge_id);

-- What a large campaign owes, as the worker counted it last.
create table fulfilment_counts (
    campaign_id  bigint primary key,
    counted_at   timestamptz not null,
    counts       jsonb not null
);

-- The few pledges that are apart, and backers by name.
create index pledges_apart on pledges (campaign_id, state, id)
    where confirmed_at is not null and state in ('past_due', 'disputed', 'refunded', 'cancelled', 'dropped');
create index pledges_held on pledges (campaign_id, id) where held;
create index pledges_given_back on pledges (campaign_id, id) where refunded_totals <> '{}' or refunds <> '{}';
create index pledges_ever_disputed on pledges (campaign_id, id) where disputes <> '{}';
create index customers_by_name on customers (store_id, lower(name) text_pattern_ops);
create index grants_flagged on grants (milestone_id, beneficiary) where flagged;
create index deeds_about on deeds (store_id, about, id) where about like 'pledge %';

-- Lines that are sent, and how many pieces of each still are: what went back, or is on its way back, is not.
create view goods_lines as
select l.pledge_id, l.position, l.title,
       l.quantity - coalesce((select sum((r.parts -> 'lines' ->> l.position::text)::int) from refunds r
                              where r.pledge_id = l.pledge_id and r.state <> 'failed' and r.parts ? 'lines'), 0)::int as quantity
from pledge_lines l join tiers t on t.id = l.tier_id and t.ships;

-- Pledges with goods of their own that are sent, in the words of grants.
create view own_goods as
select p.campaign_id, p.id as pledge_id, p.customer_id, p.country, p.refunds,
       case when p.held or p.state = 'disputed' then 'held'
            when p.state = 'charged' then 'owed'
            when p.state in ('confirmed', 'past_due') then 'provisional'
            else 'void' end as state
from pledges p
where p.confirmed_at is not null
  and exists (select from goods_lines l where l.pledge_id = p.id and l.quantity > 0);

-- Whether something is decided about a pledge that has not come about yet: money on its way back, a change.
create view pledges_and_moves as
select p.id, p.campaign_id, p.state, p.held,
       p.id in (select f.pledge_id from facts f where f.state = 'waiting' and f.pledge_id is not null
                and f.kind in ('cancelled', 'changed', 'topped_up', 'dropped', 'refund', 'disputed'))
       or exists (select from refunds r where r.pledge_id = p.id
                  and (r.state = 'begun' or (r.state = 'sent' and not p.refunds ? r.provider_id))) as is_moving
from pledges p;

-- Each parcel with what keeps a ready one from being sent; without `hindrance` it may go.
create view parcels_and_why as
select x.*,
       case when x.state = 'shipped' then null
            when p.held then 'held'
            when p.state = 'disputed' then 'disputed'
            when p.state in ('started', 'confirmed', 'past_due') then 'unpaid'
            when p.state <> 'charged' then 'over'
            when x.milestone_id = 0 then
                case when not exists (select from goods_lines l where l.pledge_id = p.id and l.quantity > 0) then 'over'
                     when p.is_moving then 'moving' end
            when g.state = 'held' then 'held'
            when g.state = 'provisional' then 'unpaid'
            when g.state is distinct from 'owed' then 'over'
            when g.backordered then 'backordered'
            when p.is_moving then 'moving' end as hindrance
from parcels x
join pledges_and_moves p on p.id = x.pledge_id
left join grants g on x.milestone_id <> 0 and g.milestone_id = x.milestone_id and g.beneficiary = x.beneficiary;
