-- name: grants_of
select milestone_id, beneficiary, state, quantity
from grants
where milestone_id = any(:milestone_ids::bigint[]) and beneficiary = any(:beneficiaries::bigint[]);

-- name: write_grants!
-- Exactly one row for each milestone and beneficiary, in the state that the rules want (A6, A15).
insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq, quantity, state, backordered)
select milestone_id, beneficiary, customer_id, pledge_id, reward_id, :seq, quantity, state, backordered
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :customer_ids::bigint[], :pledge_ids::bigint[],
            :reward_ids::bigint[], :quantities::int[], :states::text[], :backordered::boolean[])
    as g (milestone_id, beneficiary, customer_id, pledge_id, reward_id, quantity, state, backordered)
on conflict (milestone_id, beneficiary) do update
set state = excluded.state,
    quantity = case when excluded.state = 'void' then grants.quantity else excluded.quantity end,
    pledge_id = case when excluded.pledge_id = 0 then grants.pledge_id else excluded.pledge_id end,
    backordered = case when excluded.state = 'void' then false
                       when grants.state = 'void' then excluded.backordered
                       else grants.backordered end;

-- name: flag_fulfilled!
-- A reward that was shipped and is no longer owed: kept, and shown to the creator (A8).
update grants set flagged = true
where state = 'fulfilled' and (milestone_id, beneficiary) in (
    select * from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]));

-- name: room_under_cap$
-- How many more grants a capped milestone may make (A14).
select m.cap - (select count(*) from grants g where g.milestone_id = m.id)
from milestones m where m.id = :milestone_id;

-- name: fan_out$
-- Grants for the next backers in order of their first entry; the last entry judged, or null when none
-- was left. One backer, one grant; whoever has one already is passed over (A1, A6, A15).
with next as materialized (
    select customer_id, pledge_id, first_seq, live
    from backers
    where campaign_id = :campaign_id and first_seq > :after and first_seq <= :upto
    order by first_seq
    limit :most
), made as (
    insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq, quantity, state, backordered)
    select :milestone_id, n.customer_id, n.customer_id, n.pledge_id, :reward_id, :seq, 1, :state, :finite
    from next n
    where n.live
      and not exists (select from grants g where g.milestone_id = :milestone_id and g.beneficiary = n.customer_id)
    order by n.first_seq
)
select max(first_seq) from next;

-- name: backers_after
-- The next backers in order of their first entry, with all that the rules look at in their pledges.
select b.customer_id, b.first_seq
from backers b
where b.campaign_id = :campaign_id and b.first_seq > :after
order by b.first_seq
limit :most;

-- name: take_back_stock!
-- Units that voided grants had set aside return to the shelf.
update products p
set stock = p.stock + freed.quantity
from (select r.product_id, sum(g.quantity) as quantity
      from grants g join rewards r on r.id = g.reward_id
      where (g.milestone_id, g.beneficiary) in (select * from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]))
        and g.state in ('provisional', 'owed', 'held') and not g.backordered and r.kind = 'product'
      group by r.product_id) freed
where p.id = freed.product_id and p.stock is not null;

-- name: allot_stock!
-- What is on the shelf goes to the grants that wait for it, first come first served (A14).
with shelf as (
    select p.id, p.stock from products p
    where p.id = (select r.product_id from milestones m join rewards r on r.id = m.reward_id where m.id = :milestone_id)
      and p.stock > 0
    for update
), queue as (
    select g.milestone_id, g.beneficiary, g.quantity,
           sum(g.quantity) over (order by g.granted_seq, b.first_seq, g.beneficiary) as running
    from grants g
    join backers b on b.campaign_id = :campaign_id and b.customer_id = g.customer_id
    where g.milestone_id = :milestone_id and g.backordered and g.state in ('provisional', 'owed', 'held')
), served as (
    update grants g set backordered = false
    from queue q, shelf s
    where g.milestone_id = q.milestone_id and g.beneficiary = q.beneficiary and q.running <= s.stock
    returning g.quantity
)
update products p set stock = p.stock - (select sum(quantity) from served)
from shelf where p.id = shelf.id and exists (select from served);

-- name: allot_codes!
-- One code each from the milestone's pool, in order, for the grants that wait for one (R2).
with queue as (
    select g.beneficiary, row_number() over (order by g.granted_seq, b.first_seq, g.beneficiary) as place
    from grants g
    join backers b on b.campaign_id = :campaign_id and b.customer_id = g.customer_id
    where g.milestone_id = :milestone_id and g.backordered and g.state in ('provisional', 'owed', 'held')
      and not exists (select from reward_codes had where had.milestone_id = :milestone_id and had.beneficiary = g.beneficiary)
), pool as (
    select position, row_number() over (order by position) as place
    from reward_codes
    where milestone_id = :milestone_id and beneficiary is null
), given as (
    update reward_codes c set beneficiary = q.beneficiary
    from queue q join pool p using (place)
    where c.milestone_id = :milestone_id and c.position = p.position
    returning c.beneficiary
)
update grants g set backordered = false
where g.milestone_id = :milestone_id and g.backordered
  and (g.beneficiary in (select beneficiary from given)
       or g.beneficiary in (select beneficiary from reward_codes where milestone_id = :milestone_id and beneficiary is not null));

-- name: advance_fan_out!
update milestones set granted_through = :through where id = :milestone_id;
