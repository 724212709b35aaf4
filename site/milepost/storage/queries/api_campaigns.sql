-- name: api_campaigns
-- A store's campaigns after a place, or the one of a slug, as their creators have set them.
select id, slug, title, blurb, story, image, image_alt, translations, basis, currency, goal, funding_model, zone, opens_at,
       closes_at, late_pledges, review_limit, last_day_guard, tax, published, announced_at, closed_at, outcome
from campaigns
where store_id = :store_id and id > :after and (:slug::text is null or slug = :slug)
  and (:published::boolean is null or published = :published)
order by id limit :most;

-- name: api_campaign_totals^
-- A campaign of the store, and what came of it: all that whoever looks at it may need beside its texts.
select id, track_id, store_id, slug, basis, currency, goal, funding_model, zone, opens_at, closes_at, late_pledges, published,
       announced_at, closed_at, outcome, review_limit, seq, units, money, backers, version,
       case when basis = 'units' then units else money end as total
from campaigns where store_id = :store_id and slug = :slug;
