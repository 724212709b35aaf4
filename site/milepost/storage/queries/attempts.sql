-- name: begin_another$
-- The row that stands before the call (P4); none when another attempt of the pledge stands already.
insert into attempts (pledge_id, purpose, idempotency_key, amount, detail, made_at)
values (:pledge_id, :purpose, :idempotency_key, :amount, :detail, :now)
on conflict (pledge_id) where state in ('begun', 'open') do nothing
returning id;

-- name: standing_attempt^
-- The attempt of a pledge whose outcome is not known yet.
select id, purpose, state, session, url, amount, made_at from attempts
where pledge_id = :pledge_id and state in ('begun', 'open');

-- name: customer_of_pledge$
-- Stripe's customer whose card was saved for the pledge.
select customer from cards where pledge_id = :pledge_id;

-- name: has_card$
-- Whether a card is saved for the pledge, or a page of it that saved one is completed.
select exists (select from cards where pledge_id = :pledge_id)
    or exists (select from attempts where pledge_id = :pledge_id and session is not null and state = 'done');

-- name: begin_charges
-- One attempt to charge for each pledge that is still to be charged and has no other attempt (P4).
insert into attempts (pledge_id, purpose, idempotency_key, amount, made_at)
select p.id, 'charge', 'charge-' || p.id || '-' || c.tries || '-' || extract(epoch from :now::timestamptz)::bigint,
       greatest(0, p.money + p.shipping + p.tax - (p.credit - p.credit_back)), :now
from charges c join pledges p on p.id = c.pledge_id
where c.pledge_id = any(:pledge_ids::bigint[]) and p.state in ('confirmed', 'past_due') and not p.held
order by p.id
for update of p skip locked -- one that is just being settled may be paid a moment later
on conflict (pledge_id) where state in ('begun', 'open') do nothing
returning id;

-- name: charges_to_make
-- What Stripe must be told of these attempts.
select a.id, a.pledge_id, a.idempotency_key, a.amount, a.detail, a.made_at, p.campaign_id, p.country, c.currency,
       c.title, c.tax, k.customer, k.method,
       (select s.session from attempts s where s.pledge_id = p.id and s.session is not null and s.state = 'done'
        order by s.id desc limit 1) as session
from attempts a
join pledges p on p.id = a.pledge_id
join campaigns c on c.id = p.campaign_id
left join cards k on k.pledge_id = p.id
where a.id = any(:ids::bigint[]) order by a.id;

-- name: left_charges
-- Attempts to charge whose call nobody has seen the end of: they are made again, with the same key (P4).
select id from attempts where purpose = 'charge' and state = 'begun' and made_at < :before order by id limit :most;

-- name: left_pages
-- Pages for a change or a card whose opening nobody has seen the end of: no backer has seen them.
select a.id, p.campaign_id from attempts a join pledges p on p.id = a.pledge_id
where a.purpose in ('change', 'mend', 'card') and a.state = 'begun' and a.made_at < :before;

-- name: open_charge!
update attempts set state = 'open', intent = :intent, error = :error where id = :id and state = 'begun';

-- name: price_charge!
-- The tax on a charge, before the call that takes it: the same call is made again with it (P4).
update attempts set amount = :amount, detail = :detail where id = :id and state = 'begun';

-- name: details_of_attempts
-- What these attempts, paid now, were made for: a change's new lines, a charge's tax.
select id, detail from attempts
where id = any(:ids::bigint[]) and purpose in ('change', 'charge') and state in ('begun', 'open');

-- name: close_attempts
-- The attempts that these facts answer are over, once; with what they held. A decline ends a charge, but no
-- page: there another card may be tried.
update attempts a set state = case n.state when 'declined' then 'failed' else n.state end,
                      error = coalesce(nullif(n.error, ''), a.error)
from unnest(:ids::bigint[], :states::text[], :errors::text[]) as n (id, state, error)
where a.id = n.id and a.state in ('begun', 'open') and (n.state <> 'declined' or a.purpose = 'charge')
returning a.id, a.pledge_id, a.purpose, a.state, a.detail;
