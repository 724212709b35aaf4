-- name: known_address$
-- Whether anybody has this address.
select exists (select from customers where email = :email and erased_at is null);

-- name: address_of_pledge^
-- Whose pledge it is, and in which language it was made.
select u.email, p.locale
from pledges p join customers u on u.id = p.customer_id and u.erased_at is null
where p.key = :key;

-- name: stores_here
-- The store, when it is the only one.
select slug as store_slug, name as store_name, tagline as store_tagline, brand as store_brand,
       translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop
from stores s order by id limit 2;

-- name: own_pledges
-- The pledges of whoever reads this address, newest first; one of them when its key is given. What is
-- `asked` counts the questions that concern it, `open_required` those of them that must be answered.
select p.id, p.key, p.campaign_id, p.customer_id, p.state, p.processing, p.held, p.late, p.locale, p.money, p.shipping, p.tax,
       p.country, p.paid, p.started_at, p.confirmed_at, p.claiming, p.credit, p.credit_back, p.gifts,
       u.name as customer_name,
       c.slug, c.title, c.translations, c.basis, c.currency, c.goal, c.funding_model, c.zone, c.opens_at,
       c.closes_at, c.closed_at, c.outcome, c.locks_at, c.dunning_days, c.late_pledges, c.published,
       s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.translations as store_translations,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop,
       h.due_at, h.tries, h.failed_at, h.reason,
       a.purpose as page_purpose, a.url as page_url,
       d.pledge_id is not null as has_address,
       n.ships, n.asked, n.open, n.open_required, n.refunds_asked,
       exists (select from facts x where x.campaign_id = c.id and x.pledge_id = p.id and x.state = 'waiting'
               and x.kind in ('changed', 'cancelled', 'topped_up')) as changing,
       exists (select from packed_or_sent x where x.pledge_id = p.id) as packed,
       exists (select from cards k where k.pledge_id = p.id)
       or exists (select from attempts x where x.pledge_id = p.id and x.session is not null and x.state = 'done') as has_card
from customers u
join campaigns c on c.store_id = u.store_id
join pledges p on p.campaign_id = c.id and p.customer_id = u.id
join stores s on s.id = c.store_id
left join charges h on h.pledge_id = p.id
left join attempts a on a.pledge_id = p.id and a.state in ('begun', 'open')
left join addresses d on d.pledge_id = p.id
cross join lateral (
    select exists (select from pledge_lines l join tiers t on t.id = l.tier_id and t.ships
                   where l.pledge_id = p.id) or p.gifts @> '[{"ships": true}]' as ships,
           count(q.id) as asked,
           count(q.id) filter (where w.question_id is null) as open,
           count(q.id) filter (where w.question_id is null and q.required) as open_required,
           (select coalesce(sum(r.amount), 0)::bigint from refunds r
            where r.pledge_id = p.id and r.state <> 'failed') as refunds_asked
    from questions q left join answers w on w.question_id = q.id and w.pledge_id = p.id
    where q.campaign_id = c.id
      and (q.tiers = '{}' or q.tiers && array(select l.tier_id from pledge_lines l
                                              where l.pledge_id = p.id and l.tier_id is not null))
      and (q.milestone_id is null or exists (
           select from milestones m join grants g on g.milestone_id = m.id
           where m.id = q.milestone_id and m.revealed_at is not null and g.state in ('provisional', 'owed', 'held')
             and g.beneficiary = case when m.per = 'backer' then p.customer_id else p.id end))
) n
where u.email = :email and u.erased_at is null
  and (:key::text is null or p.key = :key)
  and (:before::bigint is null or p.id < :before)
order by p.id desc
limit :most;

-- name: payments_for_pledge
-- What was paid in attempts that are known to have succeeded, in order; a first checkout has no amount of its own.
select purpose, amount, made_at from attempts
where pledge_id = :pledge_id and state = 'done' and purpose in ('checkout', 'charge', 'mend', 'change')
order by id;

