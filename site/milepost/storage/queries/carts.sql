-- name: cart_as_judged^
-- The cart behind a token with everything that it is judged by: the store, its active milestones of the cart,
-- the products that lie in it, are wanted (`:adding`) or given, the codes (its own and the one typed), how orders
-- travel, and, where the visit is its customer's, what that customer has earned. A browser whose cart was merged into
-- another follows that one.
select c.id, c.store_id, c.customer_id, c.currency, c.lines, c.declined, c.code_id, c.country, c.shipping_id,
       c.uses_credit, c.later, c.version, c.changed_at, who.id as who, who.email as who_email, earned.gifts as owed,
       (select jsonb_object_agg(b.unit, b.ready + case when b.unit = own.currency then own.credit else 0 end)
        from balances b where b.customer_id = who.id and b.unit <> 'points') as credits,
       s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.locale as store_locale, s.translations as store_translations, s.currencies, s.embed_origins,
       m.id as campaign_id, m.trigger, m.adds_up, m.after_codes, m.excluded_products, m.excluded_collections,
       m.design, m.messages,
       (select jsonb_agg(jsonb_build_object(
                   'id', t.id, 'targets', t.targets, 'kind', t.kind, 'percent', t.percent, 'amounts', t.amounts,
                   'product', t.product_id, 'design', t.design, 'messages', t.messages) order by t.position, t.id)
        from cart_tiers t where t.track_id = m.track_id) as tiers,
       (select jsonb_agg(jsonb_build_object(
                   'id', p.id, 'title', p.title, 'label', p.label, 'image', p.image, 'image_alt', p.image_alt,
                   'stock', for_sale(p) + coalesce((select sum((x ->> 'quantity')::bigint) from jsonb_array_elements(own.held) x
                                                where (x ->> 'product')::bigint = p.id), 0)::bigint,
                   'prices', p.prices, 'ships', p.ships, 'every', p.every_unit, 'translations', p.translations,
                   'slug', l.slug, 'listing', l.title, 'listing_id', l.id, 'published', l.published, 'is_gift_card', l.is_gift_card,
                   'listing_translations', l.translations,
                   'collections', (select jsonb_agg(o.collection_id) from collected o where o.listing_id = l.id)))
        from products p left join listings l on l.id = p.listing_id
        where p.store_id = c.store_id and p.id = any (array(
            select (x ->> 'product')::bigint from jsonb_array_elements(c.lines) x
            union all select :adding::bigint
            union all select t.product_id from cart_tiers t where t.track_id = m.track_id
            union all select x::bigint from jsonb_array_elements(earned.gifts) g,
                                            jsonb_array_elements_text(g -> 'products') x))) as products,
       (select jsonb_agg(jsonb_build_object(
                   'id', k.id, 'code', k.code, 'kind', k.kind, 'percent', k.percent, 'amounts', k.amounts,
                   'works', (k.opens_at is null or k.opens_at <= :now) and (k.closes_at is null or k.closes_at > :now)
                            and (k.most is null or k.used < k.most or k.id = own.code_id)
                            and k.withdrawn_at is null and (k.customer_id is null or coalesce(k.customer_id = who.id, false)),
                   'is_own', k.customer_id is not null, 'is_mine', coalesce(k.customer_id = who.id, false),
                   'is_withdrawn', k.withdrawn_at is not null,
                   'is_used', coalesce(k.used >= k.most, false) and k.id is distinct from own.code_id))
        from shop_codes k where k.store_id = c.store_id and (k.id = c.code_id or k.code = :typed_code)) as codes,
       (select jsonb_agg(jsonb_build_object(
                   'id', h.id, 'title', h.title, 'countries', h.countries, 'prices', h.prices,
                   'translations', h.translations) order by h.position, h.id)
        from shipping_options h where h.store_id = c.store_id) as shipping_options
from carts b
join carts c on c.id = coalesce(b.merged_into, b.id)
join stores s on s.id = c.store_id
left join cart_campaigns m on m.store_id = c.store_id and m.state = 'active'
-- What its own open payment page has claimed is the cart's still: a new checkout gives it back first.
left join lateral (select o.id, o.lines || o.gifts as held, o.code_id, o.credit, o.currency from orders o
                   where o.cart_id = c.id and o.state = 'open' and not o.processing) own on true
-- Nobody sees or spends what a customer has earned by the cart's token alone: their visit has to stand, too.
left join lateral (select u.id, u.email from customers u join visits v on v.email = u.email
                   where u.id = c.customer_id and u.erased_at is null
                     and v.token_hash = :visit and v.expires_at > :now) who on true
left join lateral (
    select jsonb_agg(jsonb_build_object(
               'key', g.milestone_id || ':' || g.beneficiary, 'products', r.products, 'target', g.target, 'fact', g.fact,
               'sums', g.sums, 'lap', g.lap, 'program', g.name,
               'program_translations', g.translations, 'currency', g.currency)
               order by g.granted_seq, g.milestone_id, g.beneficiary) as gifts
    from (select x.milestone_id, x.beneficiary, x.granted_seq, x.reward_id, n.target, n.fact, n.sums, p.name, p.translations, p.currency,
                 case when n.sums in ('days', 'months') or p.every is null then 0
                      else (x.beneficiary - x.customer_id) / 1099511627776 * p.every end as lap
          from grants x join milestones n on n.id = x.milestone_id join programs p on p.track_id = n.track_id
          join rewards w on w.id = x.reward_id and w.products <> '{}'
          where x.customer_id = who.id and x.pledge_id = 0 and x.state = 'owed'
            and (x.order_id is null or x.order_id = own.id) and x.with_pledge is null
          order by x.granted_seq, x.milestone_id, x.beneficiary limit 20) g
    join rewards r on r.id = g.reward_id) earned on true
