-- Where a store's events are sent: signed with `secret`, and with those before it until `former_until`. It has taken
-- nothing since `failing_since`, and is left alone until `rests_until`.
create table hooks (
    id            bigint generated always as identity primary key,
    store_id      bigint not null references stores,
    url           text not null constraint hook_has_an_address check (url like 'http%'),
    types         text[] not null,  -- none: all
    secret        text not null,
    former        text[] not null default '{}',
    former_until  timestamptz,
    made_by       bigint references creators,
    made_at       timestamptz not null,
    paused_at     timestamptz,
    paused_why    text not null default '',
    failing_since timestamptz,
    rests_until   timestamptz,
    removed_at    timestamptz,
    constraint former_secret_ends check ((former = '{}') = (former_until is null)),
    constraint rests_while_failing check (rests_until is null or failing_since is not null)
);
create index hooks_of_a_store on hooks (store_id) where removed_at is null;

-- What happened, in the words of the interface, kept by the transaction that made it true; in order for each subject.
create table happenings (
    id        bigint generated always as identity primary key,
    key       uuid not null default gen_random_uuid(),
    store_id  bigint not null,
    type      text not null,
    subject   text not null,
    data      jsonb not null,
    at        timestamptz not null default now()
);

-- One happening on its way to one endpoint. `due_at`: when it is tried next; while a worker tries it, when another may.
-- No foreign keys: a reward may go to a million.
create table deliveries (
    hook_id       bigint not null,
    happening_id  bigint not null,
    subject       text not null,
    state         text not null default 'waiting' constraint delivery_state_known check (state in ('waiting', 'delivered')),
    tries         int not null default 0,
    due_at        timestamptz,
    tried_at      timestamptz,
    status        int,
    answer        text not null default '',
    took_ms       int,
    constraint what_waits_is_due check ((due_at is null) = (state = 'delivered')),
    primary key (hook_id, happening_id)
);
create index deliveries_due on deliveries (hook_id, due_at, happening_id) where state = 'waiting';
create index deliveries_in_order on deliveries (hook_id, subject, happening_id) where state = 'waiting';

create function send_happenings() returns trigger language plpgsql as $$
begin
    insert into deliveries (hook_id, happening_id, subject, due_at)
    select h.id, n.id, n.subject, n.at
    from told n join hooks h on h.store_id = n.store_id and h.removed_at is null
                            and (h.types = '{}' or n.type = any (h.types))
    where n.type <> 'hook.test';  -- is for one endpoint alone
    return null;
end $$;
create trigger happenings_are_sent after insert on happenings
    referencing new table as told for each statement execute function send_happenings();

-- Minor units of a pledge that went back: each refund is told by itself and within its payment's sum.
create function sum_back(refunds jsonb, totals jsonb) returns bigint language sql immutable as $$
    select greatest((select coalesce(sum(value::bigint), 0) from jsonb_each_text(refunds)),
                    (select coalesce(sum(value::bigint), 0) from jsonb_each_text(totals)))::bigint
$$;

-- Each of these looks at what one statement has changed, and costs one look at `hooks` where nobody listens. Whoever
-- changes a row holds it until the transaction ends, so what is told of it is in the order in which it became true.
create function tell_pledges() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    insert into happenings (store_id, type, subject, data)
    select c.store_id, w.type, 'pledge:' || n.id,
           jsonb_build_object('id', n.id, 'campaign', c.slug, 'state', n.state, 'held', n.held, 'customer', n.customer_id,
                              'currency', c.currency, 'goods', n.money, 'shipping', n.shipping, 'tax', n.tax, 'units', n.units,
                              'refunded', case when (n.refunds, n.refunded_totals) = ('{}', '{}') then 0
                                               else sum_back(n.refunds, n.refunded_totals) end,
                              'country', n.country)
    from now_so n join so_far o on o.id = n.id join campaigns c on c.id = n.campaign_id
    cross join lateral (values
        (1, 'pledge.confirmed', o.confirmed_at is null and n.confirmed_at is not null),
        (2, 'pledge.changed', o.confirmed_at is not null
                              and (o.money, o.shipping, o.units, o.tiers, o.held)
                                  is distinct from (n.money, n.shipping, n.units, n.tiers, n.held)),
        (3, 'pledge.reinstated', o.state = 'disputed' and n.state in ('confirmed', 'charged', 'past_due')),
        (4, 'pledge.' || n.state, o.state <> n.state and o.state <> 'disputed'
                              and n.state in ('charged', 'past_due', 'disputed', 'cancelled', 'dropped')),
        (5, 'pledge.refunded', case when o.state = 'disputed' and n.state = 'refunded' then true
                                    when (o.refunds, o.refunded_totals) = (n.refunds, n.refunded_totals) then false
                                    else sum_back(n.refunds, n.refunded_totals) > sum_back(o.refunds, o.refunded_totals) end)
    ) w (place, type, is_true)
    where w.is_true and exists (select from hooks h where h.store_id = c.store_id and h.removed_at is null
                                and (h.types = '{}' or w.type = any (h.types)))
    order by n.id, w.place;
    return null;