-- name: customers_of_address
select id, store_id, email, name, locale, news, created_at from customers
where email = :email and erased_at is null order by id;

-- name: lock_customers_of_address
select id, email from customers where email = :email and erased_at is null order by id
for update;

-- name: export_pledges
select p.id, p.key, c.slug as campaign, p.state, p.held, p.late, p.locale, c.currency, p.money, p.shipping, p.tax, p.country,
       p.paid, p.refunds, p.refunded_totals, p.credit, p.credit_back, p.gifts, p.started_at, p.confirmed_at, p.source, p.tag
from pledges p join campaigns c on c.id = p.campaign_id
where p.customer_id = any(:customer_ids::bigint[]) order by p.id;

-- name: export_lines
select pledge_id, position, source, title, quantity, unit_price, units from pledge_lines
where pledge_id = any(:pledge_ids::bigint[]) order by pledge_id, position;

-- name: export_refunds
select pledge_id, payment, amount, state, reason, made_at from refunds
where pledge_id = any(:pledge_ids::bigint[]) order by id;

-- name: export_addresses
select pledge_id, name, line1, line2, city, region, postal_code, country, phone, changed_at from addresses
where pledge_id = any(:pledge_ids::bigint[]) order by pledge_id;

-- name: export_answers
select w.pledge_id, q.prompt as question, w.answer, w.answered_at
from answers w join questions q on q.id = w.question_id
where w.pledge_id = any(:pledge_ids::bigint[]) order by w.pledge_id, q.position, q.id;

-- name: export_grants
-- Each reward of theirs; what a reveal holds only once it is open (R2).
select g.pledge_id, m.target, g.state, g.quantity, g.backordered,
       case when m.revealed_at is not null then r.title end as title,
       case when m.revealed_at is not null and g.state in ('owed', 'fulfilled') then r.exclusive end as exclusive,
       case when m.revealed_at is not null and g.state in ('owed', 'fulfilled')
            then coalesce(k.code, case when r.code_kind = 'shared' then r.shared_code end) end as code
from grants g
join milestones m on m.id = g.milestone_id
join rewards r on r.id = g.reward_id
left join reward_codes k on k.milestone_id = g.milestone_id and k.beneficiary = g.beneficiary
where g.customer_id = any(:customer_ids::bigint[]) order by m.target, m.id, g.beneficiary;

-- name: export_entries
select campaign_id, seq, kind, pledge_id, units, money, made_at from entries
where campaign_id in (select campaign_id from pledges where id = any(:pledge_ids::bigint[]))
  and pledge_id = any(:pledge_ids::bigint[]) order by campaign_id, seq;

-- name: export_mails
select id, kind, subject, state, locale, due_at, sent_at from mails
where recipient = :email or customer_id = any(:customer_ids::bigint[]) order by id;

-- name: export_comments
select c.slug as campaign, u.number as update, m.parent_id is not null as is_answer, m.name, m.text, m.state, m.reason, m.made_at
from comments m
join campaigns c on c.id = m.campaign_id
left join updates u on u.id = m.update_id
where m.customer_id = any(:customer_ids::bigint[]) order by m.id;

-- name: export_commenters
select c.slug as campaign, k.name, k.trusted, k.blocked_at
from commenters k join campaigns c on c.id = k.campaign_id
where k.customer_id = any(:customer_ids::bigint[]) order by c.id;

-- name: export_reviews
select l.slug as listing, l.title, r.stars, r.text, r.name, r.state, r.made_at
from reviews r join listings l on l.id = r.listing_id
where r.customer_id = any(:customer_ids::bigint[]) order by r.id;

-- name: export_visits
select made_at, seen_at, expires_at from visits where email = :email order by made_at;

-- name: export_followers
select c.title, f.locale, f.asked_at, f.confirmed_at, f.told_at
from followers f join campaigns c on c.id = f.campaign_id where f.email = :email order by f.id;