where b.token_hash = :token_hash;

-- name: no_cart_as_judged^
-- What the cart of somebody who has none would be judged by: the shop, its active milestones of the cart and their
-- gifts; nothing where the shop has no such milestones.
select s.id as store_id, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.locale as store_locale, s.translations as store_translations, s.currencies, s.embed_origins,
       m.id as campaign_id, m.trigger, m.adds_up, m.after_codes, m.excluded_products, m.excluded_collections,
       m.design, m.messages,
       (select jsonb_agg(jsonb_build_object(
                   'id', t.id, 'targets', t.targets, 'kind', t.kind, 'percent', t.percent, 'amounts', t.amounts,
                   'product', t.product_id, 'design', t.design, 'messages', t.messages) order by t.position, t.id)
        from cart_tiers t where t.track_id = m.track_id) as tiers,
       (select jsonb_agg(jsonb_build_object(
                   'id', p.id, 'title', p.title, 'label', p.label, 'image', p.image, 'stock', for_sale(p),
                   'prices', p.prices, 'ships', p.ships, 'translations', p.translations,
                   'listing', l.title, 'listing_translations', l.translations))
        from cart_tiers t join products p on p.id = t.product_id left join listings l on l.id = p.listing_id
        where t.track_id = m.track_id) as products
from stores s join cart_campaigns m on m.store_id = s.id and m.state = 'active'
where s.id = coalesce((select l.store_id from listings l where l.published order by l.id limit 1),
                      (select min(id) from stores));

-- name: keep_cart$
-- What the cart is from now on; nothing where somebody else has changed it meanwhile.
update carts set lines = :lines, declined = :declined, code_id = :code_id, country = :country,
                 shipping_id = :shipping_id, currency = :currency, uses_credit = :uses_credit, later = :later, version = version + 1, changed_at = :now
where id = :cart_id and version = :version
returning version;

-- name: add_cart$
-- An empty cart of the store that sells `:product_id`, else of the shop's own; nothing where there is no such store.
insert into carts (store_id, token_hash, currency, country, made_at, changed_at)
select s.id, :token_hash, case when :currency::text = any (s.currencies) then :currency else s.currencies[1] end,
       :country, :now, :now
from stores s
where s.id = coalesce((select p.store_id from products p where p.id = :product_id::bigint),
                      (select l.store_id from listings l where l.published order by l.id limit 1),
                      (select min(id) from stores))
returning id;

-- name: carts_to_merge
-- The visit's cart and the one that its customer already has, locked; nothing where one of them is the other.
select c.id, c.lines, c.declined, c.code_id, c.country, c.customer_id, k.id as customer
from carts b
join carts mine on mine.id = coalesce(b.merged_into, b.id)
join customers k on k.store_id = mine.store_id and k.email = :email
join carts c on c.id = mine.id or (c.customer_id = k.id and c.merged_into is null)
where b.token_hash = :token_hash
order by c.id
for update of c;

-- name: renew_token_of_cart!
update carts set token_hash = :fresh where token_hash = :token_hash;

-- name: cart_behind$
select coalesce(merged_into, id) from carts where token_hash = :token_hash;

-- name: give_cart!
update carts set customer_id = :customer_id, version = version + 1 where id = :cart_id;

-- name: join_cart!
-- It holds what both held; whoever follows the other one follows this one.
update carts set lines = :lines, declined = :declined, code_id = :code_id, country = :country,
                 version = version + 1, changed_at = :now
where id = :cart_id;

-- name: follow_cart!
update carts set merged_into = :cart_id, lines = '[]', declined = '{}', code_id = null, customer_id = null
where (id = :left or merged_into = :left) and id <> :cart_id;

-- name: bring_open_order!
-- The payment page that was open for one is the other's, if that has none itself.
update orders o set cart_id = :cart_id
where o.cart_id = :left and o.state = 'open' and not o.processing
  and not exists (select from orders x where x.cart_id = :cart_id and x.state = 'open' and not x.processing);

-- name: follow_own_cart$
-- A browser without a cart follows the one that this address has filled elsewhere, if there is one.
insert into carts (store_id, token_hash, currency, merged_into, made_at, changed_at)
select c.store_id, :token_hash, c.currency, c.id, :now, :now
from carts c join customers k on k.id = c.customer_id
where k.email = :email and c.merged_into is null and c.lines <> '[]'
order by c.changed_at desc limit 1
returning id;

-- name: empty_cart!
-- Nothing lies in it any more: what did is an order now.
update carts set lines = '[]', declined = '{}', later = '{}', code_id = null, version = version + 1, changed_at = :now
where id = :cart_id;

-- name: forget_old_carts!
-- Those that follow another go with it.
delete from carts where merged_into is null and changed_at < :before;

-- name: origins_of_embeds
-- Every site that some store lets show its cart.
select distinct unnest(embed_origins) as origin from stores;

-- name: embeds_of_store$
select embed_origins from stores where id = :store_id;

-- name: keep_embeds!
update stores set embed_origins = :origins where id = :store_id;
