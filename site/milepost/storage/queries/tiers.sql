-- name: tiers_chosen
-- Those of the campaign's tiers and add-ons that were named.
select id, title, price, units, slots, claimed, opens_at, closes_at, kind, most, ships
from tiers where campaign_id = :campaign_id and id = any(:tier_ids::bigint[])
order by position, id;

-- name: claim_slots_of_each
-- The slots of several tiers, each if as many are left, whatever the race (P3); gives those that had fewer.
with claimed as (
    update tiers t set claimed = t.claimed + c.quantity
    from unnest(:tier_ids::bigint[], :quantities::bigint[]) as c (tier_id, quantity)
    where t.id = c.tier_id and (t.slots is null or t.claimed + c.quantity <= t.slots)
    returning t.id
)
select t.id, t.title, t.kind from tiers t
where t.id = any(:tier_ids::bigint[]) and t.id not in (select id from claimed)
order by t.position, t.id;

-- name: zones_of_campaign
-- Where the campaign ships to, with each zone's fees: tier → first and further.
select z.id, z.title, z.countries,
       coalesce(jsonb_object_agg(f.tier_id, jsonb_build_array(f.first, f.further))
                filter (where f.tier_id is not null), '{}') as fees
from shipping_zones z left join shipping_fees f on f.zone_id = z.id
where z.campaign_id = :campaign_id
group by z.id
order by z.position, z.id;

-- name: add_zone$
insert into shipping_zones (campaign_id, position, title, countries)
values (:campaign_id, (select count(*) from shipping_zones where campaign_id = :campaign_id), :title,
        :countries)
returning id;

-- name: add_fees!
insert into shipping_fees (zone_id, tier_id, first, further)
select :zone_id, tier_id, first, further
from unnest(:tier_ids::bigint[], :firsts::bigint[], :furthers::bigint[]) as f (tier_id, first, further);