-- name: export_orders
select o.id, o.key, s.slug as store, o.state, o.locale, o.currency, o.lines, o.gifts, o.goods, o.code_off, o.tiers_off,
       o.shipping_title, o.shipping, o.shipping_off, o.credit, o.credit_back, o.tax, o.total, o.paid, o.refunded, o.refunds, o.payment,
       o.email, o.name, o.address, o.country, o.carrier, o.tracking, o.made_at, o.paid_at, o.shipped_at
from orders o join stores s on s.id = o.store_id
where o.customer_id = any(:customer_ids::bigint[]) order by o.id;

-- name: export_subscriptions
select s.id, s.key, t.slug as store, s.state, s.locale, s.currency, s.line, s.every_count, s.every_unit, s.goods,
       s.shipping_title, s.shipping, s.email, s.name, s.address, s.country, s.provider_id, s.payer, s.cancels, s.period_end,
       s.made_at, s.begun_at, s.cancelled_at, s.ended_at
from subscriptions s join stores t on t.id = s.store_id
where s.customer_id = any(:customer_ids::bigint[]) order by s.id;

-- name: subscription_hindrances
-- Subscriptions that go on: they are cancelled before anybody is forgotten.
select key, line ->> 'title' as title from subscriptions
where customer_id = any(:customer_ids::bigint[]) and state <> 'ended' order by id;

-- name: erase_subscriptions!
update subscriptions set email = '', name = '', address = null where customer_id = any(:customer_ids::bigint[]);

-- name: export_order_refunds
select r.order_id, r.amount, r.credit, r.state, r.reason, r.made_at
from order_refunds r join orders o on o.id = r.order_id
where o.customer_id = any(:customer_ids::bigint[]) order by r.id;

-- name: order_hindrances
-- Orders for whose sake a person can't be erased yet: not sent, disputed, or with money on the move: also while
-- their payment page is open.
select o.id, o.key,
       case when o.disputes @? '$.* ? (@.state == "open")' then 'disputed'
            when f.waits then 'moving'
            else 'owed' end as why
from orders o
cross join lateral (
    select o.state = 'open' or exists (select from order_refunds r where r.order_id = o.id and r.state = 'begun')
        or exists (select from facts x where x.order_key = o.key and x.state = 'waiting') as waits
) f
where o.customer_id = any(:customer_ids::bigint[])
  and (f.waits or o.disputes @? '$.* ? (@.state == "open")'
       or o.state = 'paid' and o.ships and o.shipped_at is null)
order by o.id;

-- name: erase_orders!
-- What was bought and paid stays; to whom it went does not.
update orders set email = '', name = '', address = null, tracking = ''
where customer_id = any(:customer_ids::bigint[]);

-- name: erase_followers!
delete from followers where email = :email;

-- name: hindrances
-- Why a person can't be erased yet: what stands, is disputed, is being paid back, or is owed to them.
select p.key, c.title, c.translations,
       case when f.stands then 'stands'
            when p.state = 'disputed' then 'disputed'
            when f.waits then 'moving'
            else 'owed' end as why,
       g.reward
from pledges p
join campaigns c on c.id = p.campaign_id
cross join lateral (
    select p.state in ('started', 'confirmed', 'past_due') and c.outcome is distinct from 'failed' as stands,
           exists (select from attempts a where a.pledge_id = p.id and a.state in ('begun', 'open'))
        or exists (select from facts x where x.campaign_id = p.campaign_id and x.pledge_id = p.id and x.state = 'waiting')
        or exists (select from refunds r where r.pledge_id = p.id and r.state = 'begun') as waits
) f
left join lateral (
    select r.title as reward from grants t join milestones m on m.id = t.milestone_id join rewards r on r.id = t.reward_id
    where t.pledge_id = p.id and t.customer_id = p.customer_id and r.kind = 'product' and t.state in ('provisional', 'owed', 'held')
    limit 1
) g on true
where p.customer_id = any(:customer_ids::bigint[])
  and (f.stands or p.state = 'disputed' or f.waits or g.reward is not null)
