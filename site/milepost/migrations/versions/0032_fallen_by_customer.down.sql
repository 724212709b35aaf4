-- As in 0025.
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
