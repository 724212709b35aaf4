-- A store that has this row keeps facts about its customers. By currency, `earns` has how many points come of how
-- many minor units, and `buys` how many points make how many minor units of credit: {"USD": [1, 100]}.
create table loyalty (
    store_id        bigint primary key references stores,
    counts_pledges  boolean not null default true,  -- a charged pledge is an order (L3)
    earns           jsonb not null default '{}',
    buys            jsonb not null default '{}',
    pending_days    int not null default 0 constraint pending_for_a_time check (pending_days between 0 and 365),
    since           timestamptz not null
);

-- A program is a track with a reading for each customer (L1). It gives from `starts_at` on, and counts facts from
-- `counts_from`, which is when it was first turned on or its start, or earlier after a confirmed backfill (L2),
-- until `ends_at`.
create table programs (
    id           bigint generated always as identity primary key,
    store_id     bigint not null references stores,
    track_id     bigint not null unique references tracks,
    kind         text not null constraint program_has_a_kind check (kind <> ''),
    name         text not null constraint program_has_a_name check (name <> ''),
    is_on        boolean not null default false,
    in_steps     boolean not null default false,  -- one milestone after the other (L8)
    currency     text,
    every        bigint constraint repeats_after_something check (every > 0),
    zone         text not null default 'UTC',
    starts_at    timestamptz not null,
    ends_at      timestamptz,
    counts_from  timestamptz not null,
    run_through  bigint,  -- the last customer that the present run has judged; nothing while none runs
    run_began    timestamptz,  -- the present run
    ran_at       timestamptz,  -- when the last whole run began: time moves only those who came due since (L6)
    made_at      timestamptz not null,
    turned_by    bigint references creators,
    turned_at    timestamptz,
    translations jsonb not null default '{}',
    constraint program_starts_before_it_ends check (ends_at is null or starts_at < ends_at)
);
create index programs_of_a_store on programs (store_id, id);

-- What a program's milestone measures: which facts, and what of them is added up: their `count`, their `amount`,
-- the `points` that they earned, their longest `streak`; or `days` or `months` without one. '' is any fact.
alter table milestones
    add column position int not null default 0,
    add column fact     text,
    add column sums     text,
    add column text     text not null default '',
    add constraint measures_facts_somehow check ((fact is null) = (sums is null));

-- A loyalty reward enters `worth` into the customer's account of a `unit` (points, or a currency), makes them a
-- code of their own that takes off as `code_as` says, for so many `days`, or gives products (R4).
alter table rewards
    drop constraint reward_kind_known,
    add constraint reward_has_a_kind check (kind <> ''),
    add column unit     text,
    add column worth    bigint constraint reward_worth_something check (worth > 0),
    add column code_as  text constraint reward_code_known check (code_as in ('percent', 'amount', 'shipping')),
    add column percent  int constraint reward_percent_possible check (percent between 1 and 10000),
    add column amounts  jsonb not null default '{}',
    add column products bigint[] not null default '{}',
    add column days     int constraint code_lasts_a_while check (days > 0),
    add constraint unit_and_worth_together check ((unit is null) = (worth is null));

-- What a customer did, one row for each thing, as it stands now: a refund or a withdrawal changes its row, so
-- neither order nor repetition matters. `seq` is its place among all that came to count; L8 counts by it.
create sequence loyalty_seq;
create table loyalty_facts (
    id           bigint generated always as identity primary key,
    store_id     bigint not null,
    customer_id  bigint not null,
    kind         text not null constraint loyalty_fact_has_a_kind check (kind <> ''),
    source       text not null,
    at           timestamptz not null,
    stands       boolean not null default true,
    amount       bigint not null default 0 constraint loyalty_amount_not_negative check (amount >= 0),
    currency     text,
    points       bigint not null default 0 constraint points_earned_not_negative check (points >= 0),
    earns        jsonb,  -- of orders: what the store said when it came; a refund goes by the same
    run          text collate "C" not null default '',  -- of cycles: their subscription
    streak       int not null default 0,    -- how often the run broke off after it
    seq          bigint,
    waiting      boolean not null default true,
    constraint one_loyalty_fact_of_a_source unique (store_id, source)
);
create index loyalty_facts_waiting on loyalty_facts (customer_id) where waiting;
create index loyalty_facts_of_a_customer on loyalty_facts (customer_id, kind, at);