end $$;
create trigger pledges_are_told after update on pledges
    referencing old table as so_far new table as now_so for each statement execute function tell_pledges();

-- A grant is told when it can be sent, when that becomes something else, and when it no longer may; one of a program,
-- when it is earned or lost. Nothing of a milestone is sent before it is revealed.
create function tell_grants_of(milestones bigint[], beneficiaries bigint[], types text[]) returns void language sql as $$
    insert into happenings (store_id, type, subject, data)
    select t.store_id, x.type, 'grant:' || g.milestone_id || ':' || g.beneficiary,
           jsonb_build_object('id', g.milestone_id || ':' || g.beneficiary, 'state', g.state, 'quantity', g.quantity,
                              'customer', g.customer_id, 'milestone', m.id, 'target', m.target,
                              'reward', jsonb_build_object('id', r.id, 'kind', r.kind, 'title', coalesce(s.title, r.title),
                                                           'product', r.product_id)
                                        || case when t.scope = 'campaign' then '{}' else jsonb_build_object(
                                               'products', r.products, 'unit', r.unit, 'worth', r.worth, 'percent', r.percent) end)
           || case when t.scope = 'campaign' then jsonb_build_object('campaign', c.slug, 'pledge', g.pledge_id)
                   else jsonb_build_object('program', p.name) end
    from unnest(milestones, beneficiaries, types) with ordinality as w (milestone_id, beneficiary, type, place)
    join grants g on g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary
    join milestones m on m.id = g.milestone_id
    join tracks t on t.id = m.track_id
    join rewards r on r.id = g.reward_id
    cross join lateral (select case when t.scope = 'campaign' then w.type
                                    when w.type = 'grant.owed' then 'loyalty.milestone_reached'
                                    when w.type = 'grant.voided' then 'loyalty.milestone_lost' end as type) x
    left join products s on s.id = r.product_id
    left join campaigns c on c.track_id = t.id
    left join programs p on p.track_id = t.id
    where x.type is not null and (t.scope <> 'campaign' or m.revealed_at is not null)
      and exists (select from hooks h where h.store_id = t.store_id and h.removed_at is null
                  and (h.types = '{}' or x.type = any (h.types)))
    order by w.place
$$;
create function tell_new_grants() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    perform tell_grants_of(array_agg(n.milestone_id order by n.granted_seq, n.milestone_id, n.beneficiary),
                           array_agg(n.beneficiary order by n.granted_seq, n.milestone_id, n.beneficiary),
                           array_agg('grant.owed'::text))
    from now_so n where n.state = 'owed' and not n.backordered;
    return null;
end $$;
create trigger new_grants_are_told after insert on grants
    referencing new table as now_so for each statement execute function tell_new_grants();
create function tell_moved_grants() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    perform tell_grants_of(array_agg(w.milestone_id order by w.place), array_agg(w.beneficiary order by w.place),
                           array_agg(w.type order by w.place))
    from (select n.milestone_id, n.beneficiary, row_number() over (order by n.granted_seq, n.milestone_id, n.beneficiary) as place,
                 case when not (n.state = 'owed' and not n.backordered) then 'grant.voided'
                      when o.state = 'owed' and not o.backordered then 'grant.changed'
                      else 'grant.owed' end as type
          from now_so n join so_far o on o.milestone_id = n.milestone_id and o.beneficiary = n.beneficiary
          where ((o.state = 'owed' and not o.backordered) <> (n.state = 'owed' and not n.backordered)
                 or n.state = 'owed' and not n.backordered
                    and (o.quantity, o.reward_id, o.pledge_id) is distinct from (n.quantity, n.reward_id, n.pledge_id))
            and n.state <> 'fulfilled' and o.state <> 'fulfilled') w;
    return null;
end $$;
create trigger moved_grants_are_told after update on grants
    referencing old table as so_far new table as now_so for each statement execute function tell_moved_grants();

-- Once a milestone is revealed, so is what was owed for it before.
create function tell_milestones() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    insert into happenings (store_id, type, subject, data)
    select c.store_id, w.type, 'milestone:' || n.id,
           jsonb_build_object('id', n.id, 'campaign', c.slug, 'target', n.target, 'basis', c.basis, 'currency', c.currency,
                              'audience', n.audience, 'reached_seq', n.reached_seq,
                              'reward', jsonb_build_object('id', r.id, 'kind', r.kind, 'title', coalesce(s.title, r.title),
                                                           'product', r.product_id))
    from now_so n join so_far o on o.id = n.id join campaigns c on c.track_id = n.track_id join rewards r on r.id = n.reward_id
    left join products s on s.id = r.product_id
    cross join lateral (values
        (1, 'milestone.reached', o.reached_seq is null and n.reached_seq is not null),
        (2, 'milestone.revealed', o.revealed_at is null and n.revealed_at is not null)
    ) w (place, type, is_true)
    where w.is_true and exists (select from hooks h where h.store_id = c.store_id and h.removed_at is null
                                and (h.types = '{}' or w.type = any (h.types)))
    order by n.reached_seq, n.target, n.id, w.place;
    perform tell_grants_of(array_agg(g.milestone_id order by g.granted_seq, g.milestone_id, g.beneficiary),
                           array_agg(g.beneficiary order by g.granted_seq, g.milestone_id, g.beneficiary),
                           array_agg('grant.owed'::text))
    from now_so n join so_far o on o.id = n.id and o.revealed_at is null and n.revealed_at is not null
    join grants g on g.milestone_id = n.id and g.state = 'owed' and not g.backordered;
    return null;
