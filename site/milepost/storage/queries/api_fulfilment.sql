-- name: api_grants
-- A store's grants after a place, of campaigns and of programs; those of some `beneficiaries` by their keys.
with chosen as materialized (
    select g.*
    from (select m.id from milestones m join tracks t on t.id = m.track_id left join campaigns c on c.track_id = t.id
          where t.store_id = :store_id and m.id >= :after_milestone and (:milestone_id::bigint is null or m.id = :milestone_id)
            and (:campaign::text is null or c.slug = :campaign)) m
    cross join lateral (
        select n.milestone_id, n.beneficiary from grants n
        where n.milestone_id = m.id and n.beneficiary > case when m.id = :after_milestone then :after_beneficiary::bigint else 0 end
          and (:state::text is null or n.state = :state)
          and (:backordered::boolean is null or n.backordered = :backordered)
          and (:beneficiaries::bigint[] is null or n.beneficiary = any(:beneficiaries))
          and (:pledge_id::bigint is null or n.pledge_id = :pledge_id)
          and (:customer_id::bigint is null or n.customer_id = :customer_id)
        order by n.beneficiary limit :most) g
    order by g.milestone_id, g.beneficiary limit :most
)
select t.* from chosen n cross join lateral (select * from grants_told t where t.milestone_id = n.milestone_id
                                         and t.beneficiary = n.beneficiary limit 1) t
order by n.milestone_id, n.beneficiary;

-- name: api_grant^
select * from grants_told where store_id = :store_id and milestone_id = :milestone_id and beneficiary = :beneficiary;

-- name: beneficiaries_of_pledge$
-- As whom a pledge may have grants: as itself, and as its backer.
select array[p.id, coalesce(p.customer_id, 0)] from pledges p join campaigns c on c.id = p.campaign_id
where c.store_id = :store_id and p.id = :pledge_id;

-- name: beneficiaries_of_customer$
-- As whom a customer may have grants: as themselves, and as each of their pledges.
select u.id || array(select p.id from pledges p join campaigns c on c.id = p.campaign_id and c.store_id = u.store_id
                     where p.customer_id = u.id)
from customers u where u.store_id = :store_id and u.id = :customer_id;

-- name: api_fulfilments
-- A store's parcels after a place, ready or shipped.
with chosen as materialized (
    select x.campaign_id, x.milestone_id, x.beneficiary
    from (select id from campaigns where store_id = :store_id and id >= :after_campaign
                                     and (:campaign::text is null or slug = :campaign)) c
    cross join lateral (
        select v.campaign_id, v.milestone_id, v.beneficiary from parcels v
        where v.campaign_id = c.id and (:state::text is null or v.state = :state)
          and (c.id > :after_campaign or (v.milestone_id, v.beneficiary) > (:after_milestone, :after_beneficiary))
          and (:batch_id::bigint is null or v.batch_id = :batch_id)
          and (:shipped_since::timestamptz is null or (v.state = 'shipped' and v.shipped_at >= :shipped_since))
        order by v.milestone_id, v.beneficiary limit :most) x
    order by 1, 2, 3 limit :most
)
select n.campaign_id, n.milestone_id, n.beneficiary, c.slug as campaign, v.pledge_id, v.state, v.carrier, v.tracking, v.shipped_at,
       v.batch_id, v.box, v.hindrance, p.customer_id, a.told as address, w.told as answers,
       case when n.milestone_id = 0 then
           coalesce((select jsonb_agg(jsonb_build_object('title', l.title, 'quantity', l.quantity) order by l.position)
                     from goods_lines l where l.pledge_id = n.beneficiary and l.quantity > 0), '[]')
       else
           coalesce((select jsonb_build_array(jsonb_build_object('title', coalesce(s.title, r.title), 'quantity', g.quantity))
                     from grants g join rewards r on r.id = g.reward_id left join products s on s.id = r.product_id
                     where g.milestone_id = n.milestone_id and g.beneficiary = n.beneficiary), '[]')
       end as contents
from chosen n
join campaigns c on c.id = n.campaign_id
cross join lateral (select * from parcels_and_why w where w.campaign_id = n.campaign_id and w.milestone_id = n.milestone_id
                    and w.beneficiary = n.beneficiary limit 1) v
join pledges p on p.id = v.pledge_id
left join addresses_told a on a.pledge_id = v.pledge_id
cross join lateral (select answers_told(v.pledge_id, n.milestone_id) as told) w
order by 1, 2, 3;

-- name: api_batches
select b.id, c.slug as campaign, b.name, b.contents, b.boxes, b.parcels, b.sent, b.picks, b.made_at
from batches b join campaigns c on c.id = b.campaign_id
where c.store_id = :store_id and b.id > :after and (:campaign::text is null or c.slug = :campaign)
  and (:batch_id::bigint is null or b.id = :batch_id)
order by b.id limit :most;

-- name: grant_to_explain^
-- The meter that a grant was judged by, and its backer's first entry; none for a program's.
select c.id as campaign_id, c.track_id, c.basis, c.currency, c.funding_model, c.review_limit, c.outcome, c.seq, c.units, c.money,
       c.backers, g.customer_id, b.first_seq, r.title, m.target, m.reached_seq
from grants g join milestones m on m.id = g.milestone_id join campaigns c on c.track_id = m.track_id
join rewards r on r.id = g.reward_id
left join backers b on b.campaign_id = c.id and b.customer_id = g.customer_id
where c.store_id = :store_id and g.milestone_id = :milestone_id and g.beneficiary = :beneficiary;
