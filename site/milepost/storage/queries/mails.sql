-- name: promise_mails!
-- A mail for each letter whose pledge has a backer that still is somebody, in the language of the pledge.
insert into mails (key, kind, recipient, locale, customer_id, pledge_id, milestone_id, detail, due_at)
select l.key, l.kind, c.email, p.locale, c.id, p.id, l.milestone_id, l.detail::jsonb, :due_at
from unnest(:keys::text[], :kinds::text[], :pledge_ids::bigint[], :milestone_ids::bigint[], :details::text[])
    with ordinality as l (key, kind, pledge_id, milestone_id, detail, place)
-- One look by key each: what the planner knows of customers a minute after the launch is that there are none.
cross join lateral (select id, locale, customer_id from pledges where id = l.pledge_id limit 1) p
cross join lateral (select id, email from customers where id = p.customer_id and erased_at is null limit 1) c
order by l.place
on conflict (key) do nothing;

-- name: promise_order_mails!
-- A mail for each letter whose order is of somebody who still is somebody, in the language of the order.
insert into mails (key, kind, recipient, locale, customer_id, order_id, detail, due_at)
select l.key, l.kind, c.email, o.locale, c.id, o.id, l.detail::jsonb, :due_at
from unnest(:keys::text[], :kinds::text[], :order_ids::bigint[], :details::text[])
    with ordinality as l (key, kind, order_id, detail, place)
join orders o on o.id = l.order_id
join customers c on c.id = o.customer_id and c.erased_at is null
order by l.place
on conflict (key) do nothing;

-- name: orders_of_mails
-- What a mail shows of its order, with the store.
select o.*, k.code, u.name as customer_name, u.erased_at,
       (select jsonb_agg(jsonb_build_array(g.code, g.amount) order by g.id) from gift_cards g
        where g.order_id = o.id and g.voided_at is null) as gift_cards,
       s.name as store_name, s.brand as store_brand, s.translations as store_translations, s.zone as store_zone
from orders o
join stores s on s.id = o.store_id
left join customers u on u.id = o.customer_id
left join shop_codes k on k.id = o.code_id
where o.id = any(:order_ids::bigint[]);

-- name: promise_mail_to!
insert into mails (key, kind, recipient, locale, detail, due_at)
values (:key, :kind, :recipient, :locale, :detail, :now)
on conflict (key) do nothing;

-- name: last_of_news_chunk$
-- The last customer of the next chunk of a campaign's backers; null when none is left.
select max(customer_id) from (
    select customer_id from backers
    where campaign_id = :campaign_id and customer_id > :after
    order by customer_id
    limit :most
) chunk;

-- name: promise_news!
-- A milestone's news to each live backer of a chunk who wants news, and pledged before it opened: to
-- whoever came later it is none.
insert into mails (key, kind, recipient, locale, customer_id, pledge_id, milestone_id, due_at)
select 'milestone:' || :milestone_id::bigint || ':' || c.id, 'milestone', c.email, p.locale, c.id, p.id, :milestone_id, :now
from backers b
join customers c on c.id = b.customer_id and c.news and c.erased_at is null
join pledges p on p.id = b.pledge_id
join milestones m on m.id = :milestone_id and coalesce(p.confirmed_at, p.started_at) <= m.revealed_at
where b.campaign_id = :campaign_id and b.customer_id > :after and b.customer_id <= :through and b.live
order by c.id
on conflict (key) do nothing;

-- name: promise_update!
-- An update to each live backer of a chunk who wants news, and pledged before it was published.
insert into mails (key, kind, recipient, locale, customer_id, pledge_id, update_id, due_at)
select 'update:' || :update_id::bigint || ':' || c.id, 'update', c.email, p.locale, c.id, p.id, :update_id, :now
from backers b
join customers c on c.id = b.customer_id and c.news and c.erased_at is null
join pledges p on p.id = b.pledge_id
join updates u on u.id = :update_id and coalesce(p.confirmed_at, p.started_at) <= u.published_at
where b.campaign_id = :campaign_id and b.customer_id > :after and b.customer_id <= :through and b.live
order by c.id
on conflict (key) do nothing;

