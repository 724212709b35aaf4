-- name: product_to_subscribe^
-- A published variant that is sold by subscription, with its shop and how it travels.
select p.id, p.title, p.label, p.image, p.image_alt, p.prices, p.ships, p.translations, p.every_count, p.every_unit,
       for_sale(p) as stock, l.id as listing_id, l.slug, l.title as listing, l.translations as listing_translations,
       l.store_id,
       (select jsonb_agg(jsonb_build_object('id', h.id, 'title', h.title, 'countries', h.countries, 'prices', h.prices,
                                            'translations', h.translations) order by h.position, h.id)
        from shipping_options h where h.store_id = l.store_id) as shipping_options
from listings l join products p on p.listing_id = l.id
where l.store_id = :store_id and l.slug = :slug and l.published and p.id = :product_id and p.every_unit is not null;

-- name: add_subscription$
insert into subscriptions (store_id, key, product_id, locale, currency, line, every_count, every_unit, goods, shipping,
                           shipping_title, ships, country, made_at, expires_at)
values (:store_id, :key, :product_id, :locale, :currency, :line, :every_count, :every_unit, :goods, :shipping,
        :shipping_title, :ships, :country, :now, :expires_at)
returning id;

-- name: note_subscription_page!
update subscriptions set session_id = :session where id = :subscription_id;

-- name: give_up_subscription!
update subscriptions set state = 'expired' where id = :subscription_id and state = 'open';

-- name: overdue_subscriptions
-- Those whose payment page is past its time and was not heard of.
select id, session_id from subscriptions where state = 'open' and expires_at <= :now order by expires_at, id limit :most;

-- name: look_at_subscription_later!
update subscriptions set expires_at = :when where id = :subscription_id and state = 'open';

-- name: lock_subscriptions_with_facts
-- Subscriptions of which something was told that can be settled now, and that no other worker holds; locked. What is
-- told of one that has not begun waits for the fact that it has.
select s.* from subscriptions s
where s.key in (select f.subscription_key from facts f
                where f.state = 'waiting' and f.subscription_key <> ''
                  and (f.kind in ('begun', 'expired') or s.begun_at is not null))
order by s.id
limit :most
for update skip locked;

-- name: waiting_facts_of_subscriptions
-- Its beginning first, then in the order in which they were kept.
select inbox_id, kind, subscription_key, amount, ref, payment, detail
from facts where state = 'waiting' and subscription_key = any(:keys::text[])
order by kind <> 'begun', inbox_id
limit :most;

-- name: invoices_of_subscriptions
select subscription_id, invoice from orders where subscription_id = any(:ids::bigint[]);

-- name: write_subscriptions!
update subscriptions s
set state = w.state, provider_id = w.provider_id, payer = w.payer, cancels = w.cancels, period_end = w.period_end,
    told_at = w.told_at, begun_at = w.begun_at, cancelled_at = w.cancelled_at, ended_at = w.ended_at
from unnest(:ids::bigint[], :states::text[], :provider_ids::text[], :payers::text[], :cancels::boolean[],
            :period_ends::timestamptz[], :told_ats::timestamptz[], :begun_ats::timestamptz[],
            :cancelled_ats::timestamptz[], :ended_ats::timestamptz[])
    as w (id, state, provider_id, payer, cancels, period_end, told_at, begun_at, cancelled_at, ended_at)
where s.id = w.id;

-- name: name_subscribers!
update subscriptions s set customer_id = w.customer_id, email = w.email, name = w.name, address = w.address::jsonb
from unnest(:ids::bigint[], :customer_ids::bigint[], :emails::text[], :names::text[], :addresses::text[])
    as w (id, customer_id, email, name, address)
where s.id = w.id;

-- name: add_cycles
-- The orders of cycles that were paid.
insert into orders (store_id, key, customer_id, state, locale, currency, lines, shipping_title, goods, shipping, total,
                    country, address, email, name, ships, claiming, paid, made_at, expires_at, paid_at,
                    subscription_id, invoice, period_start, period_end)
select s.store_id, w.key, s.customer_id, 'paid', s.locale, s.currency, jsonb_build_array(s.line), s.shipping_title,
       s.goods, s.shipping, s.goods + s.shipping, s.country, s.address, s.email, s.name, s.ships, w.claiming, w.paid,
       :now, :now, :now, s.id, w.invoice, w.period_start, w.period_end
from unnest(:subscription_ids::bigint[], :keys::text[], :claimings::boolean[], :paids::bigint[], :invoices::text[],
            :period_starts::timestamptz[], :period_ends::timestamptz[])
     with ordinality as w (subscription_id, key, claiming, paid, invoice, period_start, period_end, place)
