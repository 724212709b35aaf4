-- name: grants_of
select milestone_id, beneficiary, state, quantity, pledge_id, flagged
from grants
where milestone_id = any(:milestone_ids::bigint[]) and beneficiary = any(:beneficiaries::bigint[]);

-- name: open_secrets
-- Which of these grants are owed, revealed, and hold something for their owner alone (R2).
select g.milestone_id, g.beneficiary, g.pledge_id
from grants g
join unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]) as n (milestone_id, beneficiary) using (milestone_id, beneficiary)
join milestones m on m.id = g.milestone_id and m.revealed_at is not null
join rewards r on r.id = g.reward_id and (r.code_kind <> 'none' or r.exclusive <> '')
where g.state = 'owed' and not g.backordered;

-- name: secrets_of_milestone
-- The same for all grants of a milestone, in order, after a place.
select g.milestone_id, g.beneficiary, g.pledge_id
from grants g
join milestones m on m.id = g.milestone_id and m.revealed_at is not null
join rewards r on r.id = g.reward_id and (r.code_kind <> 'none' or r.exclusive <> '')
where g.milestone_id = :milestone_id and g.state = 'owed' and not g.backordered and g.beneficiary > :after
order by g.beneficiary limit :most;

-- name: fulfil_grants
update grants set state = 'fulfilled'
where milestone_id = :milestone_id and state = 'owed' and not backordered
  and (:pledge_ids::bigint[] is null or pledge_id = any(:pledge_ids::bigint[]))
returning beneficiary, pledge_id;

-- name: void_all_of_track!
-- A campaign that failed owes nothing (A9); what was shipped is kept.
update grants g set state = 'void', backordered = false
from milestones m
where m.id = g.milestone_id and m.track_id = :track_id and g.state in ('provisional', 'owed', 'held');

-- name: write_grants!
-- Exactly one row for each milestone and beneficiary, in the state that the rules want (A6, A15). One that
-- is owed anew, or in another quantity, waits for stock again when its reward can run out (A14). One that
-- travels with another pledge now leaves the box that was made ready for it: it is owed, in no batch.
with written as (
    select * from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :customer_ids::bigint[], :pledge_ids::bigint[],
                         :reward_ids::bigint[], :seqs::bigint[], :quantities::int[], :states::text[], :backordered::boolean[])
        as g (milestone_id, beneficiary, customer_id, pledge_id, reward_id, seq, quantity, state, backordered)
), unpacked as (
    delete from parcels x using written w
    where x.campaign_id = :campaign_id and x.milestone_id = w.milestone_id and x.beneficiary = w.beneficiary
      and x.state = 'ready' and w.pledge_id <> 0 and x.pledge_id <> w.pledge_id
    returning x.batch_id
), less as (
    update batches b set parcels = b.parcels - u.count
    from (select batch_id, count(*) as count from unpacked group by batch_id) u where b.id = u.batch_id
)
insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq, quantity, state, backordered)
select milestone_id, beneficiary, customer_id, pledge_id, reward_id, seq, quantity, state, backordered from written
on conflict (milestone_id, beneficiary) do update
set state = excluded.state,
    quantity = excluded.quantity,
    pledge_id = case when excluded.pledge_id = 0 then grants.pledge_id else excluded.pledge_id end,
    backordered = case
        when excluded.state = 'void' then false
        when grants.state = 'void' or grants.quantity <> excluded.quantity then
            exists (select from rewards r left join products p on p.id = r.product_id
                    where r.id = grants.reward_id and (r.code_kind = 'pool' or p.stock is not null))
        else grants.backordered end;

-- name: flag_fulfilled!
-- A reward that was shipped is flagged for the creator while it is not owed (A8); it is kept.
update grants g set flagged = w.flagged
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :flagged::boolean[]) as w (milestone_id, beneficiary, flagged)
where g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary and g.state = 'fulfilled';

-- name: room_under_cap$
-- How many more grants a capped milestone may make (A14).
select m.cap - (select count(*) from grants g where g.milestone_id = m.id)
from milestones m where m.id = :milestone_id;

-- name: end_of_chunk$
-- The first entry of the last of the next backers; null when none is left.
select max(first_seq) from (
    select first_seq from backers
    where campaign_id = :campaign_id and first_seq > :after and first_seq <= :upto
    order by first_seq
    limit :most
) chunk;

