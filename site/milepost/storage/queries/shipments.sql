-- name: judge_shipments
-- What becomes of each line, as if one were sent after the other: which things go with it, or why none does. What a line
-- above takes is sent for those below. A pledge's line names its goods and its rewards that are revealed.
with asked as materialized (
    select a.*, coalesce(p.campaign_id, g.campaign_id) as found_in, p.customer_id
    from unnest(:pledge_ids::bigint[], :milestone_ids::bigint[], :beneficiaries::bigint[], :trackings::text[])
        with ordinality as a (pledge_id, milestone_id, beneficiary, tracking, place)
    -- One look by key each, whatever the planner believes of how many there are.
    left join lateral (select q.campaign_id, q.customer_id from pledges q
                       join campaigns c on c.id = q.campaign_id and c.store_id = :store_id
                       where q.id = a.pledge_id limit 1) p on true
    left join lateral (select c.id as campaign_id from grants n join milestones m on m.id = n.milestone_id
                       join campaigns c on c.track_id = m.track_id and c.store_id = :store_id
                       where n.milestone_id = a.milestone_id and n.beneficiary = a.beneficiary limit 1) g on true
), things as materialized (
    select a.place, a.tracking as number, v.*
    from asked a cross join lateral (select * from grants_and_why w
                                     where w.milestone_id = a.milestone_id and w.beneficiary = a.beneficiary limit 1) v
    where a.found_in = :campaign_id and a.pledge_id is null
    union all
    select a.place, a.tracking, v.*
    from asked a cross join lateral (select * from goods_and_why w where w.pledge_id = a.pledge_id limit 1) v
    where a.found_in = :campaign_id and a.pledge_id is not null
    union all
    select a.place, a.tracking, v.*
    from asked a
    join milestones m on m.track_id = :track_id and m.revealed_at is not null
    cross join lateral (select * from grants_and_why w
                        where w.milestone_id = m.id and w.beneficiary = case when m.per = 'backer' then a.customer_id else a.pledge_id end
                          and w.pledge_id = a.pledge_id and w.hindrance is distinct from 'no_parcel' limit 1) v
    where a.found_in = :campaign_id and a.pledge_id is not null
), turns as (
    select t.*, not is_sent and hindrance is null as may_go,
           first_value(place) over w as taken_by, first_value(number) over w as taken_as
    from things t window w as (partition by milestone_id, beneficiary order by place)
), lines as (
    select place, coalesce(array_agg(milestone_id order by milestone_id) filter (where may_go and taken_by = place), '{}') as milestones,
           coalesce(array_agg(beneficiary order by milestone_id) filter (where may_go and taken_by = place), '{}') as beneficiaries,
           min(pledge_id) as pledge_id,
           bool_or(is_sent and coalesce(tracking, '') = number or may_go and taken_by < place and taken_as = number) as same,
           bool_or(is_sent or may_go and taken_by < place) as sent,
           min(hindrance) filter (where hindrance <> 'over') as hindrance
    from turns group by place
)
select a.place, l.milestones, l.beneficiaries, l.pledge_id,
       case when a.found_in is null then 'unknown'
            when a.found_in <> :campaign_id then 'elsewhere'
            when l.place is null then 'over'
            when l.milestones <> '{}' then null
            when l.hindrance = 'no_parcel' then l.hindrance
            when l.same then 'already'
            when l.hindrance is not null then l.hindrance
            when l.sent then 'otherwise'
            else 'over' end as problem
from asked a left join lines l using (place)
order by a.place;

-- name: send_parcels
-- These things are sent, made ready before or not, and the grants among them are fulfilled; each once (A15).
with due as (
    select * from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :pledge_ids::bigint[], :carriers::text[], :trackings::text[])
        as d (milestone_id, beneficiary, pledge_id, carrier, tracking)
), given as (
    update grants g set state = 'fulfilled' from due d
    where d.milestone_id <> 0 and g.milestone_id = d.milestone_id and g.beneficiary = d.beneficiary
      and g.state = 'owed' and not g.backordered
    returning 1
)
insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id, state, carrier, tracking, shipped_at, shipped_by)
select :campaign_id, milestone_id, beneficiary, pledge_id, 'shipped', carrier, tracking, :now, :by from due
on conflict (campaign_id, milestone_id, beneficiary) do update
set state = 'shipped', carrier = excluded.carrier, tracking = excluded.tracking, shipped_at = excluded.shipped_at,
    shipped_by = excluded.shipped_by
where parcels.state = 'ready'
returning pledge_id, milestone_id, beneficiary, batch_id, carrier, tracking, corrected;

-- name: pledge_of_parcel$
-- With which pledge a thing of the campaign was made ready or sent.
select pledge_id from parcels
where campaign_id = :campaign_id and milestone_id = :milestone_id and beneficiary = :beneficiary;
