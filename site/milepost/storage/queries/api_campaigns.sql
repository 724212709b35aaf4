-- name: api_campaigns
-- A store's campaigns after a place, as its creators have set them.
select id, slug, title, blurb, story, image, image_alt, basis, currency, goal, funding_model, zone, opens_at, closes_at,
       late_pledges, published, announced_at, closed_at, outcome
from campaigns
where store_id = :store_id and id > :after and (:published::boolean is null or published = :published)
order by id limit :most;

-- name: api_campaign^
select id, slug, title, blurb, story, image, image_alt, basis, currency, goal, funding_model, zone, opens_at, closes_at,
       late_pledges, published, announced_at, closed_at, outcome
from campaigns where store_id = :store_id and slug = :slug;
