-- name: desk^
-- Who asks, in which store, as what, about which campaign of it: found and told apart in one look.
-- No role: no member there.
select n.id as sitting_id, n.seen_at, n.proved_at, c.id as creator_id, c.email, c.name as creator_name, c.locale,
       c.password_hash is not null as has_password,
       s.id as store_id, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline,
       s.brand as store_brand, s.zone as store_zone, s.plan as store_plan, s.translations as store_translations, m.role,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop,
       k.id as campaign_id, k.track_id, k.slug as campaign_slug, k.title as campaign_title,
       k.translations as campaign_translations, k.basis, k.currency, k.goal, k.funding_model, k.zone, k.opens_at,
       k.closes_at, k.late_pledges, k.published, k.outcome, k.seq, k.units, k.money, k.backers, k.version
from sittings n
join creators c on c.id = n.creator_id
left join stores s on s.slug = :slug
left join members m on m.store_id = s.id and m.creator_id = c.id
left join campaigns k on k.store_id = s.id and k.slug = :campaign
where n.token_hash = :token_hash and n.expires_at > :now;

-- name: give_plan$
update stores set plan = :plan where slug = :slug returning id;

-- name: creator_by_address^
select id, email, name, password_hash, locale from creators where email = :email;

-- name: add_creator$
-- The creator of this address, made if there was none; what is known of them stays.
insert into creators (email, name, locale, made_at) values (:email, :name, :locale, :now)
on conflict (email) do update set email = excluded.email
returning id;

-- name: keep_about_creator!
update creators set name = :name, locale = :locale where id = :creator_id;

-- name: keep_password!
update creators set password_hash = :password_hash where id = :creator_id;

-- name: hold_password$
select password_hash from creators where id = :creator_id for update;

-- name: hold_members
-- The members of a store, held until the transaction ends, so that two owners can't leave at once.
select m.creator_id, c.email, m.role from members m join creators c on c.id = m.creator_id
where m.store_id = :store_id order by m.creator_id for update of m;

-- name: members_of_store
select m.creator_id, c.email, c.name, c.locale, m.role, m.made_at
from members m join creators c on c.id = m.creator_id
where m.store_id = :store_id
order by array_position(array['owner', 'editor', 'fulfiller', 'viewer'], m.role), c.email;

-- name: stores_of_creator
select s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.translations as store_translations, m.role
from members m join stores s on s.id = m.store_id
where m.creator_id = :creator_id order by s.name, s.id;

-- name: keep_member!
insert into members (store_id, creator_id, role, made_at) values (:store_id, :creator_id, :role, :now)
on conflict (store_id, creator_id) do update set role = excluded.role;

-- name: remove_member!
delete from members where store_id = :store_id and creator_id = :creator_id;

-- name: store_to_own^
-- The store of this slug, or, without one, the only store there is.
select id, name, locale from stores
where slug = :slug or (:slug = '' and (select count(*) from stores) = 1);

-- name: campaigns_in_studio
select slug, title, translations, basis, currency, goal, units, money, backers, published, opens_at, closes_at,
       late_pledges, outcome, zone
from campaigns where store_id = :store_id order by opens_at desc, id desc;