-- name: fan_out!
-- A grant for each live backer of a chunk; fails when one of them has it already (A1, A6).
insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq, quantity, state, backordered)
select :milestone_id, b.customer_id, b.customer_id, b.pledge_id, :reward_id, :seq, 1, :state, :finite
from backers b
where b.campaign_id = :campaign_id and b.first_seq > :after and b.first_seq <= :through and b.live;

-- name: fan_out_again!
-- The same, passing over whoever has a grant already (A15).
insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq, quantity, state, backordered)
select :milestone_id, b.customer_id, b.customer_id, b.pledge_id, :reward_id, :seq, 1, :state, :finite
from backers b
where b.campaign_id = :campaign_id and b.first_seq > :after and b.first_seq <= :through and b.live
on conflict (milestone_id, beneficiary) do nothing;

-- name: backers_after
-- The next backers in order of their first entry, with all that the rules look at in their pledges.
select b.customer_id, b.first_seq
from backers b
where b.campaign_id = :campaign_id and b.first_seq > :after
order by b.first_seq
limit :most;

-- name: take_back_stock!
-- What was set aside for grants that are void now, or owed in another quantity, returns to the shelf.
update products p
set stock = p.stock + freed.quantity
from (select r.product_id, sum(g.quantity) as quantity
      from grants g
      join unnest(:milestone_ids::bigint[], :beneficiaries::bigint[], :quantities::int[], :states::text[])
           as n (milestone_id, beneficiary, quantity, state) using (milestone_id, beneficiary)
      join rewards r on r.id = g.reward_id
      where g.state in ('provisional', 'owed', 'held') and not g.backordered and r.kind = 'product'
        and (n.state = 'void' or n.quantity <> g.quantity)
      group by r.product_id) freed
where p.id = freed.product_id and p.stock is not null;

-- name: take_back_stock_of_milestone!
-- What was set aside for the milestone's grants, save what was packed or shipped, returns to the shelf.
update products p
set stock = p.stock + freed.quantity
from (select r.product_id, sum(g.quantity) as quantity
      from grants g join rewards r on r.id = g.reward_id
      where g.milestone_id = :milestone_id
        and g.state in ('provisional', 'owed', 'held') and not g.backordered and r.kind = 'product'
        and not exists (select from packed_or_sent x where x.campaign_id = :campaign_id
                        and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary)
      group by r.product_id) freed
where p.id = freed.product_id and p.stock is not null;

-- name: allot_stock!
-- What is on the shelf goes to the grants that wait for it, first come first served (A14); each waits
-- for the product of the reward that it was made with (A12).
with queue as materialized (
    select g.beneficiary, g.quantity, r.product_id,
           sum(g.quantity) over (partition by r.product_id order by g.granted_seq, b.first_seq, g.beneficiary) as running
    from grants g
    join rewards r on r.id = g.reward_id and r.kind = 'product'
    join backers b on b.campaign_id = :campaign_id and b.customer_id = g.customer_id
    where g.milestone_id = :milestone_id and g.backordered and g.state in ('provisional', 'owed', 'held')
), shelf as materialized (
    select p.id, p.stock from products p
    where p.id in (select product_id from queue) and p.stock > 0
    order by p.id
    for update
), served as (
    update grants g set backordered = false
    from queue q join shelf s on s.id = q.product_id
    where g.milestone_id = :milestone_id and g.beneficiary = q.beneficiary and q.running <= s.stock
    returning s.id, g.quantity
)
update products p set stock = p.stock - taken.quantity
from (select id, sum(quantity) as quantity from served group by id) taken
where p.id = taken.id;

-- name: wait_no_more!
update grants g set backordered = false
from rewards r
where r.id = g.reward_id and r.product_id = :product_id and g.milestone_id = :milestone_id and g.backordered;

-- name: allot_codes!
-- One code each from the milestone's pool, in order, for the grants that wait for one (R2).
with queue as (
    select g.beneficiary, row_number() over (order by g.granted_seq, b.first_seq, g.beneficiary) as place
    from grants g
    join rewards r on r.id = g.reward_id and r.code_kind = 'pool'
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
from rewards r
where g.milestone_id = :milestone_id and g.backordered and r.id = g.reward_id and r.code_kind = 'pool'
  and (g.beneficiary in (select beneficiary from given)
       or g.beneficiary in (select beneficiary from reward_codes where milestone_id = :milestone_id and beneficiary is not null));

-- name: advance_fan_out!
update milestones set granted_through = :through where id = :milestone_id;
