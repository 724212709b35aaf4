-- name: api_customers
-- A store's customers after a place; whoever was erased is nobody that an address finds.
select id, email, name, locale, news, created_at, erased_at from customers
where store_id = :store_id and id > :after and (:email::text is null or email = :email and erased_at is null)
order by id limit :most;

-- name: api_known_customer^
-- One of the store's customers, with how much they have pledged and ordered, and what they subscribe to.
select u.id, u.email, u.name, u.locale, u.news, u.created_at, u.erased_at,
       (select count(*) from campaigns c join pledges p on p.campaign_id = c.id and p.customer_id = u.id
        where c.store_id = u.store_id and p.confirmed_at is not null) as pledges,
       (select count(*) from orders o where o.customer_id = u.id and o.paid_at is not null) as orders,
       coalesce((select jsonb_agg(jsonb_build_object(
                            'id', s.id, 'product', s.product_id, 'title', s.line -> 'title', 'state', s.state,
                            'currency', s.currency, 'goods', s.goods, 'shipping', s.shipping, 'count', s.every_count,
                            'unit', s.every_unit, 'cancels', s.cancels, 'begun_at', s.begun_at,
                            'period_end', s.period_end, 'ended_at', s.ended_at) order by s.id)
                 from subscriptions s where s.customer_id = u.id and s.begun_at is not null), '[]') as subscriptions
from customers u where u.store_id = :store_id and u.id = :customer_id;

-- name: api_knows_customer$
select exists (select from customers where store_id = :store_id and id = :customer_id);

-- name: api_entries
-- A customer's account, the oldest entry first, after a place; of one unit or of all.
select e.id, e.unit, e.kind, e.ready, e.pending, e.forgiven, e.ripe_at, e.source, e.reason, e.made_at,
       e.milestone_id, e.beneficiary,
       case when m.sums in ('days', 'months') then m.target
            else m.target + coalesce((e.beneficiary - e.customer_id) / 1099511627776 * p.every, 0) end as target,
       m.fact, m.sums, p.currency
from account_entries e
left join milestones m on m.id = e.milestone_id
left join programs p on p.track_id = m.track_id
where e.customer_id = :customer_id and e.id > :after and (:unit::text is null or e.unit = :unit)
order by e.id limit :most;

-- name: api_rewards
-- What programs gave to a customer, the oldest first, after a place in that order.
select * from program_grants
where customer_id = :customer_id
  and (granted_seq, milestone_id, beneficiary) > (:seq::bigint, :milestone_id::bigint, :beneficiary::bigint)
order by granted_seq, milestone_id, beneficiary
limit :most;

-- name: api_loyalty_facts
-- What the store knows that its customers did, in the order in which it came.
select id, customer_id, kind, source, at, stands, amount, currency, points, run
from loyalty_facts
where store_id = :store_id and id > :after
  and (:customer_id::bigint is null or customer_id = :customer_id)
  and (:kind::text is null or kind = :kind)
  and (:since::timestamptz is null or at >= :since)
order by id limit :most;

-- name: api_programs
select p.* from programs p
where p.store_id = :store_id and p.id > :after and (:program_id::bigint is null or p.id = :program_id)
order by p.id limit :most;
