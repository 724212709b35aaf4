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
    join accounts a on a.store_id = p.store_id and a.last_order is not null
    where p.id = program and (ids is null or a.customer_id = any (ids)) and a.customer_id > past and a.customer_id <= upto
      and a.last_order_at < today - m.spell + interval '5 days'
      and (ids is not null or since is not null or p.ran_at is null or today <= p.ran_at
           or a.last_order_at > p.ran_at - m.spell - interval '5 days'
           or p.counts_from > p.ran_at - m.spell - interval '5 days')
      and (greatest(a.last_order_at, coalesce(since, p.counts_from)) at time zone p.zone + m.spell) at time zone p.zone
          <= least(today, p.ends_at - interval '1 microsecond')
$$;

drop index accounts_by_last_order;

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

create or replace function fallen(program bigint, ids bigint[])
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
