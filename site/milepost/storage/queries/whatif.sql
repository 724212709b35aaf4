-- name: meter_of_campaign^
-- Where a campaign stands, and what its last days brought: all that a what-if asks of it.
select c.id, c.track_id, c.store_id, c.basis, c.currency, c.goal, c.funding_model, c.zone, c.published, c.opens_at,
       c.closes_at, c.closed_at, c.late_pledges, c.outcome, c.review_limit, c.seq, c.units, c.money, c.backers, c.version,
       coalesce(case when c.basis = 'units' then e.units else e.money end, 0)::bigint as gained
from campaigns c
cross join lateral (select sum(units) as units, sum(money) as money from entries
                    where campaign_id = c.id and made_at > greatest(c.opens_at, :since::timestamptz)) e
where c.id = :campaign_id;

-- name: entitled_plainly^
-- Every live backer is owed one: what the books keep anyway says how many (A1, A2, A6).
select c.backers as everybody,
       case when :after::bigint = 0 then c.backers
            else (select count(*) from backers b
                  where b.campaign_id = c.id and b.first_seq > :after::bigint and b.live) end as grants
from campaigns c where c.id = :campaign_id;

-- name: entitled_backers^
-- One for each backer who has a live pledge that qualifies (A1–A3, A6, A7).
select count(*) as everybody, count(*) filter (where b.first_seq > :after::bigint) as grants
from backers b
where b.campaign_id = :campaign_id and b.live and b.customer_id in (
    select p.customer_id from pledges p
    where p.campaign_id = :campaign_id and p.state in ('confirmed', 'charged', 'past_due') and not p.held
      and not (:exclude_late::boolean and p.late)
      and (:tiers::bigint[] = '{}' or case when p.refund_parts = '{}' then p.tiers && :tiers::bigint[]
           else exists (select from unnest(p.tiers) as t (id) where t.id = any(:tiers::bigint[]) and t.id not in (
                select back::bigint
                from jsonb_each(p.refund_parts) as part (ref, said), jsonb_array_elements_text(part.said -> 'tiers') as back
                where coalesce((p.refunds ->> part.ref)::bigint, 0) <> 0)) end));

-- name: entitled_pledges^
-- One for each live pledge that qualifies, or one for each piece that it keeps (A6, A7).
select count(*) as everybody, coalesce(sum(k.pieces), 0)::bigint as all_pieces,
       count(*) filter (where b.first_seq > :after::bigint) as grants,
       coalesce(sum(k.pieces) filter (where b.first_seq > :after::bigint), 0)::bigint as pieces
from pledges p
join backers b on b.campaign_id = p.campaign_id and b.customer_id = p.customer_id
cross join lateral (
    select case when not :by_unit::boolean then 1
                when p.refund_parts = '{}' then p.units
                else greatest(0, p.units - (select coalesce(sum((part.said ->> 'units')::bigint), 0)
                                            from jsonb_each(p.refund_parts) as part (ref, said)
                                            where coalesce((p.refunds ->> part.ref)::bigint, 0) <> 0)) end as pieces) k
where p.campaign_id = :campaign_id and p.state in ('confirmed', 'charged', 'past_due') and not p.held
  and not (:exclude_late::boolean and p.late) and k.pieces > 0
  and (:tiers::bigint[] = '{}' or case when p.refund_parts = '{}' then p.tiers && :tiers::bigint[]
       else exists (select from unnest(p.tiers) as t (id) where t.id = any(:tiers::bigint[]) and t.id not in (
            select back::bigint
            from jsonb_each(p.refund_parts) as part (ref, said), jsonb_array_elements_text(part.said -> 'tiers') as back
            where coalesce((p.refunds ->> part.ref)::bigint, 0) <> 0)) end);

-- name: pieces_under_cap$
-- What the first so many of those pledges come to, in the order in which the granting goes (A14).
select coalesce(sum(pieces), 0)::bigint from (
    select k.pieces
    from pledges p
    join backers b on b.campaign_id = p.campaign_id and b.customer_id = p.customer_id and b.first_seq > :after::bigint
    cross join lateral (
        select case when p.refund_parts = '{}' then p.units
                    else greatest(0, p.units - (select coalesce(sum((part.said ->> 'units')::bigint), 0)
                                                from jsonb_each(p.refund_parts) as part (ref, said)
                                                where coalesce((p.refunds ->> part.ref)::bigint, 0) <> 0)) end as pieces) k
    where p.campaign_id = :campaign_id and p.state in ('confirmed', 'charged', 'past_due') and not p.held
      and not (:exclude_late::boolean and p.late) and k.pieces > 0
      and (:tiers::bigint[] = '{}' or case when p.refund_parts = '{}' then p.tiers && :tiers::bigint[]
           else exists (select from unnest(p.tiers) as t (id) where t.id = any(:tiers::bigint[]) and t.id not in (
                select back::bigint
                from jsonb_each(p.refund_parts) as part (ref, said), jsonb_array_elements_text(part.said -> 'tiers') as back
                where coalesce((p.refunds ->> part.ref)::bigint, 0) <> 0)) end)
    order by b.first_seq, p.id
    limit :cap::bigint
) first_ones;

-- name: grants_to_reissue^
-- Those who would take another version of the reward over, and what returns to the shelf or stays with them.
select count(*) filter (where not g.stays) as grants,
       coalesce(sum(g.quantity) filter (where not g.stays), 0)::bigint as pieces,
       count(*) filter (where g.stays) as kept,
       coalesce(sum(g.quantity) filter (where not g.stays and not g.backordered
                                          and r.product_id = :product_id::bigint), 0)::bigint as returned
from (select g.*, g.state = 'fulfilled'
             or exists (select from packed_or_sent x where x.campaign_id = :campaign_id
                        and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary) as stays
      from grants g where g.milestone_id = :milestone_id and g.state <> 'void') g
join rewards r on r.id = g.reward_id;

-- name: codes_held_by_grants$
-- How many of the milestone's live grants, save those packed, have a code of its pool already.
select count(*) from reward_codes c join grants g on g.milestone_id = c.milestone_id and g.beneficiary = c.beneficiary
where c.milestone_id = :milestone_id and g.state in ('provisional', 'owed', 'held')
  and not exists (select from packed_or_sent x where x.campaign_id = :campaign_id
                  and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary);

-- name: codes_free$
select count(*) from reward_codes where milestone_id = :milestone_id and beneficiary is null;

-- name: stock_of_product^
select stock from products where id = :product_id and store_id = :store_id;