end $$;
create trigger milestones_are_told after update on milestones
    referencing old table as so_far new table as now_so for each statement execute function tell_milestones();

create function tell_parcels(campaign bigint, milestones bigint[], beneficiaries bigint[], kind text)
returns void language sql as $$
    insert into happenings (store_id, type, subject, data)
    select c.store_id, kind, 'pledge:' || x.pledge_id,
           jsonb_build_object('campaign', c.slug, 'pledge', x.pledge_id, 'customer', p.customer_id,
                              'grant', case when x.milestone_id <> 0 then x.milestone_id || ':' || x.beneficiary end,
                              'carrier', x.carrier, 'tracking', x.tracking)
    from unnest(milestones, beneficiaries) as w (milestone_id, beneficiary)
    join parcels x on x.campaign_id = campaign and x.milestone_id = w.milestone_id and x.beneficiary = w.beneficiary
    join pledges p on p.id = x.pledge_id
    join campaigns c on c.id = x.campaign_id
    where exists (select from hooks h where h.store_id = c.store_id and h.removed_at is null
                  and (h.types = '{}' or kind = any (h.types)))
    order by x.pledge_id, x.milestone_id, x.beneficiary
$$;
create function tell_new_parcels() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    perform tell_parcels(n.campaign_id, array_agg(n.milestone_id), array_agg(n.beneficiary), 'fulfilment.shipped')
    from now_so n where n.state = 'shipped' group by n.campaign_id;
    return null;
end $$;
create trigger new_parcels_are_told after insert on parcels
    referencing new table as now_so for each statement execute function tell_new_parcels();
create function tell_moved_parcels() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    perform tell_parcels(n.campaign_id, array_agg(n.milestone_id), array_agg(n.beneficiary),
                         case n.state when 'shipped' then 'fulfilment.shipped' else 'fulfilment.unshipped' end)
    from now_so n join so_far o on (o.campaign_id, o.milestone_id, o.beneficiary) = (n.campaign_id, n.milestone_id, n.beneficiary)
    where n.state <> o.state group by n.campaign_id, n.state;
    return null;
end $$;
create trigger moved_parcels_are_told after update on parcels
    referencing old table as so_far new table as now_so for each statement execute function tell_moved_parcels();

create function pieces_told(lines jsonb) returns jsonb language sql immutable as $$
    select coalesce(jsonb_agg(jsonb_build_object('product', l -> 'product', 'title', l -> 'title', 'quantity', l -> 'quantity',
                                                 'price', l -> 'price') order by place), '[]')
    from jsonb_array_elements(lines) with ordinality x (l, place)
$$;
create function tell_order(n orders, kind text) returns void language sql as $$
    insert into happenings (store_id, type, subject, data)
    select n.store_id, kind, 'order:' || n.id,
           jsonb_build_object('id', n.id, 'state', n.state, 'customer', n.customer_id, 'currency', n.currency,
                              'total', n.total, 'credit', n.credit, 'refunded', n.refunded + n.credit_back,
                              'lines', pieces_told(n.lines), 'gifts', pieces_told(n.gifts), 'country', n.country, 'ships', n.ships,
                              'carrier', n.carrier, 'tracking', n.tracking)
    where exists (select from hooks h where h.store_id = n.store_id and h.removed_at is null
                  and (h.types = '{}' or kind = any (h.types)))
$$;
create function tell_new_orders() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    perform tell_order(o, 'order.paid') from now_so n join orders o on o.id = n.id where n.paid_at is not null;
    return null;
end $$;
create trigger new_orders_are_told after insert on orders
    referencing new table as now_so for each statement execute function tell_new_orders();
create function tell_moved_orders() returns trigger language plpgsql as $$
begin
    if not exists (select from hooks where removed_at is null) then return null; end if;
    perform tell_order(x, w.type)
    from now_so n join so_far o on o.id = n.id join orders x on x.id = n.id
    cross join lateral (values
        (1, 'order.paid', o.paid_at is null and n.paid_at is not null),
        (2, 'order.disputed', jsonb_path_exists(n.disputes, '$.*.state ? (@ == "open")')
                              and not jsonb_path_exists(o.disputes, '$.*.state ? (@ == "open")')),
        (3, 'order.refunded', n.refunded + n.credit_back > o.refunded + o.credit_back),
        (4, 'order.shipped', o.shipped_at is null and n.shipped_at is not null),
        (5, 'order.unshipped', o.shipped_at is not null and n.shipped_at is null)
    ) w (place, type, is_true)
    where w.is_true
    order by n.id, w.place;
    return null;
end $$;
create trigger moved_orders_are_told after update on orders
    referencing old table as so_far new table as now_so for each statement execute function tell_moved_orders();
