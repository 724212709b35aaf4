-- name: comments_of_thread
-- The next comments on the campaign or an update, newest first: those that are shown, the reader's own that wait,
-- and the empty place of one that is gone and has answers.
select m.id, m.state, m.made_at, m.creator_id is not null as is_creators,
       case when m.state in ('shown', 'waiting') then m.name else '' end as name,
       case when m.state in ('shown', 'waiting') then m.text else '' end as text,
       m.customer_id is not null and m.customer_id = :customer_id::bigint as is_own
from comments m
where m.campaign_id = :campaign_id and m.update_id is not distinct from :update_id::bigint and m.parent_id is null
  and (:before::bigint is null or m.id < :before)
  and (m.state = 'shown' or (m.state = 'waiting' and m.customer_id = :customer_id)
       or (m.state in ('hidden', 'withdrawn', 'erased')
           and exists (select from comments a where a.parent_id = m.id and a.state = 'shown')))
order by m.id desc limit :most;

-- name: answers_of_comments
-- The answers to these, oldest first; to each at most so many, the newest of them.
select a.* from unnest(:comment_ids::bigint[]) as p (id)
cross join lateral (
    select m.id, m.parent_id, m.state, m.made_at, m.creator_id is not null as is_creators, m.name, m.text,
           m.customer_id is not null and m.customer_id = :customer_id::bigint as is_own
    from comments m
    where m.parent_id = p.id and (m.state = 'shown' or (m.state = 'waiting' and m.customer_id = :customer_id))
    order by m.id desc limit :most
) a
order by a.id;

-- name: count_comments$
select count(*) from comments
where campaign_id = :campaign_id and update_id is not distinct from :update_id::bigint and state = 'shown';

-- name: comment_to_answer^
-- A comment that is shown in this thread and begins one.
select id from comments
where campaign_id = :campaign_id and update_id is not distinct from :update_id::bigint
  and id = :comment_id and parent_id is null and state = 'shown';

-- name: comments_since$
select count(*) from comments where customer_id = :customer_id and made_at > :since;

-- name: keep_commenter^
-- The name that the form offers them the next time; each comment keeps its own.
insert into commenters (campaign_id, customer_id, name) values (:campaign_id, :customer_id, :name)
on conflict (campaign_id, customer_id) do update set name = excluded.name
returning trusted, blocked_at;

-- name: comments_setting$
select comments from campaigns where id = :campaign_id;

-- name: set_comments!
update campaigns set comments = :setting where id = :campaign_id;

-- name: add_comment$
insert into comments (campaign_id, update_id, parent_id, customer_id, creator_id, name, text, state, made_at)
values (:campaign_id, :update_id, :parent_id, :customer_id, :creator_id, :name, :text, :state, :now)
returning id;

-- name: withdraw_comment$
-- Taken back by whoever wrote it: its text is gone.
update comments set state = 'withdrawn', name = '', text = '', reason = '', reports = 0
where campaign_id = :campaign_id and id = :comment_id and customer_id = :customer_id and state in ('waiting', 'shown', 'hidden')
returning true;

-- name: shown_comment^
-- A comment that everybody may see, with the number and the audience of the update that it is on.
select m.id, m.parent_id, u.number, coalesce(u.audience, 'everybody') as audience
from comments m left join updates u on u.id = m.update_id
where m.campaign_id = :campaign_id and m.id = :comment_id and m.state = 'shown'
  and (u.id is null or u.withdrawn_at is null);

-- name: report_comment!
update comments set reports = reports + 1 where campaign_id = :campaign_id and id = :comment_id and state = 'shown';

-- name: comments_in_studio
-- The next comments for the creator: those that wait oldest first for a decision are few, so newest first here too.
select m.id, m.parent_id, m.text, m.state, m.reason, m.decided_at, m.reports, m.made_at, m.update_id,
       m.creator_id is not null as is_creators, m.customer_id, m.name,
       coalesce(k.trusted, false) as is_trusted, k.blocked_at is not null as is_blocked,
       u.number, coalesce(nullif(d.name, ''), d.email, '') as decider
from comments m
left join commenters k on k.campaign_id = m.campaign_id and k.customer_id = m.customer_id
left join updates u on u.id = m.update_id
left join creators d on d.id = m.decided_by
where m.campaign_id = :campaign_id
  and (:before::bigint is null or m.id < :before)
  and case :only when 'waiting' then m.state = 'waiting'
                 when 'reported' then m.reports > 0 and m.state = 'shown'
                 when 'hidden' then m.state = 'hidden'
                 when 'shown' then m.state = 'shown'
                 else m.state in ('waiting', 'shown', 'hidden') end
order by m.id desc limit :most;

-- name: counts_of_comments^
-- How many wait, how many were reported; the setting.
select (select count(*) from comments m where m.campaign_id = c.id and m.state = 'waiting') as waiting,
       (select count(*) from comments m where m.campaign_id = c.id and m.reports > 0 and m.state = 'shown') as reported,
       c.comments as setting
from campaigns c where c.id = :campaign_id;

-- name: lock_comment^
select id, parent_id, update_id, customer_id, creator_id, state, reason, reports from comments
where campaign_id = :campaign_id and id = :comment_id for update;

-- name: decide_on_comment!
update comments set state = :state, reason = :reason, decided_by = :creator_id, decided_at = :now, reports = 0
where id = :comment_id;

-- name: trust_commenter!
update commenters set trusted = :trusted where campaign_id = :campaign_id and customer_id = :customer_id;

-- name: block_commenter$
update commenters set blocked_at = :now, trusted = false
where campaign_id = :campaign_id and customer_id = :customer_id and blocked_at is null
returning true;

-- name: unblock_commenter$
update commenters set blocked_at = null
where campaign_id = :campaign_id and customer_id = :customer_id and blocked_at is not null
returning true;

-- name: blocked_commenters
select customer_id, name, blocked_at from commenters
where campaign_id = :campaign_id and blocked_at is not null order by blocked_at desc, customer_id limit :most;
