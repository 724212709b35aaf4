-- name: products_of_store
-- The store's products, newest first, those whose title holds a word; by key, never by count.
select p.id, p.title, p.image, p.image_alt, p.stock, p.translations,
       (select count(*) from rewards r join milestones m on m.reward_id = r.id where r.product_id = p.id) as milestones
from products p
where p.store_id = :store_id and (:before::bigint is null or p.id < :before)
  and (:find = '' or strpos(lower(p.title), lower(:find)) > 0)
order by p.id desc
limit :most;

-- name: product_of_store^
select p.id, p.store_id, p.title, p.image, p.image_alt, p.stock, p.translations,
       p.listing_id, p.prices, exists (select from rewards r where r.product_id = p.id) as is_used
from products p where p.id = :product_id and p.store_id = :store_id;

-- name: uses_of_product
-- The milestones whose reward it is, with how many pieces are set aside for them and how many wait.
select m.id, m.target, m.archived_at, c.slug, c.title, c.translations, c.basis, c.currency, r.title as reward_title,
       coalesce(g.aside, 0)::bigint as aside, coalesce(g.waiting, 0)::bigint as waiting
from rewards r
join milestones m on m.id = r.milestone_id
join campaigns c on c.track_id = m.track_id
left join lateral (
    select sum(quantity) filter (where not backordered) as aside, sum(quantity) filter (where backordered) as waiting
    from grants where milestone_id = m.id and reward_id = r.id and state in ('provisional', 'owed', 'held')) g on true
where r.product_id = :product_id and (m.reward_id = r.id or g.aside > 0 or g.waiting > 0)
order by c.id, m.target, m.id
limit 200;

-- name: milestones_waiting_for_products
select distinct m.id, c.id as campaign_id
from rewards r
join milestones m on m.id = r.milestone_id
join campaigns c on c.track_id = m.track_id
where r.product_id = any(:product_ids::bigint[])
  and exists (select from grants g where g.milestone_id = m.id and g.reward_id = r.id and g.backordered)
order by m.id;

-- name: hold_product^
select id, title, image, image_alt, stock, translations from products
where id = :product_id and store_id = :store_id for update;

-- name: hold_products_of_store
-- The same of many, in the order in which all lock them.
select id, title, stock from products
where id = any(:product_ids::bigint[]) and store_id = :store_id order by id for update;

-- name: hold_campaigns_that_give
-- The campaigns in which grants may wait for these, locked one after the other in the order in which all lock them.
select c.id from campaigns c
where c.id in (select d.id from rewards r
               join milestones m on m.id = r.milestone_id join campaigns d on d.track_id = m.track_id
               where r.product_id = any(:product_ids::bigint[]))
order by c.id for no key update;

-- name: keep_stocks!
update products p set stock = w.stock
from unnest(:product_ids::bigint[], :stocks::bigint[]) as w (id, stock) where p.id = w.id;

-- name: keep_product!
update products set title = :title, image = :image, image_alt = :image_alt, stock = :stock, translations = :translations
where id = :product_id;

-- name: delete_product$
-- Gone, unless a reward has ever been it (A13), a listing sells it, an order has it, or a cart gives it.
delete from products p
where p.id = :product_id and p.listing_id is null
  and not exists (select from subscriptions s where s.product_id = p.id)
  and not exists (select from rewards r where r.product_id = p.id)
  and not exists (select from cart_tiers t where t.product_id = p.id)
  and not exists (select from orders o where o.store_id = p.store_id
                    and (o.lines @> jsonb_build_array(jsonb_build_object('product', p.id))
                         or o.gifts @> jsonb_build_array(jsonb_build_object('product', p.id))))
returning true;
