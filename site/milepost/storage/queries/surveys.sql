-- name: campaign_to_ask^
select id, track_id, title, zone, locks_at from campaigns where slug = :slug;

-- name: lock_campaign_to_ask^
select id, track_id, title, zone, locks_at from campaigns where id = :campaign_id for no key update;

-- name: tiers_not_of$
-- Those of the ids that are no tier or add-on of the campaign.
select coalesce(array_agg(x), '{}') from unnest(:tier_ids::bigint[]) x
where not exists (select from tiers t where t.id = x and t.campaign_id = :campaign_id);

-- name: milestones_not_of$
select coalesce(array_agg(x), '{}') from unnest(:milestone_ids::bigint[]) x
where not exists (select from milestones m where m.id = x and m.track_id = :track_id and m.archived_at is null);

-- name: add_question$
insert into questions (campaign_id, position, prompt, kind, options, required, tiers, milestone_id, translations, asked_at)
values (:campaign_id, (select count(*) from questions where campaign_id = :campaign_id), :prompt, :kind, :options,
        :required, :tiers, :milestone_id, :translations, :now)
returning id;

-- name: questions_for_pledge
-- What concerns this pledge, with what was answered: by its tiers and add-ons, or by a reward that it has.
select q.id, q.prompt, q.kind, q.options, q.required, q.translations, w.answer
from questions q
join pledges p on p.id = :pledge_id and p.campaign_id = q.campaign_id
left join answers w on w.question_id = q.id and w.pledge_id = p.id
where (q.tiers = '{}' or q.tiers && array(select l.tier_id from pledge_lines l
                                          where l.pledge_id = p.id and l.tier_id is not null))
  and (q.milestone_id is null or exists (
       select from milestones m join grants g on g.milestone_id = m.id
       where m.id = q.milestone_id and m.revealed_at is not null and g.state in ('provisional', 'owed', 'held')
         and g.beneficiary = case when m.per = 'backer' then p.customer_id else p.id end))
order by q.position, q.id;

-- name: may_answer$
-- Whether the pledge stands and nothing is locked (B9).
select exists (select from pledges p join campaigns c on c.id = p.campaign_id
               where p.id = :pledge_id and p.state in ('confirmed', 'past_due', 'charged', 'disputed')
                 and (c.locks_at is null or c.locks_at > :now));

-- name: keep_answers!
insert into answers (question_id, pledge_id, answer, answered_at)
select question_id, :pledge_id, answer, :now
from unnest(:question_ids::bigint[], :answers::text[]) as n (question_id, answer)
on conflict (question_id, pledge_id) do update set answer = excluded.answer, answered_at = excluded.answered_at
where answers.answer <> excluded.answer;

-- name: take_answers_back!
delete from answers where pledge_id = :pledge_id and question_id = any(:question_ids::bigint[]);

-- name: concerned_pledges
-- Live pledges of the campaign with something to answer or to be sent: since when it has been `asked`, what
-- is `open`. An address counts as asked for when the campaign has asked anything.
select p.id,
       case when z.asked_at is not null then greatest(coalesce(n.asked_at, z.asked_at), p.confirmed_at) end as asked_at,
       coalesce(n.open, false) as unanswered, s.ships and d.pledge_id is null as homeless
from pledges p
left join addresses d on d.pledge_id = p.id
cross join lateral (select exists (select from pledge_lines l join tiers t on t.id = l.tier_id and t.ships
                                   where l.pledge_id = p.id) as ships) s
cross join (select max(asked_at) as asked_at from questions where campaign_id = :campaign_id) z
left join lateral (
    select max(q.asked_at) as asked_at, bool_or(w.question_id is null and q.required) as open
    from questions q left join answers w on w.question_id = q.id and w.pledge_id = p.id
    where q.campaign_id = p.campaign_id
      and (:question_ids::bigint[] is null or q.id = any(:question_ids))
      and (q.tiers = '{}' or q.tiers && array(select l.tier_id from pledge_lines l
                                              where l.pledge_id = p.id and l.tier_id is not null))
      and (q.milestone_id is null or exists (
           select from milestones m join grants g on g.milestone_id = m.id
           where m.id = q.milestone_id and m.revealed_at is not null and g.state in ('provisional', 'owed', 'held')
             and g.beneficiary = case when m.per = 'backer' then p.customer_id else p.id end))
) n on true
where p.campaign_id = :campaign_id and p.id > :after and p.state in ('confirmed', 'past_due', 'charged')
  and (n.asked_at is not null or (:question_ids::bigint[] is null and s.ships))
order by p.id
limit :most;

-- name: campaigns_to_remind
-- Where answers or addresses may still be given, and are asked for.
select c.id, c.locks_at from campaigns c
where (c.locks_at is null or c.locks_at > :now) and c.outcome is distinct from 'failed'
  and (c.locks_at is not null or exists (select from questions q where q.campaign_id = c.id))
order by c.id;

-- name: announce_lock!
update campaigns set locks_at = :locks_at where id = :campaign_id;

-- name: hold_question^
-- One question of the campaign with what was answered to it, held until the transaction ends.
select q.id, q.prompt, q.kind, q.options, q.required, q.translations,
       array(select distinct w.answer from answers w where w.question_id = q.id and q.kind = 'choice') as answered
from questions q where q.campaign_id = :campaign_id and q.id = :question_id for update;

-- name: change_question!
update questions set prompt = :prompt, options = :options, required = :required, translations = :translations
where id = :question_id;

-- name: lock_of_campaign^
select locks_at, zone from campaigns where id = :campaign_id;
