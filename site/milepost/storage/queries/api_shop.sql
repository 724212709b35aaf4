-- name: api_products
-- A store's products after a place, as its creators have set them; of a listing, if one is named.
select id, title, image, image_alt, translations, listing_id, label, prices, ships, every_count, every_unit
from products
where store_id = :store_id and id > :after and (:listing_id::bigint is null or listing_id = :listing_id)
order by id limit :most;

-- name: api_product^
select id, title, image, image_alt, translations, listing_id, label, prices, ships, every_count, every_unit, stock
from products where store_id = :store_id and id = :product_id;

-- name: api_listings
-- A store's listings after a place, each with its variants in their order and the addresses of its collections.
select l.id, l.slug, l.title, l.text, l.translations, l.published, l.published_at, l.is_gift_card,
       coalesce((select jsonb_agg(jsonb_build_object(
                            'id', p.id, 'title', p.title, 'image', p.image, 'image_alt', p.image_alt,
                            'translations', p.translations, 'listing_id', p.listing_id, 'label', p.label,
                            'prices', p.prices, 'ships', p.ships, 'every_count', p.every_count,
                            'every_unit', p.every_unit) order by p.position, p.id)
                 from products p where p.listing_id = l.id), '[]') as variants,
       array(select c.slug from collected d join collections c on c.id = d.collection_id
             where d.listing_id = l.id order by c.position, c.id) as collections
from listings l
where l.store_id = :store_id and l.id > :after and (:listing_id::bigint is null or l.id = :listing_id)
  and (:published::boolean is null or l.published = :published)
order by l.id limit :most;

-- name: api_stock
-- What there is of a store's products after a place, or of these.
select p.id as product, p.stock, p.claimed, for_sale(p) as for_sale,
       coalesce((select sum(g.quantity) from rewards r
                 join grants g on g.milestone_id = r.milestone_id and g.reward_id = r.id
                 where r.product_id = p.id and g.backordered), 0)::bigint as waiting
from products p
where p.store_id = :store_id and p.id > :after and (:product_ids::bigint[] is null or p.id = any(:product_ids::bigint[]))
order by p.id limit :most;
