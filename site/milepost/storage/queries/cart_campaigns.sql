-- name: cart_campaigns_of_store
-- A page of them, the latest first, each with how many tiers it has and who last turned it on or off.
select k.id, k.name, k.state, k.trigger, k.made_at, k.turned_at, coalesce(nullif(c.name, ''), c.email) as turner,
       (select count(*) from cart_tiers t where t.track_id = k.track_id) as tiers
from cart_campaigns k left join creators c on c.id = k.turned_by
where k.store_id = :store_id and (:before::bigint is null or k.id < :before)
order by k.id desc limit :most;

-- name: cart_campaign^
-- A campaign with what its store sells in and looks like, and when a drawer was last seen (S23).
select k.*, coalesce(nullif(c.name, ''), c.email) as turner, s.currencies, s.locale as store_locale, s.brand,
       s.drawer_seen_at, s.slug as store_slug, s.name as store_name
from cart_campaigns k join stores s on s.id = k.store_id left join creators c on c.id = k.turned_by
where k.id = :campaign_id and k.store_id = :store_id;

-- name: lock_cart_campaign^
select k.*, s.currencies, s.locale as store_locale from cart_campaigns k join stores s on s.id = k.store_id
where k.id = :campaign_id and k.store_id = :store_id for update of k;

-- name: tiers_of_cart_campaign
-- In the order in which they were drawn up, each with the product that it gives.
select t.id, t.position, t.targets, t.kind, t.percent, t.amounts, t.product_id, t.design, t.messages,
       p.title as product, p.image as product_image, p.image_alt as product_alt, p.stock as product_stock,
       p.translations as product_translations
from cart_tiers t left join products p on p.id = t.product_id
where t.track_id = :track_id order by t.position, t.id;

-- name: add_cart_campaign$
with track as (insert into tracks (store_id, scope) values (:store_id, 'cart') returning id)
insert into cart_campaigns (store_id, track_id, name, trigger, made_at)
select :store_id, id, :name, :trigger, :now from track
returning id;

-- name: save_cart_rule!
update cart_campaigns
set name = :name, trigger = :trigger, adds_up = :adds_up, after_codes = :after_codes,
    excluded_products = :excluded_products, excluded_collections = :excluded_collections, revision = revision + 1
where id = :campaign_id;

-- name: forget_cart_messages!
-- Each message in each language is its trigger's default from here on (K2).
with tiers as (
    update cart_tiers t set messages = '{}' from cart_campaigns k
    where k.id = :campaign_id and t.track_id = k.track_id
)
update cart_campaigns set messages = '{}' where id = :campaign_id;

-- name: save_cart_look!
update cart_campaigns set design = :design, revision = revision + 1 where id = :campaign_id;

-- name: save_cart_messages!
update cart_campaigns set messages = :messages, revision = revision + 1 where id = :campaign_id;

-- name: add_cart_tier$
insert into cart_tiers (track_id, position, targets, kind, percent, amounts, product_id)
values (:track_id, :position, :targets, :kind, :percent, :amounts, :product_id)
returning id;

-- name: save_cart_tier!
update cart_tiers
set position = :position, targets = :targets, kind = :kind, percent = :percent, amounts = :amounts,
    product_id = :product_id
where id = :tier_id and track_id = :track_id;

-- name: keep_cart_tiers!
-- All others of the track are gone.
delete from cart_tiers where track_id = :track_id and id <> all (:tier_ids::bigint[]);

-- name: save_tier_look!
update cart_tiers set design = :design where id = :tier_id and track_id = :track_id;

-- name: save_tier_messages!
update cart_tiers set messages = :messages where id = :tier_id and track_id = :track_id;

-- name: turn_cart_campaign!
-- Active or paused from here on; a second active one of the store is refused by its index (K1).
update cart_campaigns
set state = :state, turned_by = :creator_id, turned_at = :now, revision = revision + 1
where id = :campaign_id;

-- name: discard_cart_campaign!
-- Gone with its track, its tiers, and whatever is typed and not saved.
with gone as (
    delete from cart_campaigns where id = :campaign_id returning id, track_id
), typed as (
    delete from unsaved where store_id = :store_id and part like 'cart-' || :campaign_id || '-%'
)
delete from tracks where id in (select track_id from gone);

-- name: active_cart_campaign^
select k.id, k.name, k.turned_at, coalesce(nullif(c.name, ''), c.email) as turner
from cart_campaigns k left join creators c on c.id = k.turned_by
where k.store_id = :store_id and k.state = 'active';

-- name: goods_for_carts
-- Variants of the shop by a word of their title, the newest first; those in `:ids` in any case and before them.
select p.id, p.title, p.image, p.image_alt, p.stock, p.prices, p.translations, p.id = any (:ids::bigint[]) as chosen
from products p
where p.store_id = :store_id and p.listing_id is not null
  and (p.id = any (:ids::bigint[]) or strpos(lower(p.title), lower(:find)) > 0)
order by chosen desc, p.id desc limit :most + cardinality(:ids::bigint[]);

-- name: goods_known
-- Those of the products that are variants of the store's listings.
select id, title from products
where store_id = :store_id and listing_id is not null and id = any (:ids::bigint[]);

-- name: collections_for_carts
select id, title from collections where store_id = :store_id order by position, id limit 200;

-- name: drawer_seen!
-- A drawer stands on a page of this store; told again at most once an hour (S23).
update stores set drawer_seen_at = :now
where slug = :slug and (drawer_seen_at is null or drawer_seen_at < :now::timestamptz - interval '1 hour');

-- name: average_orders
-- What the store's paid orders since then came to on average, before discounts, by currency.
select o.currency, count(*) as orders, round(avg(o.goods))::bigint as average,
       round(avg((select sum((l ->> 'quantity')::bigint) from jsonb_array_elements(o.lines) l)))::bigint as items
from orders o
where o.store_id = :store_id and o.state = 'paid' and o.paid_at >= :since
group by o.currency;

-- name: gifts_of_bar
-- Products as the shop's bar names and shows them.
select p.id, p.title, p.label, p.image, p.stock, p.translations, l.title as listing,
       l.translations as listing_translations
from products p left join listings l on l.id = p.listing_id
where p.store_id = :store_id and p.id = any (:ids::bigint[]);
