-- name: add_visits!
-- Visits by the campaign's day, source and tag. A day keeps so many kinds of them apart; others go together, so
-- that nobody fills the table with tags of their own.
with fresh as (
    select v.campaign_id, (:now::timestamptz at time zone c.zone)::date as day, v.source, v.tag, v.seen
    from unnest(:campaign_ids::bigint[], :sources::text[], :tags::text[], :seen::bigint[]) as v (campaign_id, source, tag, seen)
    join campaigns c on c.id = v.campaign_id
), placed as (
    select f.*, d.seen is not null as known,
           (select count(*) from visited k where k.campaign_id = f.campaign_id and k.day = f.day)
           + row_number() over (partition by f.campaign_id, d.seen is not null order by f.seen desc, f.source, f.tag) as place
    from fresh f left join visited d using (campaign_id, day, source, tag)
)
insert into visited as v (campaign_id, day, source, tag, seen)
select campaign_id, day, case when known or place <= :most then source else :others end,
       case when known or place <= :most then tag else '' end, sum(seen)
from placed
group by 1, 2, 3, 4
order by 1, 2, 3, 4
on conflict (campaign_id, day, source, tag) do update set seen = v.seen + excluded.seen;
