-- name: request_refund$
-- What we have decided to give back, before Stripe is asked (P4).
insert into refunds (pledge_id, payment, amount, parts, idempotency_key, reason, made_by, made_at)
values (:pledge_id, :payment, :amount, :parts, :idempotency_key, :reason, :by, :now)
returning id;

-- name: requested_refunds
-- What has been asked back of a pledge so far, by payment; what failed does not count.
select payment, sum(amount)::bigint as amount from refunds
where pledge_id = :pledge_id and state <> 'failed' group by payment;

-- name: lines_returned
-- Pieces of a pledge's lines that were asked back, by the line's place.
select l.key::int as position, sum(l.value::int)::int as count
from refunds r cross join jsonb_each_text(r.parts -> 'lines') l
where r.pledge_id = :pledge_id and r.state <> 'failed' group by 1;

-- name: forget_lines_returned!
-- The pledge has other lines now: what came back was of the old ones.
update refunds set parts = parts - 'lines' where pledge_id = :pledge_id and parts is not null;

-- name: refunds_to_send
select id, pledge_id, payment, amount, parts, idempotency_key from refunds
where state = 'begun' order by id limit :most;

-- name: refund_sent!
update refunds set state = 'sent', provider_id = :provider_id where id = :id and state = 'begun';

-- name: refund_failed!
update refunds set state = 'failed', error = :error where id = :id and state <> 'failed';

-- name: refunds_bounced!
-- Refunds that Stripe took and the bank sent back.
update refunds set state = 'failed', error = 'the bank sent it back' where provider_id = any(:provider_ids::text[]);

-- name: refunds_of_pledge
select id, payment, amount, state, reason, error, made_by, made_at from refunds where pledge_id = :pledge_id order by id;