order by p.id;

-- name: erase_customers!
update customers
set email = 'erased-' || id || '@erased.invalid', name = '', news = false, erased_at = :now
where id = any(:customer_ids::bigint[]);

-- name: erase_addresses!
delete from addresses where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]));

-- name: erase_answers!
delete from answers where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]));

-- name: erase_answering_comments!
-- Their answers to others, and what nobody answered.
delete from comments m
where m.customer_id = any(:customer_ids::bigint[])
  and not exists (select from comments a where a.parent_id = m.id
                    and (a.customer_id is null or a.customer_id <> all(:customer_ids::bigint[])));

-- name: erase_comments!
-- What was answered leaves its empty place.
update comments set state = 'erased', name = '', text = '', reason = '', reports = 0, customer_id = null
where customer_id = any(:customer_ids::bigint[]);

-- name: export_accounts
-- Their account in each store: what they can spend, and the code of their link for friends.
select s.slug as store, a.referral_code, coalesce(b.balances, '[]') as balances
from accounts a join stores s on s.id = a.store_id
left join lateral (select jsonb_agg(jsonb_build_object('unit', unit, 'ready', ready, 'pending', pending) order by unit) as balances
                   from balances where customer_id = a.customer_id) b on true
where a.customer_id = any(:customer_ids::bigint[]) order by a.customer_id;

-- name: export_account_entries
select unit, kind, ready, pending, forgiven, ripe_at, source, made_at from account_entries
where customer_id = any(:customer_ids::bigint[]) order by id;

-- name: export_loyalty_facts
select kind, source, at, stands, amount, currency, points from loyalty_facts
where customer_id = any(:customer_ids::bigint[]) order by id;

-- name: export_program_rewards
select program, target, fact, sums, state, kind, unit, worth, code, closes_at, withdrawn_at from program_grants
where customer_id = any(:customer_ids::bigint[]) order by granted_seq, milestone_id, beneficiary;

-- name: export_referrals
-- How many friends came by their link, and whether they came by somebody's; who the others are is theirs to know.
select customer_id <> all(:customer_ids::bigint[]) as as_referrer, source, made_at from referrals
where referrer_id = any(:customer_ids::bigint[]) or customer_id = any(:customer_ids::bigint[]) order by made_at, source;

-- name: erase_accounts!
-- The ledger names nobody; their link and what they have not used of their codes work no more, and no spell without
-- orders begins.
with codes as (
    update shop_codes set withdrawn_at = :now where customer_id = any(:customer_ids::bigint[]) and used = 0
), of_orders as (
    update orders set referrer_id = null
    where referrer_id is not null and (customer_id = any(:customer_ids::bigint[]) or referrer_id = any(:customer_ids::bigint[]))
), of_pledges as (
    update pledges set referrer_id = null
    where referrer_id is not null and (customer_id = any(:customer_ids::bigint[]) or referrer_id = any(:customer_ids::bigint[]))
    returning campaign_id, id, entered
), recounted as (
    insert into to_recount (campaign_id, pledge_id) select campaign_id, id from of_pledges where entered
    on conflict (campaign_id, pledge_id) do update set pledge_id = excluded.pledge_id
)
update accounts set referral_code = null, last_order = null, last_order_at = null
where customer_id = any(:customer_ids::bigint[]);

-- name: erase_commenters!
delete from commenters where customer_id = any(:customer_ids::bigint[]);

-- name: export_carts
select s.slug as store, c.currency, c.lines, c.country, c.made_at, c.changed_at
from carts c join stores s on s.id = c.store_id
where c.customer_id = any(:customer_ids::bigint[]) order by c.id;

-- name: erase_carts!
delete from carts where customer_id = any(:customer_ids::bigint[]);