-- A customer as the programs see them: the row that is locked while they are judged.
create table accounts (
    customer_id    bigint primary key,
    store_id       bigint not null,
    last_order     bigint,  -- the fact that a spell without orders began with (L6)
    last_order_at  timestamptz,
    referral_code  text unique,
    told_through   timestamptz
);
create index accounts_of_a_store on accounts (store_id, customer_id);

-- L10: append-only. `ready` can be spent; `pending` becomes so by an entry of its own. `forgiven` is what a
-- reversal could not take, for nobody's account goes below zero (L9); less than nothing where it is earned anew.
create table account_entries (
    id            bigint generated always as identity primary key,
    customer_id   bigint not null,
    unit          text not null constraint unit_of_an_entry check (unit <> ''),
    kind          text not null constraint account_entry_kind_known check (kind in (
                      'earned', 'taken_back', 'granted', 'reversed', 'matured', 'spent', 'returned', 'exchanged', 'adjusted')),
    ready         bigint not null default 0,
    pending       bigint not null default 0,
    forgiven      bigint not null default 0,
    ripe_at       timestamptz,  -- when what is pending can be spent
    milestone_id  bigint not null default 0,
    beneficiary   bigint not null default 0,
    source        text not null default '',  -- the fact, order or pledge that it is of; of a grant, nothing
    reason        text not null default '',  -- of what a creator adjusted
    made_at       timestamptz not null
);
create index entries_of_an_account on account_entries (customer_id, id desc);
create index entries_of_a_loyalty_grant on account_entries (milestone_id, beneficiary) where milestone_id <> 0;
create index entries_by_source on account_entries (customer_id, unit, source) where source <> '';

create function account_entries_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'account entries are append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger account_entries_append_only before update or delete on account_entries
    for each row execute function account_entries_are_append_only();
create trigger account_entries_never_truncated before truncate on account_entries
    for each statement execute function account_entries_are_append_only();

-- The sums of the entries, kept so that spending is one conditional statement.
create table balances (
    customer_id  bigint not null,
    unit         text not null,
    ready        bigint not null default 0,
    pending      bigint not null default 0,
    primary key (customer_id, unit),
    constraint no_balance_below_zero check (ready >= 0 and pending >= 0)
);
-- What is pending of a source or a grant, until it is ripe or taken back.
create table pendings (
    customer_id   bigint not null,
    unit          text not null,
    milestone_id  bigint not null default 0,
    beneficiary   bigint not null default 0,
    source        text not null default '',
    amount        bigint not null constraint something_is_pending check (amount > 0),
    ripe_at       timestamptz not null,
    primary key (customer_id, unit, milestone_id, beneficiary, source)
);
create index pendings_by_ripeness on pendings (ripe_at);

-- A code that is one customer's alone, for a grant of theirs.
alter table shop_codes
    add column customer_id   bigint,
    add column milestone_id  bigint,
    add column beneficiary   bigint,
    add column withdrawn_at  timestamptz,
    add constraint own_code_of_a_grant check ((milestone_id is null) = (beneficiary is null));
create unique index one_code_of_a_grant on shop_codes (milestone_id, beneficiary) where milestone_id is not null;
create index codes_of_a_customer on shop_codes (customer_id) where customer_id is not null;

-- Whoever's own code comes back from an order that was never paid is judged again: its grant may have fallen meanwhile.
create function own_code_came_back() returns trigger language plpgsql as $$
begin
    update loyalty_facts set waiting = true
    where id = (select id from loyalty_facts where customer_id = new.customer_id order by id limit 1);
    return null;
end $$;
create trigger own_code_came_back after update of used on shop_codes
    for each row when (new.customer_id is not null and new.used < old.used) execute function own_code_came_back();

-- L5: the beneficiary of a program's grant is its customer, and in a later lap the two together.
create function in_lap(customer bigint, lap bigint) returns bigint language sql immutable parallel safe
    return customer + lap * 1099511627776;

-- L7: cycles are counted in their runs, everything else altogether.
create function run_of(sums text, run text) returns text language sql immutable parallel safe
    return case when sums = 'streak' then run else '' end;
