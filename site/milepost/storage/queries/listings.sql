-- name: shop^
-- The store whose shop this site shows, its collections that have something in them, and the currency of the
-- reader's own cart.
select s.id, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.zone as store_zone, s.translations as store_translations, s.locale as store_locale, s.currencies,
       exists (select from listings l where l.store_id = s.id and l.published) as store_has_shop,
       (select jsonb_agg(jsonb_build_object('id', c.id, 'slug', c.slug, 'title', c.title, 'translations', c.translations)
                         order by c.position, c.id)
        from collections c
        where c.store_id = s.id and exists (select from collected d join listings l on l.id = d.listing_id
                                            where d.collection_id = c.id and l.published)) as collections,
       (select k.currency from carts b join carts k on k.id = coalesce(b.merged_into, b.id)
        where b.token_hash = :token_hash and k.store_id = s.id) as cart_currency
from stores s
where s.id = coalesce((select l.store_id from listings l where l.published order by l.id limit 1),
                      (select c.store_id from campaigns c where c.published order by c.id limit 1),
                      (select min(id) from stores));

-- name: listings_for_sale
-- Published listings with their variants, newest first: of a collection, with a word in them; by key, never by count.
select l.id, l.slug, l.title, l.translations, l.is_gift_card, l.stars, l.reviews, v.variants
from listings l
cross join lateral (
    select jsonb_agg(jsonb_build_object('id', p.id, 'prices', p.prices, 'stock', for_sale(p), 'image', p.image,
                                        'image_alt', p.image_alt, 'every_count', p.every_count,
                                        'every_unit', p.every_unit, 'translations', p.translations)
                     order by p.position, p.id) as variants
    from products p where p.listing_id = l.id
) v
where l.store_id = :store_id and l.published and (:before::bigint is null or l.id < :before)
  and (:collection_id::bigint is null
       or exists (select from collected d where d.collection_id = :collection_id and d.listing_id = l.id))
  and (:find = '' or strpos(lower(l.title || ' ' || l.text || ' '
                                  || jsonb_path_query_array(l.translations, '$.*.*')::text), lower(:find)) > 0
       or exists (select from products p where p.listing_id = l.id and strpos(lower(p.label), lower(:find)) > 0))
order by l.id desc
limit :most;

-- name: listings_by_price
-- The same by their lowest price in a currency, from the cheapest (`:way` 1) or the dearest (-1) on; those that have
-- none in it come last. `:before` is the last one of the page before.
with shelf as (
    select l.id, coalesce(:way::int * (select min((p.prices ->> :currency)::bigint) from products p where p.listing_id = l.id),
                          9223372036854775807) as key
    from listings l
    where l.store_id = :store_id and l.published
      and (:collection_id::bigint is null
           or exists (select from collected d where d.collection_id = :collection_id and d.listing_id = l.id))
      and (:find = '' or strpos(lower(l.title || ' ' || l.text || ' '
                                      || jsonb_path_query_array(l.translations, '$.*.*')::text), lower(:find)) > 0
           or exists (select from products p where p.listing_id = l.id and strpos(lower(p.label), lower(:find)) > 0))
), page as (
    select id, key from shelf
    where :before::bigint is null or (key, -id) > (select key, -id from shelf where id = :before)
    order by key, id desc
    limit :most
)
select l.id, l.slug, l.title, l.translations, l.is_gift_card, l.stars, l.reviews, v.variants
from page join listings l using (id)
cross join lateral (
    select jsonb_agg(jsonb_build_object('id', p.id, 'prices', p.prices, 'stock', for_sale(p), 'image', p.image,
                                        'image_alt', p.image_alt, 'every_count', p.every_count,
                                        'every_unit', p.every_unit, 'translations', p.translations)
                     order by p.position, p.id) as variants
    from products p where p.listing_id = l.id
) v
order by page.key, l.id desc;

-- name: listing_for_sale^
-- A published listing with its variants and its collections.
select l.id, l.slug, l.title, l.text, l.translations, l.is_gift_card, l.stars, l.reviews,
       (select jsonb_agg(jsonb_build_object('id', p.id, 'label', p.label, 'prices', p.prices, 'stock', for_sale(p),
                                            'ships', p.ships, 'image', p.image, 'image_alt', p.image_alt,
                                            'every_count', p.every_count, 'every_unit', p.every_unit,
                                            'translations', p.translations)
                         order by p.position, p.id)
        from products p where p.listing_id = l.id) as variants,
       (select jsonb_agg(jsonb_build_object('slug', c.slug, 'title', c.title, 'translations', c.translations)
                         order by c.position, c.id)
        from collected d join collections c on c.id = d.collection_id where d.listing_id = l.id) as collections
from listings l
where l.store_id = :store_id and l.slug = :slug and l.published;

-- name: listings_in_studio
-- The store's listings, newest first, published or not; by key, never by count.
select l.id, l.slug, l.title, l.translations, l.published, l.is_gift_card, l.stars, l.reviews,
       (select jsonb_agg(jsonb_build_object('prices', p.prices, 'stock', p.stock, 'image', p.image,
                                            'image_alt', p.image_alt) order by p.position, p.id)
        from products p where p.listing_id = l.id) as variants
from listings l
where l.store_id = :store_id and (:before::bigint is null or l.id < :before)
  and (:find = '' or strpos(lower(l.title || ' ' || jsonb_path_query_array(l.translations, '$.*.*')::text),
                            lower(:find)) > 0)
order by l.id desc
limit :most;