join subscriptions s on s.id = w.subscription_id
order by w.place
returning id, invoice;

-- name: latest_cycles
-- The order of the latest cycle of each; mails about a subscription are about it.
select distinct on (subscription_id) subscription_id, id from orders
where subscription_id = any(:ids::bigint[])
order by subscription_id, period_start desc, id desc;

-- name: own_subscriptions
-- The subscriptions of whoever reads this address, newest first; one of them when its key is given.
select s.*, t.slug as store_slug, t.name as store_name, t.tagline as store_tagline, t.brand as store_brand,
       t.zone as store_zone, t.translations as store_translations,
       t.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop
from customers u
join subscriptions s on s.customer_id = u.id
join stores t on t.id = s.store_id
where u.email = :email and u.erased_at is null and (:key::text is null or s.key = :key)
order by (s.state = 'ended'), s.id desc
limit :most;

-- name: cycles_of_subscription
-- What was paid, newest first.
select id, key, total, paid, refunded, currency, state, claiming, ships, shipped_at, paid_at, period_start, period_end
from orders where subscription_id = :subscription_id
order by period_start desc, id desc limit :most;

-- name: subscription_by_key^
-- For the page that somebody comes back to from the payment page; it says nothing of who it is.
select s.*, t.slug as store_slug, t.name as store_name, t.tagline as store_tagline, t.brand as store_brand,
       t.zone as store_zone, t.translations as store_translations,
       t.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop
from subscriptions s join stores t on t.id = s.store_id
where s.key = :key;

-- name: subscriptions_of_store
-- By key, newest first; those in one state when it is given.
select s.id, s.state, s.cancels, s.email, s.name, s.line, s.goods, s.shipping, s.currency, s.every_count, s.every_unit,
       s.period_end, s.begun_at, s.ended_at,
       (select count(*) from orders o where o.subscription_id = s.id) as cycles
from subscriptions s
where s.store_id = :store_id and s.begun_at is not null and (:state::text is null or s.state = :state)
  and (:before::bigint is null or s.id < :before)
order by s.id desc
limit :most;

-- name: count_subscriptions
select state, count(*) as count from subscriptions
where store_id = :store_id and begun_at is not null group by state;

-- name: subscription_of_store^
select * from subscriptions where id = :subscription_id and store_id = :store_id and begun_at is not null;

-- name: hold_subscription^
select * from subscriptions where id = :subscription_id for update;

-- name: end_with_period!
update subscriptions set cancels = :cancels where id = :subscription_id and state <> 'ended';

-- name: send_subscription_to$
update subscriptions set address = :address
where id = :subscription_id and state <> 'ended' and ships and country = :country
returning id;

-- name: wrong_cycles
-- Subscriptions that have not one order for each invoice that Stripe has told to be paid, and that is settled.
with told as (
    select e.event #>> '{data,object,parent,subscription_details,metadata,milepost_subscription}' as key,
           count(distinct e.event #>> '{data,object,id}') as invoices
    from (select case when strpos(i.payload, '\u0000') = 0 then i.payload::jsonb end as event from inbox i
          where i.type = 'invoice.paid' and not exists (select from facts f where f.inbox_id = i.id)) e
    group by 1
)
select s.id, coalesce(t.invoices, 0) as invoices, count(o.id) as cycles
from subscriptions s
left join told t on t.key = s.key
left join orders o on o.subscription_id = s.id
group by s.id, t.invoices
having count(o.id) <> coalesce(t.invoices, 0)
order by s.id
limit :most;

-- name: wrong_subscriptions
-- Subscriptions whose loyalty facts are not what their orders say: as many cycles as paid invoices, and a break at
-- the end, where the store keeps facts (L7).
select s.id, count(o.id) as cycles, count(f.id) as facts, s.state
from subscriptions s
join loyalty l on l.store_id = s.store_id
left join orders o on o.subscription_id = s.id and o.customer_id is not null
left join loyalty_facts f on f.store_id = s.store_id and f.source = 'invoice:' || o.invoice and f.kind = 'cycle'
                         and f.run = s.id::text and f.stands = (o.state = 'paid')
where s.begun_at >= l.since
group by s.id
having count(o.id) <> count(f.id)
    or (s.state = 'ended') <> exists (select from loyalty_facts b where b.store_id = s.store_id
                                      and b.source = 'subscription:' || s.id and b.stands)
order by s.id
limit :most;