-- name: updates_of_mails
-- What a mail says of an update, and whether its reader backs the campaign still.
select l.mail_id, u.number, u.title, u.text, u.audience, u.translations, u.withdrawn_at, u.milestone_id, b.live
from unnest(:mail_ids::bigint[], :update_ids::bigint[], :customer_ids::bigint[]) as l (mail_id, update_id, customer_id)
join updates u on u.id = l.update_id
left join backers b on b.campaign_id = u.campaign_id and b.customer_id = l.customer_id;

-- name: campaign_of_update$
-- Whose backers hear of an update, while it stands.
select campaign_id from updates where id = :update_id and published_at is not null and withdrawn_at is null;

-- name: updates_to_tell
-- Published ones whose mails are not all promised.
select id from updates
where published_at is not null and withdrawn_at is null and told_at is null order by id;

-- name: update_told!
update updates set told_at = :now where id = :update_id;

-- name: milestones_to_tell
-- Open ones whose mails are not all promised.
select id from milestones
where revealed_at is not null and archived_at is null and told_at is null order by id;

-- name: milestone_told!
update milestones set told_at = :now where id = :milestone_id and revealed_at is not null;

-- name: milestone_to_tell_again!
update milestones set told_at = null where id = :milestone_id and told_at is not null;

-- name: promise_mails_to_all!
-- One mail for each live pledge: whoever has two hears of both.
insert into mails (key, kind, recipient, locale, customer_id, pledge_id, detail, due_at)
select :kind || ':' || p.id, :kind, c.email, p.locale, c.id, p.id, :detail, :now
from pledges p
join customers c on c.id = p.customer_id and c.erased_at is null
where p.campaign_id = :campaign_id and p.state in ('confirmed', 'charged', 'past_due')
  and (not p.held or :kind = 'failed')
order by c.id, p.id
on conflict (key) do nothing;

-- name: due_mails
-- What waits and is due, the longest due first; news after all that somebody waits for.
select id, key, kind, recipient, locale, customer_id, pledge_id, milestone_id, update_id, order_id, detail, tries, due_at
from mails where state = 'waiting' and due_at <= :now
order by kind in ('milestone', 'update', 'come_back'), due_at, id
limit :most;

-- name: claim_mail$
-- True for the one who may send it now: from here on nobody else will, whatever happens.
update mails set state = 'sending', tries = tries + 1, error = null
where id = :mail_id and state = 'waiting'
returning true;

-- name: mail_sent!
-- Gone. What it was made from is no longer kept: a link that signs in is a key.
update mails
set state = 'sent', sent_at = :now, error = null, detail = '{}', subject = :subject, text = :text, html = :html
where id = :mail_id and state in ('sending', 'waiting');

-- name: put_off_mail!
update mails set state = 'waiting', due_at = :due_at, error = :error where id = :mail_id and state = 'sending';

-- name: mail_failed!
update mails set state = 'failed', error = :error where id = :mail_id and state in ('sending', 'waiting');

-- name: skip_waiting_mails!
-- What was long ago is not told now.
update mails set state = 'skipped', error = :reason, detail = '{}' where state = 'waiting';

-- name: mail_skipped!
-- It has no point any more, for the reason given.
update mails set state = 'skipped', error = :error, detail = '{}' where id = :mail_id and state = 'waiting';

-- name: note_on_mail!
update mails set error = :error where id = :mail_id and state = 'sending';

-- name: wait_for_the_server!
-- The mail server is away: what was about to be sent waits, each mail longer with each try.
update mails m
set tries = m.tries + 1, due_at = w.due_at, error = :error,
    state = case when w.due_at is null then 'failed' else 'waiting' end
from unnest(:mail_ids::bigint[], :due_ats::timestamptz[]) as w (id, due_at)
where m.id = w.id and m.state = 'waiting';

-- name: send_mail_again$
-- The operator wants it sent once more, whatever became of it; what was sent has no detail left to send.
update mails set state = 'waiting', due_at = :now, tries = 0, error = null
where id = :mail_id and state in ('sending', 'failed')
returning true;

