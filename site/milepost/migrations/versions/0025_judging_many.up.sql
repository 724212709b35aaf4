-- Who came due since the last whole run is found by their last order.
create index accounts_by_last_order on accounts (store_id, last_order_at) where last_order is not null;

-- L6, as before (0016): once in each spell, counted from the program's start at the earliest. Everybody is looked at by
-- a whole run, and around the night on which a spell that began with the program itself is over.
create or replace function idle(program bigint, ids bigint[], past bigint, upto bigint, today timestamptz,
                     since timestamptz default null)
returns table (milestone_id bigint, beneficiary bigint, customer_id bigint, reward_id bigint, seq bigint)
language sql stable parallel safe as $$
    select m.id, a.last_order, a.customer_id, m.reward_id, a.last_order
    from programs p
    cross join lateral (select id, reward_id, case sums when 'days' then make_interval(days => target::int)
                                                        else make_interval(months => target::int) end as spell
                        from milestones
                        where track_id = p.track_id and archived_at is null and sums in ('days', 'months')) m
    cross join lateral (select ids is not null or since is not null or p.ran_at is null or today <= p.ran_at
                               or p.counts_from between p.ran_at - m.spell - interval '5 days'
                                                    and today - m.spell + interval '5 days' as everybody) w
    cross join lateral (
        select x.customer_id, x.last_order, x.last_order_at from accounts x
        where w.everybody and x.store_id = p.store_id and x.last_order is not null
          and (ids is null or x.customer_id = any (ids)) and x.customer_id > past and x.customer_id <= upto
        union all
        select x.customer_id, x.last_order, x.last_order_at from accounts x
        where not w.everybody and x.store_id = p.store_id and x.last_order is not null
          and x.customer_id > past and x.customer_id <= upto
          and x.last_order_at between p.ran_at - m.spell - interval '5 days' and today - m.spell + interval '5 days') a
    where p.id = program
      and (greatest(a.last_order_at, coalesce(since, p.counts_from)) at time zone p.zone + m.spell) at time zone p.zone
          <= least(today, p.ends_at - interval '1 microsecond')
$$;

-- As before (0016), for everybody who is at a step together. The grants of these customers come first, by their own
-- index (`pledge_id = 0` is what a program's have; `offset 0`: whatever the planner believes of their number).
create or replace function next_steps(program bigint, ids bigint[], past bigint, upto bigint)
returns table (milestone_id bigint, beneficiary bigint, customer_id bigint, reward_id bigint, seq bigint)
language sql stable parallel safe as $$
    with recursive p as (
        select * from programs where id = program and in_steps
    ), steps as (
        select m.*, row_number() over (order by m.position, m.id) as place
        from p join milestones m on m.track_id = p.track_id where m.archived_at is null
    ), stood as (
        select g.customer_id, max(s.place) as place, max(g.granted_seq) as seq
        from p join milestones m on m.track_id = p.track_id
        join (select g.milestone_id, g.customer_id, g.granted_seq from grants g
              where (ids is null or g.customer_id = any (ids)) and g.customer_id > past and g.customer_id <= upto
                and g.pledge_id = 0 offset 0) g on g.milestone_id = m.id
        left join steps s on s.id = m.id
        group by g.customer_id
    ), walk as (
        select a.customer_id, coalesce(d.place, 0) as place, coalesce(d.seq, 0) as seq,
               null::bigint as id, null::bigint as reward_id
        from p join accounts a on a.store_id = p.store_id
        left join stood d on d.customer_id = a.customer_id
        where (ids is null or a.customer_id = any (ids)) and a.customer_id > past and a.customer_id <= upto
        union all
        select completed.* from (
            select distinct on (f.customer_id) f.customer_id, f.place, f.seq, f.id, f.reward_id
            from (select w.customer_id, s.place, f.seq, s.id, s.reward_id, s.target,
                         sum(case s.sums when 'amount' then f.amount when 'points' then f.points else 1 end)
                             over (partition by w.customer_id, run_of(s.sums, f.run) order by f.seq) as total
                  from walk w cross join p
                  join steps s on s.place = w.place + 1
                  join loyalty_facts f on f.customer_id = w.customer_id and f.seq > w.seq
                  where f.store_id = p.store_id and f.stands and s.fact in ('', f.kind)
                    and f.at >= p.counts_from and (p.ends_at is null or f.at < p.ends_at)
                    and (s.sums <> 'amount' or f.currency = p.currency) and run_of(s.sums, f.streak) = 0) f
            where f.total >= f.target
            order by f.customer_id, f.seq) completed
    )
    select id, customer_id, customer_id, reward_id, seq from walk where id is not null
$$;

-- As before (0016), likewise.
create or replace function fallen(program bigint, ids bigint[])
returns table (milestone_id bigint, beneficiary bigint, is_short boolean)
language sql stable as $$
    select g.milestone_id, g.beneficiary,
           coalesce(r.peak, 0) < m.target + (g.beneficiary - g.customer_id) / 1099511627776 * coalesce(p.every, 0)
    from programs p
    join milestones m on m.track_id = p.track_id and m.sums not in ('days', 'months')
    join (select g.milestone_id, g.beneficiary, g.customer_id, g.granted_seq from grants g
          where g.customer_id = any (ids) and g.pledge_id = 0 offset 0) g on g.milestone_id = m.id
    left join lateral (select max(x.value) as peak from (
        select sum(case m.sums when 'amount' then f.amount when 'points' then f.points else 1 end) as value
        from loyalty_facts f
        where f.customer_id = g.customer_id and f.store_id = p.store_id and f.stands and f.seq is not null and m.fact in ('', f.kind)
          and f.at >= p.counts_from and (p.ends_at is null or f.at < p.ends_at)
          and (m.sums <> 'amount' or f.currency = p.currency)
          and (not p.in_steps or f.seq <= g.granted_seq and f.seq > coalesce((
               select max(e.granted_seq)
               from (select x.milestone_id, x.granted_seq from grants x
                     where x.customer_id = g.customer_id and x.pledge_id = 0 offset 0) e
               join milestones n on n.id = e.milestone_id
               where n.track_id = p.track_id and e.granted_seq < g.granted_seq), 0))
        group by run_of(m.sums, f.run), run_of(m.sums, f.streak)) x) r on true
    where p.id = program
$$;
