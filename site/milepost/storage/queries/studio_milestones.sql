-- name: trail_in_studio
-- A track's milestones as its creators see them, lowest target first. What only the entitled may read
-- is no part of it.
select m.id, m.target, m.audience, m.include_crossing, m.exclude_late, m.per, m.tiers, m.cap, m.reveal, m.mystery,
       m.reached_seq, m.reached_at, m.revealed_at, m.archived_at, m.granted_through,
       r.kind, r.title, r.image, r.image_alt, r.text_before, r.code_kind, r.cost, r.product_id, r.translations,
       p.title as product_title, p.stock
from milestones m
join rewards r on r.id = m.reward_id
left join products p on p.id = r.product_id
where m.track_id = :track_id
order by m.archived_at is not null, m.target, m.id;

-- name: milestone_in_studio^
-- One milestone of the campaign with the whole of its reward; what a reveal holds, and what is for the entitled
-- alone, only for whoever may edit it, or once it is open (R2).
select m.id, m.target, m.audience, m.include_crossing, m.exclude_late, m.per, m.tiers, m.cap, m.reveal, m.mystery,
       m.reached_seq, m.reached_at, m.revealed_at, m.archived_at, m.granted_through, m.reward_id,
       r.kind, r.version, r.title, r.image, r.image_alt, r.text_before, r.code_kind, r.cost, r.product_id,
       case when :may_edit or m.revealed_at is not null then r.text_after else '' end as text_after,
       case when :may_edit then r.exclusive else '' end as exclusive,
       case when :may_edit then r.shared_code else '' end as shared_code,
       case when :may_edit then r.translations else '{}' end as translations,
       p.title as product_title, p.stock
from milestones m
join campaigns c on c.track_id = m.track_id
join rewards r on r.id = m.reward_id
left join products p on p.id = r.product_id
where m.id = :milestone_id and c.id = :campaign_id;

-- name: grants_in_brief
-- How many grants a milestone has in each state, of how many pieces, and how many wait for stock or a code.
select state, count(*) as grants, sum(quantity)::bigint as pieces, count(*) filter (where backordered) as waiting,
       coalesce(sum(quantity) filter (where backordered), 0)::bigint as waiting_pieces,
       count(*) filter (where flagged) as flagged
from grants where milestone_id = :milestone_id group by state;

-- name: pool_in_brief^
select count(*) as codes, count(*) filter (where beneficiary is null) as free from reward_codes where milestone_id = :milestone_id;

-- name: next_code$
select code from reward_codes where milestone_id = :milestone_id and beneficiary is null order by position limit 1;

-- name: example_seqs^
-- The latest first entry of a live backer after that place, and of one until it: two for whom a preview can speak.
select (select max(first_seq) from backers where campaign_id = :campaign_id and live and first_seq > :after) as entitled,
       (select max(first_seq) from backers where campaign_id = :campaign_id and live and first_seq <= :after) as others;

-- name: tiers_to_qualify
select id, title, kind, translations from tiers where campaign_id = :campaign_id order by kind desc, position, id;

-- name: languages_of_store$
select locale from stores where id = :store_id;