-- name: listing_in_studio^
-- One of the store's listings with its variants, the store's collections, and what speaks against removing it.
select l.id, l.slug, l.title, l.text, l.translations, l.published, l.published_at, l.is_gift_card, l.stars, l.reviews,
       array(select d.collection_id from collected d where d.listing_id = l.id) as collected,
       (select jsonb_agg(jsonb_build_object('id', p.id, 'title', p.title, 'label', p.label, 'prices', p.prices,
                                            'stock', p.stock, 'ships', p.ships, 'image', p.image,
                                            'image_alt', p.image_alt)
                         order by p.position, p.id)
        from products p where p.listing_id = l.id) as variants
from listings l
where l.id = :listing_id and l.store_id = :store_id;

-- name: shop_in_studio^
-- What the forms of the shop need to know of the store.
select s.locale, s.currencies,
       (select jsonb_agg(jsonb_build_object('id', c.id, 'title', c.title) order by c.position, c.id)
        from collections c where c.store_id = s.id) as collections
from stores s where s.id = :store_id;

-- name: hold_listing^
select id, slug, title, text, translations, published, published_at, is_gift_card, stars, reviews
from listings where id = :listing_id and store_id = :store_id for update;

-- name: listing_slug_is_taken$
select exists (select from listings where store_id = :store_id and slug = :slug and id <> :listing_id);

-- name: add_listing$
insert into listings (store_id, slug, title, text, is_gift_card, translations, made_at)
values (:store_id, :slug, :title, :text, :is_gift_card, :translations, :now)
returning id;

-- name: save_listing!
update listings set slug = :slug, title = :title, text = :text, is_gift_card = :is_gift_card,
                    translations = :translations
where id = :listing_id;

-- name: publish_listing!
update listings set published = true, published_at = coalesce(published_at, :now) where id = :listing_id;

-- name: withdraw_listing!
update listings set published = false where id = :listing_id;

-- name: delete_listing!
delete from listings where id = :listing_id;

-- name: collect!
-- The listing is in these collections of its store, and in no other.
with gone as (
    delete from collected where listing_id = :listing_id and collection_id <> all (:collection_ids::bigint[])
)
insert into collected (collection_id, listing_id)
select c.id, :listing_id from collections c
where c.store_id = :store_id and c.id = any (:collection_ids::bigint[])
on conflict do nothing;

-- name: variants_of_listing
select id, title, label, prices, stock, ships, image, image_alt, translations, position, every_count, every_unit
from products where listing_id = :listing_id order by position, id;

-- name: variant_of_listing^
select p.id, p.title, p.label, p.prices, p.stock, p.ships, p.image, p.image_alt, p.translations, p.position,
       p.every_count, p.every_unit,
       exists (select from rewards r where r.product_id = p.id) as is_reward
from products p where p.id = :product_id and p.listing_id = :listing_id and p.store_id = :store_id;

-- name: sell_product!
-- The product is a variant of the listing: the last of them, if it has not been one.
update products set position = case when listing_id = :listing_id then position else (
           select coalesce(max(v.position) + 1, 0) from products v where v.listing_id = :listing_id) end,
       listing_id = :listing_id, label = :label, prices = :prices, ships = :ships, translations = :translations,
       every_count = :every_count, every_unit = :every_unit
where id = :product_id;

-- name: place_variants!
update products p set position = n.place - 1
from unnest(:product_ids::bigint[]) with ordinality as n (id, place) where p.id = n.id;

-- name: take_off!
update products set listing_id = null, position = 0 where id = :product_id;

-- name: products_without_listing
-- What the store has and does not sell, newest first; by key, never by count.
select p.id, p.title, p.image, p.image_alt, p.stock, p.translations
from products p
where p.store_id = :store_id and p.listing_id is null and (:before::bigint is null or p.id < :before)
  and (:find = '' or strpos(lower(p.title), lower(:find)) > 0)
order by p.id desc
limit :most;

-- name: collections_in_studio
select c.id, c.slug, c.title, c.translations,
       (select count(*) from collected d where d.collection_id = c.id) as listings
from collections c where c.store_id = :store_id order by c.position, c.id;

-- name: hold_collections
-- The store's collections in their order, held, so that two people don't move them at once.
select id, slug, title, translations from collections where store_id = :store_id order by position, id for update;

-- name: add_collection$
insert into collections (store_id, slug, title, translations, position)
values (:store_id, :slug, :title, :translations,
        (select coalesce(max(position) + 1, 0) from collections where store_id = :store_id))
returning id;

-- name: rename_collection!
update collections set title = :title, translations = :translations where id = :collection_id;

-- name: place_collections!
update collections c set position = n.place - 1
from unnest(:collection_ids::bigint[]) with ordinality as n (id, place) where c.id = n.id;

-- name: remove_collection!
delete from collections where id = :collection_id;

-- name: currency_uses
-- How many variants of listings have a price in each currency, and whether an active bar has targets in it.
select n.currency,
       (select count(*) from products p where p.store_id = :store_id and p.listing_id is not null
          and p.prices ? n.currency) as priced,
       exists (select from cart_campaigns m join cart_tiers t on t.track_id = m.track_id
               where m.store_id = :store_id and m.state = 'active' and t.targets ? n.currency) as has_bar
from unnest(:currencies::text[]) as n (currency);

-- name: hold_currencies$
select currencies from stores where id = :store_id for update;

-- name: keep_currencies!
update stores set currencies = :currencies where id = :store_id;

-- name: keep_zone$
-- The clock of the store, changed; what it was, if it was another.
update stores s set zone = :zone
from (select id, zone from stores where id = :store_id for update) was
where s.id = was.id and was.zone <> :zone
returning was.zone;