create function run_of(sums text, streak int) returns int language sql immutable parallel safe
    return case when sums = 'streak' then streak else 0 end;

-- The readings of customers (those of `ids`, or all after `past` up to `upto`) for what the track's milestones
-- measure, from the facts that stand inside the duration (L2, L3). `peak` ignores where a run broke off.
create function readings(track bigint, store bigint, money text, since timestamptz, until timestamptz,
                         ids bigint[], past bigint, upto bigint)
returns table (customer_id bigint, fact text, sums text, reading bigint, peak bigint, seq bigint)
language sql stable parallel safe as $$
    select r.customer_id, r.fact, r.sums,
           coalesce(max(r.value) filter (where r.streak = 0), 0)::bigint, max(r.value)::bigint, max(r.seq)
    from (select f.customer_id, m.fact, m.sums, run_of(m.sums, f.streak) as streak, max(f.seq) as seq,
                 sum(case m.sums when 'amount' then f.amount when 'points' then f.points else 1 end) as value
          from (select distinct fact, sums from milestones
                where track_id = track and archived_at is null and sums not in ('days', 'months')) m
          join loyalty_facts f on (m.fact in ('', f.kind))
          where f.store_id = store and f.stands and f.seq is not null and f.at >= since and (until is null or f.at < until)
            and (m.sums <> 'amount' or f.currency = money)
            and (ids is null or f.customer_id = any (ids)) and f.customer_id > past and f.customer_id <= upto
          group by f.customer_id, m.fact, m.sums, run_of(m.sums, f.run), run_of(m.sums, f.streak)) r
    group by r.customer_id, r.fact, r.sums
$$;

-- What a program's rules give to these customers now: grants that are made already, too; 1,000 laps at most. With
-- `since` it is what they would give if facts counted from then (S20).
create function met(program bigint, ids bigint[], past bigint, upto bigint, since timestamptz default null)
returns table (milestone_id bigint, beneficiary bigint, customer_id bigint, reward_id bigint, seq bigint)
language sql stable parallel safe as $$
    select m.id, in_lap(r.customer_id, l.lap), r.customer_id, m.reward_id, r.seq
    from programs p
    cross join lateral readings(p.track_id, p.store_id, p.currency, coalesce(since, p.counts_from), p.ends_at,
                                ids, past, upto) r
    join milestones m on m.track_id = p.track_id and m.archived_at is null and m.fact = r.fact and m.sums = r.sums
                     and m.target <= r.reading
    cross join lateral generate_series(0, least(coalesce((r.reading - m.target) / p.every, 0), 999)) as l (lap)
    where p.id = program and not p.in_steps
$$;

-- L6: who has had no order for so long, counted from the program's start at the earliest; once in each spell,
-- which the last order's fact names. Of everybody, only those who came due since the last whole run. `since` as above.
create function idle(program bigint, ids bigint[], past bigint, upto bigint, today timestamptz,
                     since timestamptz default null)
returns table (milestone_id bigint, beneficiary bigint, customer_id bigint, reward_id bigint, seq bigint)
language sql stable parallel safe as $$
    select m.id, a.last_order, a.customer_id, m.reward_id, a.last_order
    from programs p
    cross join lateral (select id, reward_id, case sums when 'days' then make_interval(days => target::int)
                                                        else make_interval(months => target::int) end as spell
                        from milestones
                        where track_id = p.track_id and archived_at is null and sums in ('days', 'months')) m
    join accounts a on a.store_id = p.store_id and a.last_order is not null
    where p.id = program and (ids is null or a.customer_id = any (ids)) and a.customer_id > past and a.customer_id <= upto
      and a.last_order_at < today - m.spell + interval '5 days'
      and (ids is not null or since is not null or p.ran_at is null or today <= p.ran_at
           or a.last_order_at > p.ran_at - m.spell - interval '5 days'
           or p.counts_from > p.ran_at - m.spell - interval '5 days')
      and (greatest(a.last_order_at, coalesce(since, p.counts_from)) at time zone p.zone + m.spell) at time zone p.zone
          <= least(today, p.ends_at - interval '1 microsecond')
$$;

