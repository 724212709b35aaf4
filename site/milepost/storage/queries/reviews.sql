-- name: reviewer^
-- Who reads a listing's reviews, by their visit's address: whether they have bought it, and what they wrote of it.
select c.id as customer_id, c.name as customer_name,
       (select max(o.id) from orders o
        where o.customer_id = c.id and o.state = 'paid'
          and o.lines @> jsonb_build_array(jsonb_build_object('listing', :listing_id::bigint))) as order_id,
       r.id as review_id, r.stars, r.text, r.name, r.state
from customers c
left join reviews r on r.listing_id = :listing_id and r.customer_id = c.id
where c.store_id = :store_id and c.email = :email and c.erased_at is null;

-- name: reviews_of_listing
-- What is shown of a listing's reviews, newest first; by key, never by count.
select id, stars, text, name, made_at from reviews
where listing_id = :listing_id and state = 'shown' and (:before::bigint is null or id < :before)
order by id desc
limit :most;

-- name: hold_review_of_customer^
select id, stars, state from reviews where listing_id = :listing_id and customer_id = :customer_id for update;

-- name: keep_review!
-- One of a customer and listing; a changed one waits again.
insert into reviews (listing_id, customer_id, order_id, stars, text, name, made_at)
values (:listing_id, :customer_id, :order_id, :stars, :text, :name, :now)
on conflict (listing_id, customer_id) do update
set order_id = excluded.order_id, stars = excluded.stars, text = excluded.text, name = excluded.name,
    made_at = excluded.made_at, state = 'waiting', decided_at = null;

-- name: count_stars!
update listings set stars = stars + :stars, reviews = reviews + :reviews where id = :listing_id;

-- name: reviews_in_studio
-- The store's reviews in a state, newest first; by key, never by count.
select r.id, r.stars, r.text, r.name, r.state, r.made_at, r.decided_at, l.id as listing_id, l.slug, l.title,
       l.translations, l.published
from reviews r join listings l on l.id = r.listing_id
where l.store_id = :store_id and r.state = :state and (:before::bigint is null or r.id < :before)
order by r.id desc
limit :most;

-- name: count_waiting_reviews$
select count(*) from reviews r join listings l on l.id = r.listing_id
where r.state = 'waiting' and l.store_id = :store_id;

-- name: listing_of_review$
select r.listing_id from reviews r join listings l on l.id = r.listing_id
where r.id = :review_id and l.store_id = :store_id;

-- name: hold_review^
select id, listing_id, customer_id, stars, state from reviews where id = :review_id for update;

-- name: decide_review!
update reviews set state = :state, decided_at = :now where id = :review_id;
