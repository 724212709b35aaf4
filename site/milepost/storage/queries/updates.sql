-- name: add_update^
-- A draft; the form that it was typed in makes one, however often it is sent.
insert into updates (key, campaign_id, title, text, audience, translations, milestone_id, made_by, made_at, saved_by, saved_at)
values (:key, :campaign_id, :title, :text, :audience, :translations,
        (select m.id from milestones m join campaigns c on c.track_id = m.track_id
         where m.id = :milestone_id and c.id = :campaign_id and m.reached_seq is not null),
        :creator_id, :now, :creator_id, :now)
on conflict (campaign_id, key) do nothing
returning id, revision;

-- name: update_of_key^
select id, revision from updates where campaign_id = :campaign_id and key = :key;

-- name: update_for_studio^
-- One update of the campaign, with whoever saved it last, and how many mails of it there are.
select u.*, coalesce(nullif(c.name, ''), c.email) as saver, s.locale as store_locale,
       n.waiting, n.sent, n.failed
from updates u
join creators c on c.id = u.saved_by
join campaigns k on k.id = u.campaign_id
join stores s on s.id = k.store_id
cross join lateral (
    select count(*) filter (where m.state in ('waiting', 'sending')) as waiting,
           count(*) filter (where m.state = 'sent') as sent,
           count(*) filter (where m.state in ('failed', 'skipped')) as failed
    from mails m where m.update_id = u.id
) n
where u.campaign_id = :campaign_id and u.id = :update_id;

-- name: lock_update^
select u.*, (select c.published from campaigns c where c.id = u.campaign_id) as is_open
from updates u where u.campaign_id = :campaign_id and u.id = :update_id for update;

-- name: save_update!
update updates
set title = :title, text = :text, audience = :audience, translations = :translations,
    revision = revision + 1, saved_by = :creator_id, saved_at = :now
where id = :update_id;

-- name: edited_update!
update updates set edited_at = :now where id = :update_id;

-- name: number_update$
-- Published from here on, under the next number; the campaign is locked.
update updates
set number = (select coalesce(max(number), 0) + 1 from updates where campaign_id = :campaign_id), published_at = :now
where id = :update_id and campaign_id = :campaign_id and published_at is null
returning number;

-- name: withdraw_update!
update updates set withdrawn_at = :now where id = :update_id and withdrawn_at is null;

-- name: discard_update!
delete from updates where id = :update_id and published_at is null;

-- name: drafts_of_campaign
select u.id, u.title, u.audience, u.saved_at, coalesce(nullif(c.name, ''), c.email) as saver
from updates u join creators c on c.id = u.saved_by
where u.campaign_id = :campaign_id and u.published_at is null
order by u.saved_at desc, u.id desc limit :most;

-- name: published_in_studio
-- The next published updates, newest first, those that were withdrawn among them.
select id, number, title, audience, published_at, edited_at, withdrawn_at
from updates
where campaign_id = :campaign_id and number is not null and (:before::int is null or number < :before)
order by number desc limit :most;

-- name: count_readers$
-- How many backers an update is mailed to: live ones who want news, each once.
select count(*) from backers b
join customers c on c.id = b.customer_id and c.news and c.erased_at is null
where b.campaign_id = :campaign_id and b.live;

-- name: untold_milestones
-- Reached milestones about which no update was drafted; the title of a mystery only once it is open (R3).
select m.id, m.target, m.revealed_at is not null as is_open,
       case when m.revealed_at is not null or not m.mystery then r.title else '' end as title,
       r.translations
from milestones m join rewards r on r.id = m.reward_id
where m.track_id = :track_id and m.reached_seq is not null and m.archived_at is null
  and not exists (select from updates u where u.milestone_id = m.id and u.withdrawn_at is null)
order by m.reached_seq desc, m.target desc limit 5;

-- name: milestone_to_tell^
-- What may be told of a reached milestone; what a reveal holds leaves this query only once it is open (R2, R3).
select m.id, m.target, m.audience, m.revealed_at is not null as is_open, r.kind,
       case when m.revealed_at is not null or not m.mystery then r.title else '' end as title,
       case when m.revealed_at is not null then r.text_after else '' end as text_after,
       case when m.revealed_at is not null then r.image else '' end as image,
       case when m.revealed_at is not null then r.image_alt else '' end as image_alt,
       case when m.revealed_at is not null then r.translations else '{}' end as translations,
       c.basis, c.currency, c.title as campaign_title, c.translations as campaign_translations,
       s.locale as store_locale
