-- name: past_orders
select id from orders where store_id = :store_id and id > :after and paid_at is not null and customer_id is not null
order by id limit :most;

-- name: past_pledges
select p.id from pledges p join campaigns c on c.id = p.campaign_id
where c.store_id = :store_id and p.id > :after and p.state = 'charged'
order by p.id limit :most;

-- name: past_reviews
select r.id, r.customer_id, coalesce(r.decided_at, r.made_at) as at
from reviews r join listings l on l.id = r.listing_id
where l.store_id = :store_id and r.state = 'shown'
order by r.id;

-- name: past_ends
select id from subscriptions where store_id = :store_id and ended_at is not null order by id;
