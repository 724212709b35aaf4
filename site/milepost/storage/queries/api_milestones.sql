-- name: api_milestones
-- A campaign's milestones after a place with the whole of their rewards; what a reveal holds, and what is for the
-- entitled alone, only for whoever may edit it, or once it is open (R2).
select m.id, m.target, m.audience, m.include_crossing, m.exclude_late, m.per, m.tiers, m.cap, m.reveal, m.mystery,
       m.reached_seq, m.reached_at, m.revealed_at, m.archived_at,
       r.id as reward_id, r.kind, r.version, r.title, r.image, r.image_alt, r.text_before, r.code_kind, r.cost, r.product_id,
       case when :may_edit or m.revealed_at is not null then r.text_after end as text_after,
       case when :may_edit then r.exclusive end as exclusive,
       case when :may_edit then r.shared_code end as shared_code,
       case when :may_edit then r.translations end as translations,
       p.stock
from milestones m
join campaigns c on c.track_id = m.track_id
join rewards r on r.id = m.reward_id
left join products p on p.id = r.product_id
where c.id = :campaign_id and m.id > :after and (:archived::boolean is null or (m.archived_at is not null) = :archived)
order by m.id limit :most;

-- name: api_granted
-- What each of these milestones has granted, and how many codes of its pool nobody has.
select m.id, coalesce(g.grants, 0) as grants, coalesce(g.pieces, 0)::bigint as pieces,
       coalesce(g.waiting, 0)::bigint as waiting, coalesce(k.free, 0) as codes_free
from milestones m
left join lateral (select count(*) as grants, sum(quantity) as pieces,
                          sum(quantity) filter (where backordered) as waiting from grants
                   where milestone_id = m.id and state <> 'void') g on m.reached_seq is not null
left join lateral (select count(*) as free from reward_codes where milestone_id = m.id and beneficiary is null) k on true
where m.id = any(:milestone_ids::bigint[]);