from milestones m
join rewards r on r.id = m.reward_id
join campaigns c on c.track_id = m.track_id
join stores s on s.id = c.store_id
where c.id = :campaign_id and m.id = :milestone_id and m.reached_seq is not null;

-- name: locale_of_campaign$
-- The language in which its store writes first.
select s.locale from campaigns c join stores s on s.id = c.store_id where c.id = :campaign_id;

-- name: talk_of_campaign^
-- What the campaign's page says of its updates and questions, all of it in one look; no update's text is among it.
select (select count(*) from updates where campaign_id = :campaign_id and published_at is not null and withdrawn_at is null) as updates,
       (select coalesce(jsonb_agg(to_jsonb(l) order by l.number desc), '[]') from (
            select u.number, u.title, u.audience, u.published_at,
                   (select coalesce(jsonb_object_agg(t.key, jsonb_build_object('title', t.value ->> 'title')), '{}')
                    from jsonb_each(u.translations) t) as translations
            from updates u
            where u.campaign_id = :campaign_id and u.published_at is not null and u.withdrawn_at is null
            order by u.number desc limit 3) l) as latest,
       (select coalesce(jsonb_agg(to_jsonb(f) order by f.position, f.id), '[]') from (
            select id, position, question, answer, translations from faqs where campaign_id = :campaign_id) f) as faqs,
       exists (select from comments where campaign_id = :campaign_id and update_id is null and state = 'shown') as has_comments;

-- name: campaign_to_read^
-- A published campaign with its store, for the pages on which its updates and comments stand.
select c.id, c.store_id, c.slug, c.title, c.translations, c.basis, c.currency, c.zone, c.comments,
       s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop
from campaigns c join stores s on s.id = c.store_id
where c.slug = :slug and c.published;

-- name: reader_of_campaign^
-- Who reads, by the token of their visit: whether they back this campaign now, ever did, and as whom they comment.
-- Not live while it waits for release, yet confirmed for its backer (C6): such a pledge opens what is for backers.
select u.id as customer_id, u.name,
       exists (select from pledges p where p.campaign_id = :campaign_id and p.customer_id = u.id
               and p.state in ('confirmed', 'charged', 'past_due')) as is_backer,
       exists (select from pledges p where p.campaign_id = :campaign_id and p.customer_id = u.id
               and p.confirmed_at is not null) as was_backer,
       k.name as known_as, k.blocked_at is not null as is_blocked, coalesce(k.trusted, false) as is_trusted
from visits v
left join customers u on u.email = v.email and u.store_id = :store_id and u.erased_at is null
left join commenters k on k.campaign_id = :campaign_id and k.customer_id = u.id
where v.token_hash = :token_hash and v.expires_at > :now;

-- name: public_updates
-- The next updates, newest first; the text of one for backers leaves this query for a backer alone.
select u.id, u.number, u.title, u.audience, u.published_at, u.edited_at,
       case when u.audience = 'everybody' or :is_backer then u.text else '' end as text,
       case when u.audience = 'everybody' or :is_backer then u.translations
            else (select coalesce(jsonb_object_agg(t.key, jsonb_build_object('title', t.value ->> 'title')), '{}')
                  from jsonb_each(u.translations) t) end as translations,
       (select count(*) from comments m where m.campaign_id = u.campaign_id and m.update_id = u.id and m.state = 'shown') as comments
from updates u
where u.campaign_id = :campaign_id and u.published_at is not null and u.withdrawn_at is null
  and (:number::int is null or u.number = :number) and (:before::int is null or u.number < :before)
order by u.number desc limit :most;

-- name: is_withdrawn$
-- Whether an update of this number was there once.
select exists (select from updates where campaign_id = :campaign_id and number = :number and withdrawn_at is not null);

-- name: last_withdrawal$
-- When an update was taken back last; null while none was.
select max(withdrawn_at) from updates where campaign_id = :campaign_id;
