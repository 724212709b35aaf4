-- name: held_part^
-- A part as it was saved last, what this creator has typed since, and who else has typed lately.
select coalesce(p.revision, 0) as revision, p.saved_at, p.saved_by, coalesce(nullif(s.name, ''), s.email) as saver,
       u.typed, u.base, u.kept_at,
       coalesce((select jsonb_agg(jsonb_build_object('name', coalesce(nullif(k.name, ''), k.email), 'at', o.kept_at)
                                  order by o.kept_at desc)
                 from unsaved o join creators k on k.id = o.creator_id
                 join members m on m.store_id = o.store_id and m.creator_id = o.creator_id
                 where o.store_id = :store_id and o.campaign_id = :campaign_id and o.part = :part
                   and o.creator_id <> :creator_id and o.kept_at > :since), '[]') as others
from (select) one
left join parts p on p.store_id = :store_id and p.campaign_id = :campaign_id and p.part = :part
left join creators s on s.id = p.saved_by
left join unsaved u on u.store_id = :store_id and u.campaign_id = :campaign_id and u.part = :part
     and u.creator_id = :creator_id;

-- name: save_part$
-- The next revision, if nobody has saved the part since `base`; null when somebody has.
insert into parts (store_id, campaign_id, part, revision, saved_by, saved_at)
values (:store_id, :campaign_id, :part, :base + 1, :creator_id, :now)
on conflict (store_id, campaign_id, part) do update
set revision = parts.revision + 1, saved_by = excluded.saved_by, saved_at = excluded.saved_at
where parts.revision = :base
returning revision;

-- name: pass_part!
-- The next revision, whoever has saved the part since.
insert into parts (store_id, campaign_id, part, revision, saved_by, saved_at)
values (:store_id, :campaign_id, :part, 1, :creator_id, :now)
on conflict (store_id, campaign_id, part) do update
set revision = parts.revision + 1, saved_by = excluded.saved_by, saved_at = excluded.saved_at;

-- name: keep_typed!
-- The latest of what was typed; a message that comes late takes nothing back.
insert into unsaved (store_id, campaign_id, part, creator_id, base, typed, kept_at)
values (:store_id, :campaign_id, :part, :creator_id, :base, :typed, :now)
on conflict (store_id, campaign_id, part, creator_id) do update
set base = excluded.base, typed = excluded.typed, kept_at = excluded.kept_at
where unsaved.kept_at <= excluded.kept_at;

-- name: forget_typed!
delete from unsaved
where store_id = :store_id and campaign_id = :campaign_id and part = :part and creator_id = :creator_id;

-- name: forget_part!
-- What concerned something that is gone.
with gone as (
    delete from unsaved where store_id = :store_id and campaign_id = :campaign_id and part = :part
)
delete from parts where store_id = :store_id and campaign_id = :campaign_id and part = :part;

-- name: unsaved_parts
-- What this creator has typed in a campaign and not saved.
select part, kept_at from unsaved
where store_id = :store_id and campaign_id = :campaign_id and creator_id = :creator_id order by part;

-- name: campaign_to_edit^
-- A campaign with its store's own language, and whether anybody has ever begun a pledge in it.
select c.*, s.locale as store_locale, s.slug as store_slug, s.name as store_name,
       exists (select from pledges p where p.campaign_id = c.id) as has_pledges
from campaigns c join stores s on s.id = c.store_id
where c.id = :campaign_id;

-- name: slug_is_taken$
select exists (select from campaigns where slug = :slug and id <> :campaign_id);

-- name: save_page!
update campaigns set title = :title, slug = :slug, blurb = :blurb, story = :story, image = :image, image_alt = :image_alt
where id = :campaign_id;

-- name: save_terms!
update campaigns
set basis = :basis, currency = :currency, goal = :goal, funding_model = :funding_model, zone = :zone,
    opens_at = :opens_at, closes_at = :closes_at, late_pledges = :late_pledges, review_limit = :review_limit,
    last_day_guard = :last_day_guard, tax = :tax
where id = :campaign_id;

-- name: save_switches!
-- What may change while a campaign runs.
update campaigns
set late_pledges = :late_pledges, review_limit = :review_limit, last_day_guard = :last_day_guard, tax = :tax
where id = :campaign_id;

-- name: save_translations!
update campaigns set translations = :translations where id = :campaign_id;

-- name: save_excluded!
update campaigns set excluded_countries = :countries where id = :campaign_id;

-- name: counts_something$
-- Whether a campaign has milestones, whose targets are in its basis.
select exists (
    select from milestones m join campaigns c on c.track_id = m.track_id
    where c.id = :campaign_id and m.archived_at is null
);

-- name: tiers_to_edit
-- A campaign's tiers and add-ons in order; `used`: it is in pledges, or a milestone or question names it.
select t.*, exists (select from pledge_lines l where l.tier_id = t.id)
            or exists (select from milestones m join campaigns c on c.track_id = m.track_id
                       where c.id = t.campaign_id and t.id = any(m.tiers))
            or exists (select from questions q where q.campaign_id = t.campaign_id and t.id = any(q.tiers)) as used
from tiers t where t.campaign_id = :campaign_id order by t.position, t.id;

-- name: save_tier!
update tiers
set title = :title, text = :text, price = :price, units = :units, slots = :slots, opens_at = :opens_at,
    closes_at = :closes_at, most = :most, ships = :ships
where id = :tier_id and campaign_id = :campaign_id;

-- name: end_tier!
update tiers set closes_at = :closes_at where id = :tier_id and campaign_id = :campaign_id;

-- name: save_tier_translations!
update tiers set translations = :translations where id = :tier_id and campaign_id = :campaign_id;

-- name: order_tiers!
update tiers t set position = o.position
from unnest(:tier_ids::bigint[]) with ordinality as o (id, position)
where t.id = o.id and t.campaign_id = :campaign_id;

-- name: remove_tier!
with fees as (delete from shipping_fees where tier_id = :tier_id)
delete from tiers where id = :tier_id and campaign_id = :campaign_id;

-- name: save_zone!
update shipping_zones set title = :title, countries = :countries where id = :zone_id and campaign_id = :campaign_id;

-- name: remove_fees!
delete from shipping_fees where zone_id = :zone_id;

-- name: remove_zone!
delete from shipping_zones where id = :zone_id and campaign_id = :campaign_id;

-- name: store_to_edit^
select id, slug, name, tagline, brand, locale, translations from stores where id = :store_id;

-- name: save_brand!
update stores set name = :name, tagline = :tagline, brand = :brand, translations = :translations where id = :store_id;

-- name: campaigns_shown
-- The campaigns of a store that the public can see.
select id from campaigns where store_id = :store_id and (published or announced_at is not null) order by id;
