-- name: campaign_to_follow^
-- A campaign that the public can see, for whoever wants to hear when it opens.
select id, store_id, slug, title, published, opens_at, closes_at, late_pledges, outcome
from campaigns where slug = :slug and (published or announced_at is not null);

-- name: ask_to_follow$
-- The follower of this address, made if there was none; whoever has confirmed stays confirmed.
insert into followers (campaign_id, email, locale, asked_at) values (:campaign_id, :email, :locale, :now)
on conflict (campaign_id, email) do update set locale = excluded.locale, asked_at = excluded.asked_at
returning id;

-- name: follower^
select f.id, f.campaign_id, f.email, f.confirmed_at, f.told_at, c.slug, c.title, c.translations, c.published,
       c.opens_at, c.closes_at, c.zone, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline,
       s.brand as store_brand, s.translations as store_translations
from followers f join campaigns c on c.id = f.campaign_id join stores s on s.id = c.store_id
where f.id = :follower_id;

-- name: confirm_follower$
-- The campaign that is followed from here on; null when that was known, or nobody is there.
update followers set confirmed_at = :now where id = :follower_id and confirmed_at is null
returning campaign_id;

-- name: remove_follower$
delete from followers where id = :follower_id returning campaign_id;

-- name: campaigns_to_tell
-- Campaigns that are open, with followers who have not heard of it.
select c.id from campaigns c
where c.published and c.opens_at <= :now and c.closes_at > :now
  and exists (select from followers f
              where f.campaign_id = c.id and f.confirmed_at is not null and f.told_at is null)
order by c.id;

-- name: tell_followers$
-- The launch to the next followers, each once: the letter and that it was written, in one statement.
with chunk as (
    select id, email, locale from followers
    where campaign_id = :campaign_id and confirmed_at is not null and told_at is null
    order by id limit :most
    for update skip locked
), told as (
    update followers f set told_at = :now from chunk where f.id = chunk.id
), promised as (
    insert into mails (key, kind, recipient, locale, detail, due_at)
    select 'launch:' || id, 'launch', email, locale,
           jsonb_build_object('campaign', :campaign_id::bigint, 'follower', id), :now
    from chunk
    on conflict (key) do nothing
)
select count(*) from chunk;

-- name: forget_followers!
-- Whoever never confirmed, and whoever was told long ago.
delete from followers
where (confirmed_at is null and asked_at < :asked_before) or told_at < :told_before;

-- name: count_followers^
select count(*) filter (where confirmed_at is not null) as confirmed,
       count(*) filter (where confirmed_at is null) as asked
from followers where campaign_id = :campaign_id;
