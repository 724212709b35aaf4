-- name: milestones_of_track
-- A track's milestones with what the rules look at, lowest target first; when asked, also those that were
-- archived after their reach, whose grants stand (A13).
select m.id, m.target, m.audience, m.include_crossing, m.exclude_late, m.per, m.tiers, m.cap,
       m.since_seq, m.reached_seq, m.granted_through, m.reveal, m.reward_id,
       r.kind as reward_kind, r.code_kind,
       (r.code_kind = 'pool' or p.stock is not null) as finite, m.archived_at is not null as is_archived,
       exists (select from rewards v left join products vp on vp.id = v.product_id
               where v.milestone_id = m.id and (v.code_kind = 'pool' or vp.stock is not null)) as is_rationed
from milestones m
join rewards r on r.id = m.reward_id
left join products p on p.id = r.product_id
where m.track_id = :track_id and (m.archived_at is null or (:archived_too and m.reached_seq is not null))
order by m.target, m.id;

-- name: write_reaches!
-- Each reach once, by the entry that made it (C4, C5).
update milestones m
set reached_seq = r.reached_seq, granted_through = r.granted_through, reached_at = :now::timestamptz,
    revealed_at = case when m.reveal = 'automatic' then :now::timestamptz end
from unnest(:ids::bigint[], :reached_seqs::bigint[], :granted_through::bigint[]) as r (id, reached_seq, granted_through)
where m.id = r.id and m.reached_seq is null;

-- name: campaign_of_milestone$
select c.id from campaigns c join milestones m on m.track_id = c.track_id where m.id = :milestone_id;

-- name: lock_milestone^
select m.*, r.kind as reward_kind, r.version as reward_version, r.title
from milestones m join rewards r on r.id = m.reward_id
where m.id = :milestone_id
for update of m;

-- name: add_milestone$
insert into milestones (track_id, target, audience, include_crossing, exclude_late, per, tiers, cap, reveal, mystery, since_seq)
values (:track_id, :target, :audience, :include_crossing, :exclude_late, :per, :tiers, :cap, :reveal, :mystery, :since_seq)
returning id;

-- name: add_reward$
insert into rewards (milestone_id, version, kind, product_id, title, image, image_alt, text_before, text_after,
                     exclusive, code_kind, shared_code, cost, translations)
values (:milestone_id, (select coalesce(max(version), 0) + 1 from rewards where milestone_id = :milestone_id),
        :kind, :product_id, :title, :image, :image_alt, :text_before, :text_after,
        :exclusive, :code_kind, :shared_code, :cost, :translations)
returning id;

-- name: reward_by_id^
select * from rewards where id = :reward_id;

-- name: price_reward!
update rewards set cost = :cost where id = :reward_id;

-- name: change_opening!
update milestones set reveal = :reveal, mystery = :mystery where id = :milestone_id and reached_seq is null;

-- name: codes_known
select code from reward_codes where milestone_id = :milestone_id and code = any(:codes::text[]) order by position;

-- name: use_reward!
update milestones set reward_id = :reward_id where id = :milestone_id;

-- name: apply_reward_to_granted!
-- Those already granted get the new version too, save what was packed or shipped (A12); they wait for it
-- anew when it can run out.
update grants g
set reward_id = :reward_id,
    backordered = g.state <> 'void' and (select r.code_kind = 'pool' or p.stock is not null
                                         from rewards r left join products p on p.id = r.product_id
                                         where r.id = :reward_id)
where g.milestone_id = :milestone_id and g.state <> 'fulfilled'
  and not exists (select from packed_or_sent x where x.campaign_id = :campaign_id
                  and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary);

-- name: move_target!
update milestones set target = :target, since_seq = :since_seq where id = :milestone_id and reached_seq is null;

-- name: reveal_milestone!
update milestones set revealed_at = :now where id = :milestone_id and revealed_at is null and reached_seq is not null;

-- name: archive_milestone!
update milestones set archived_at = :now where id = :milestone_id and archived_at is null;

-- name: note_change!
insert into milestone_changes (milestone_id, made_at, made_by, what, before, after, seq)
select id, :now, :made_by, :what, :before, :after, (select c.seq from campaigns c where c.track_id = m.track_id)
from milestones m where id = :milestone_id;

-- name: changes_of_milestone
select made_at, made_by, what, before, after from milestone_changes where milestone_id = :milestone_id order by id;

-- name: add_codes!
insert into reward_codes (milestone_id, position, code)
select :milestone_id, coalesce((select max(position) from reward_codes where milestone_id = :milestone_id), 0) + ordinality, code
from unnest(:codes::text[]) with ordinality as c (code, ordinality);

-- name: unfinished_fan_outs
select id from milestones where granted_through < 9223372036854775807 and archived_at is null order by id;

-- name: revealed_milestones
select id from milestones where revealed_at is not null order by id;
