-- name: api_pledges^
-- The store's next pledges by their numbers: each campaign gives its next `window`, of which the first `most` that are
-- wanted are told, and how far was looked. `apart` is a state with an index of its own. A campaign's own are said as a
-- range, so that nothing but its own index has their order: by their numbers alone the whole table would be walked.
with looked as materialized (
    select n.id, n.state
    from campaigns c cross join lateral (
        select p.id, p.state from pledges p
        where (p.campaign_id, p.id) > (c.id, :after::bigint) and p.campaign_id <= c.id and p.confirmed_at is not null
          and (:apart::text is null or (p.campaign_id = c.id and p.state = :apart))
          and (:customer_id::bigint is null or (p.campaign_id = c.id and p.customer_id = :customer_id))
        order by p.campaign_id, p.id limit :window) n
    where c.store_id = :store_id and (:campaign::text is null or c.slug = :campaign)
    order by n.id limit :window
)
select coalesce((select array_agg(f.id order by f.id)
                 from (select id from looked where :state::text is null or state = :state order by id limit :most) f), '{}') as ids,
       (select count(*) from looked) as looked, (select max(id) from looked) as through;

-- name: api_pledges_since^
-- The same in the order in which they were confirmed, after a moment and a number.
with looked as materialized (
    select n.id, n.state, n.confirmed_at
    from campaigns c cross join lateral (
        select p.id, p.state, p.confirmed_at from pledges p
        where p.campaign_id = c.id and p.confirmed_at is not null and (p.confirmed_at, p.id) > (:since::timestamptz, :after::bigint)
          and (:customer_id::bigint is null or p.customer_id = :customer_id)
        order by p.confirmed_at, p.id limit :window) n
    where c.store_id = :store_id and (:campaign::text is null or c.slug = :campaign)
    order by n.confirmed_at, n.id limit :window
)
select coalesce((select array_agg(f.id order by f.confirmed_at, f.id)
                 from (select id, confirmed_at from looked where :state::text is null or state = :state
                       order by confirmed_at, id limit :most) f), '{}') as ids,
       (select count(*) from looked) as looked,
       (select id from looked order by confirmed_at desc, id desc limit 1) as through,
       (select max(confirmed_at) from looked) as through_at;

-- name: customer_id_by_address$
select id from customers where store_id = :store_id and email = :email;

-- name: api_pledges_whole
-- Pledges of the store that were confirmed once, with their backers and where they are sent.
select p.*, c.slug as campaign, c.currency, u.name as customer_name, u.email, u.erased_at,
       a.pledge_id is not null as has_address, a.name, a.line1, a.line2, a.city, a.region, a.postal_code,
       a.country as address_country, a.phone
from pledges p
join campaigns c on c.id = p.campaign_id
left join customers u on u.id = p.customer_id
left join addresses a on a.pledge_id = p.id
where p.id = any(:ids::bigint[]) and c.store_id = :store_id and p.confirmed_at is not null;

-- name: api_lines
select pledge_id, source, tier_id, title, quantity, unit_price, units
from pledge_lines where pledge_id = any(:ids::bigint[]) order by pledge_id, position;

-- name: api_answers
select w.pledge_id, w.question_id, q.prompt, w.answer
from answers w join questions q on q.id = w.question_id
where w.pledge_id = any(:ids::bigint[]) order by w.pledge_id, q.position, q.id;

-- name: api_grants_of_pledges
-- What the milestones of their campaigns have granted to these pledges, and still do.
select p.id as pledge_id, g.milestone_id, g.beneficiary
from pledges p
join campaigns c on c.id = p.campaign_id
join milestones m on m.track_id = c.track_id and m.reached_seq is not null
join grants g on g.milestone_id = m.id and g.beneficiary in (p.id, p.customer_id) and g.pledge_id = p.id and g.state <> 'void'
where p.id = any(:ids::bigint[])
order by p.id, g.milestone_id, g.beneficiary;