-- L8: for each customer the steps after the last that they completed, as far as the facts since then complete them,
-- one after the other; `seq` is the fact that completed each.
create function next_steps(program bigint, ids bigint[], past bigint, upto bigint)
returns table (milestone_id bigint, beneficiary bigint, customer_id bigint, reward_id bigint, seq bigint)
language sql stable parallel safe as $$
    with recursive p as (
        select * from programs where id = program and in_steps
    ), steps as (
        select m.*, row_number() over (order by m.position, m.id) as place
        from p join milestones m on m.track_id = p.track_id where m.archived_at is null
    ), stood as (
        select g.customer_id, max(s.place) as place, max(g.granted_seq) as seq
        from p join milestones m on m.track_id = p.track_id join grants g on g.milestone_id = m.id
        left join steps s on s.id = m.id
        where (ids is null or g.customer_id = any (ids)) and g.customer_id > past and g.customer_id <= upto
        group by g.customer_id
    ), walk as (
        select a.customer_id, coalesce(d.place, 0) as place, coalesce(d.seq, 0) as seq,
               null::bigint as id, null::bigint as reward_id
        from p join accounts a on a.store_id = p.store_id
        left join stood d on d.customer_id = a.customer_id
        where (ids is null or a.customer_id = any (ids)) and a.customer_id > past and a.customer_id <= upto
        union all
        select w.customer_id, s.place, f.seq, s.id, s.reward_id
        from walk w cross join p
        join steps s on s.place = w.place + 1
        cross join lateral (
            select x.seq from (
                select f.seq, run_of(s.sums, f.streak) as streak,
                       sum(case s.sums when 'amount' then f.amount when 'points' then f.points else 1 end)
                           over (partition by run_of(s.sums, f.run), run_of(s.sums, f.streak) order by f.seq) as total
                from loyalty_facts f
                where f.customer_id = w.customer_id and f.store_id = p.store_id and f.stands and f.seq > w.seq
                  and s.fact in ('', f.kind) and f.at >= p.counts_from and (p.ends_at is null or f.at < p.ends_at)
                  and (s.sums <> 'amount' or f.currency = p.currency)) x
            where x.total >= s.target and x.streak = 0
            order by x.seq limit 1) f
    )
    select id, customer_id, customer_id, reward_id, seq from walk where id is not null
$$;

-- L9: whether what these customers' grants were made for is still there. A step keeps to the facts between the
-- step before it and its own completion; a spell without orders is never taken back.
create function fallen(program bigint, ids bigint[])
returns table (milestone_id bigint, beneficiary bigint, is_short boolean)
language sql stable as $$
    select g.milestone_id, g.beneficiary,
           coalesce(r.peak, 0) < m.target + (g.beneficiary - g.customer_id) / 1099511627776 * coalesce(p.every, 0)
    from programs p
    join milestones m on m.track_id = p.track_id and m.sums not in ('days', 'months')
    join grants g on g.milestone_id = m.id and g.customer_id = any (ids)
    left join lateral (select max(x.value) as peak from (
        select sum(case m.sums when 'amount' then f.amount when 'points' then f.points else 1 end) as value
        from loyalty_facts f
        where f.customer_id = g.customer_id and f.store_id = p.store_id and f.stands and f.seq is not null and m.fact in ('', f.kind)
          and f.at >= p.counts_from and (p.ends_at is null or f.at < p.ends_at)
          and (m.sums <> 'amount' or f.currency = p.currency)
          and (not p.in_steps or f.seq <= g.granted_seq and f.seq > coalesce((
               select max(e.granted_seq) from grants e join milestones n on n.id = e.milestone_id
               where n.track_id = p.track_id and e.granted_seq < g.granted_seq and e.customer_id = g.customer_id), 0))
        group by run_of(m.sums, f.run), run_of(m.sums, f.streak)) x) r on true
    where p.id = program
$$;

-- The points for an amount of a currency: `earns` says how many for how many of its minor units.
create function points_for(amount bigint, money text, earns jsonb) returns bigint language sql immutable parallel safe
    return coalesce(amount * (earns -> money ->> 0)::bigint / (earns -> money ->> 1)::bigint, 0);

-- Which of the operator's plans a store has, by its key in their file; nothing: the plan of all that were given none (S21).
alter table stores add column plan text;
