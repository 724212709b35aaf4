-- name: last_promise^
-- The end of a campaign's chain, with the slug under which the chain began.
select p.number, p.hash, f.statement ->> 'slug' as slug
from promises p join promises f on f.campaign_id = p.campaign_id and f.number = 1
where p.campaign_id = :campaign_id
order by p.number desc
limit 1;

-- name: add_promise!
insert into promises (campaign_id, number, made_at, made_by, kind, subject, statement, hash)
values (:campaign_id, :number, :made_at, :made_by, :kind, :subject, :statement, :hash);

-- name: promises_of_campaign
-- The whole chain, as anybody may read it: who made a change is the store's own affair.
select number, made_at, kind, subject, statement, hash
from promises where campaign_id = :campaign_id order by number;

-- name: campaign_as_promised^
-- What a campaign promises, as it stands.
select id, track_id, slug, basis, currency, funding_model, goal, zone, opens_at, closes_at, closed_at, outcome,
       published, seq
from campaigns where id = :campaign_id;

-- name: milestones_as_promised
-- Each milestone on the trail with its reward: the whole of it, which only a seal may leave (R2).
select m.id, m.target, m.audience, m.include_crossing, m.exclude_late, m.per, m.tiers, m.cap, m.reveal, m.mystery,
       m.revealed_at, r.version, r.kind, r.product_id, r.title, r.image, r.image_alt, r.text_before, r.text_after,
       r.exclusive, r.code_kind, r.shared_code, r.translations, r.salt, r.own_salt
from milestones m join rewards r on r.id = m.reward_id
where m.track_id = :track_id and m.archived_at is null
order by m.id;

-- name: rewards_as_promised
-- Every version of every reward of a track, archived milestones' too.
select m.id, m.mystery, m.revealed_at, r.version, r.kind, r.product_id, r.title, r.image, r.image_alt, r.text_before,
       r.text_after, r.exclusive, r.code_kind, r.shared_code, r.translations, r.salt, r.own_salt
from milestones m join rewards r on r.milestone_id = m.id
where m.track_id = :track_id
order by m.id, r.version;

-- name: campaigns_without_promises
select id from campaigns where published and not exists (select from promises where campaign_id = campaigns.id)
order by id;

-- name: has_pledges$
-- Whether anybody has pledged, or is just about to: what they were told binds from then on.
select exists (select from pledges where campaign_id = :campaign_id and state <> 'expired');

-- name: move_deadline!
update campaigns set closes_at = :closes_at where id = :campaign_id and closed_at is null;

-- name: change_audience!
update milestones
set audience = :audience, include_crossing = :include_crossing, exclude_late = :exclude_late, per = :per,
    tiers = :tiers, cap = :cap
where id = :milestone_id and reached_seq is null;

-- name: move_goal!
update campaigns set goal = :goal where id = :campaign_id and closed_at is null;
