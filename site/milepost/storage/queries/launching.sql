-- name: launch_of_campaign^
-- What stands between a draft and its launch: how many rewards and milestones, and what can't be sent.
select count(t.id) filter (where t.kind = 'tier') as tiers,
       count(t.id) filter (where t.kind = 'tier' and t.units > 0) as counting,
       coalesce(array_agg(t.title order by t.position) filter (
           where t.ships and not exists (
               select from shipping_fees f join shipping_zones z on z.id = f.zone_id
               where f.tier_id = t.id and z.campaign_id = :campaign_id)), '{}') as unsendable,
       (select count(*) from milestones m join campaigns c on c.track_id = m.track_id
        where c.id = :campaign_id and m.archived_at is null) as milestones
from tiers t where t.campaign_id = :campaign_id;

-- name: publish_campaign!
update campaigns set published = true, opens_at = :opens_at where id = :campaign_id;

-- name: announce_campaign!
update campaigns set announced_at = :announced_at where id = :campaign_id;

-- name: renew_preview!
update campaigns set preview_key = :key where id = :campaign_id;
