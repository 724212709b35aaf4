-- name: options_of_store
-- How orders travel, in the store's order; options without a country are for all others.
select id, title, countries, prices, position, translations
from shipping_options where store_id = :store_id order by position, id;

-- name: hold_options
-- The same, locked, so that two who move them take turns.
select id, title, countries, prices, position, translations
from shipping_options where store_id = :store_id order by id for update;

-- name: add_option$
insert into shipping_options (store_id, title, countries, prices, position, translations)
select :store_id, :title, :countries, :prices, coalesce(max(position) + 1, 0), :translations
from shipping_options where store_id = :store_id
returning id;

-- name: keep_option!
update shipping_options
set title = :title, countries = :countries, prices = :prices, translations = :translations
where id = :option_id;

-- name: order_options!
update shipping_options o set position = n.place
from unnest(:option_ids::bigint[]) with ordinality as n (id, place)
where o.id = n.id and o.store_id = :store_id;

-- name: delete_option!
delete from shipping_options where id = :option_id and store_id = :store_id;