-- name: count_mails^
select count(*) filter (where state = 'waiting') as waiting,
       count(*) filter (where state = 'sending') as sending,
       count(*) filter (where state = 'failed') as failed
from mails where state in ('waiting', 'sending', 'failed');

-- name: mails_in_trouble
-- What was being sent when its worker died, what failed, and what waits for another try.
select id, kind, recipient, state, due_at, tries, error
from mails
where state in ('sending', 'failed') or (state = 'waiting' and error is not null)
order by id desc
limit :most;

-- name: composed_mails
-- What the demo keeps instead of sending, newest first.
select id, kind, recipient, locale, subject, sent_at
from mails where html is not null
order by id desc
limit :most;

-- name: composed_mail^
select id, kind, recipient, locale, subject, text, html, sent_at from mails where id = :mail_id and html is not null;

-- name: pledges_of_mails
-- What a mail shows of its pledge, with its backer.
select p.*, c.name as customer_name, c.news, c.erased_at, b.first_seq
from pledges p
left join customers c on c.id = p.customer_id
left join backers b on b.campaign_id = p.campaign_id and b.customer_id = p.customer_id
where p.id = any(:pledge_ids::bigint[]);

-- name: campaigns_of_mails
select c.*, s.name as store_name, s.brand as store_brand, s.translations as store_translations
from campaigns c join stores s on s.id = c.store_id
where c.id = any(:campaign_ids::bigint[]);

-- name: lines_of_mails
select l.pledge_id, l.source, l.title, l.quantity, l.unit_price, t.translations
from pledge_lines l left join tiers t on t.id = l.tier_id
where l.pledge_id = any(:pledge_ids::bigint[])
order by l.pledge_id, l.position;

-- name: milestones_of_mails
-- Each milestone with the grant that the mail's backer, or its pledge, has for it, in the reward that
-- was granted (A12). What a reveal holds comes along only once it is open (R2).
select l.mail_id, m.id, m.target, m.per, m.reached_seq, m.revealed_at, m.archived_at,
       g.state, g.backordered, r.kind, r.code_kind,
       case when m.revealed_at is not null then r.title else '' end as title,
       case when m.revealed_at is not null then r.image else '' end as image,
       case when m.revealed_at is not null then r.image_alt else '' end as image_alt,
       case when m.revealed_at is not null then r.text_after else '' end as text_after,
       case when m.revealed_at is not null then r.translations else '{}' end as translations,
       case when m.revealed_at is not null and g.state in ('owed', 'fulfilled') then r.exclusive else '' end as exclusive,
       case when m.revealed_at is not null and g.state in ('owed', 'fulfilled')
            then coalesce(k.code, case when r.code_kind = 'shared' then r.shared_code end, '') else '' end as code
from unnest(:mail_ids::bigint[], :milestone_ids::bigint[], :pledge_ids::bigint[], :customer_ids::bigint[])
    as l (mail_id, milestone_id, pledge_id, customer_id)
join milestones m on m.id = l.milestone_id
left join grants g on g.milestone_id = m.id
     and g.beneficiary = case when m.per = 'backer' then l.customer_id else l.pledge_id end
join rewards r on r.id = coalesce(g.reward_id, m.reward_id)
left join reward_codes k on k.milestone_id = m.id and k.beneficiary = g.beneficiary;

-- name: stores_of_addresses
-- The store that knows an address, for mails that belong to no pledge.
select distinct on (c.email) c.email, s.name as store_name, s.brand as store_brand, s.translations as store_translations
from customers c join stores s on s.id = c.store_id
where c.email = any(:addresses::text[])
order by c.email, c.id desc;

-- name: campaign_of_news^
-- Whose backers hear of a milestone, once it is open.
select c.id, m.revealed_at is not null and m.archived_at is null as is_open
from milestones m join campaigns c on c.track_id = m.track_id
where m.id = :milestone_id;

-- name: subscription^
-- Whether a customer wants news, and the store that they would come from.
select c.news, s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.translations as store_translations
from customers c join stores s on s.id = c.store_id
where c.id = :customer_id and c.erased_at is null;

-- name: want_news$
update customers set news = :wanted where id = :customer_id and erased_at is null
returning true;
