-- name: api_tiers
-- A campaign's tiers and add-ons after a place.
select id, kind, title, text, price, units, slots, claimed, most, ships, opens_at, closes_at, position, translations
from tiers
where campaign_id = :campaign_id and id > :after and (:kind::text is null or kind = :kind)
order by id limit :most;