-- name: erase_reviews!
-- Their words and their stars are gone, from the average too.
with gone as (
    delete from reviews where customer_id = any(:customer_ids::bigint[]) returning listing_id, stars, state
)
update listings l set stars = l.stars - n.stars, reviews = l.reviews - n.reviews
from (select listing_id, sum(stars) as stars, count(*) as reviews from gone where state = 'shown' group by 1) n
where l.id = n.listing_id;

-- name: erase_cards!
delete from cards where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]));

-- name: erase_mails!
-- That a mail was sent stays, and of which kind; to whom, and what it said, does not.
update mails
set recipient = 'erased@erased.invalid', detail = '{}', subject = null, text = null, html = null,
    state = case state when 'waiting' then 'skipped' else state end, error = null
where recipient = :email or customer_id = any(:customer_ids::bigint[]);

-- name: erase_from_facts!
update facts set detail = detail - '{email,name,phone,address}'::text[]
where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]))
   or order_key in (select key from orders where customer_id = any(:customer_ids::bigint[]))
   or subscription_key in (select key from subscriptions where customer_id = any(:customer_ids::bigint[]))
   or detail ->> 'email' = :email;

-- name: traces_of_customers$
-- What an event about these people may hold: their payments, payment pages, and cards.
select array_remove(array_agg(distinct trace), '') as traces from (
    select jsonb_object_keys(paid) as trace from pledges where customer_id = any(:customer_ids::bigint[])
    union all
    select y.payment from payments y join pledges p on p.id = y.pledge_id where p.customer_id = any(:customer_ids::bigint[])
    union all
    select unnest(array[a.session, a.intent]) from attempts a join pledges p on p.id = a.pledge_id
    where p.customer_id = any(:customer_ids::bigint[])
    union all
    select unnest(array[k.customer, k.method]) from cards k join pledges p on p.id = k.pledge_id
    where p.customer_id = any(:customer_ids::bigint[])
    union all
    select unnest(array[o.key, o.session_id, o.payment, o.invoice]) from orders o
    where o.customer_id = any(:customer_ids::bigint[])
    union all
    select unnest(array[s.key, s.session_id, s.provider_id, s.payer]) from subscriptions s
    where s.customer_id = any(:customer_ids::bigint[])
) found
where trace is not null;

-- name: events_with
-- Kept events in which one of these words, in small letters, stands; the whole inbox is looked through.
select id, payload from inbox i
where received_at >= :since
  and exists (select from unnest(:words::text[]) w where position(w in lower(i.payload)) > 0)
order by id;

-- name: rewrite_events!
update inbox i set payload = n.payload
from unnest(:ids::bigint[], :payloads::text[]) as n (id, payload)
where i.id = n.id;

-- name: lately_erased
-- Who was erased since then: an event about them may have come after it.
select id, erased_at from customers where erased_at > :since order by id;

-- name: export_parcels
select x.pledge_id, nullif(x.milestone_id, 0) as milestone, x.state, x.carrier, x.tracking, x.shipped_at
from parcels x where x.pledge_id = any(:pledge_ids::bigint[]) order by x.pledge_id, x.milestone_id;

-- name: export_notes
select pledge_id, at, text from pledge_notes where pledge_id = any(:pledge_ids::bigint[]) order by id;

-- name: erase_parcels!
-- That it was sent, and when, stays; the number under which a carrier knows the person does not.
update parcels set tracking = '' where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]));

-- name: erase_happenings!
-- What was told to other programs names nobody; a parcel's number does, and so may what they answered.
with theirs as materialized (
    select id, data ? 'tracking' as tracked from happenings where (data ->> 'customer')::bigint = any(:customer_ids::bigint[])
), quiet as (
    update deliveries d set answer = '' from theirs t where d.happening_id = t.id
)
update happenings n set data = n.data || '{"tracking": ""}' from theirs t where n.id = t.id and t.tracked;

-- name: erase_notes!
delete from pledge_notes where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]));

-- name: erase_tracking_lines!
delete from tracking_lines where pledge_id in (select id from pledges where customer_id = any(:customer_ids::bigint[]));
