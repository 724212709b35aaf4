-- name: charge_everyone!
-- Everyone whose card was saved is to be charged from now on: the campaign closed funded (P2).
insert into charges (pledge_id, campaign_id, due_at)
select id, campaign_id, :now from pledges
where campaign_id = :campaign_id and state = 'confirmed' and not held
on conflict (pledge_id) do nothing;

-- name: charge_these!
-- The same for those confirmed or released after the close.
insert into charges (pledge_id, campaign_id, due_at)
select id, campaign_id, :now from pledges
where id = any(:pledge_ids::bigint[]) and state = 'confirmed' and not held
on conflict (pledge_id) do nothing;

-- name: take_charges
-- The next that are due, for this worker alone; what comes of them sets when they are due again.
with due as (
    select pledge_id from charges where due_at <= :now
    order by due_at, pledge_id limit :most
    for update skip locked
)
update charges c set due_at = null from due where c.pledge_id = due.pledge_id
returning c.pledge_id;

-- name: put_off_charges!
-- Another attempt stands in the way: later.
update charges c set due_at = :due_at
where pledge_id = any(:pledge_ids::bigint[]) and due_at is null
  and exists (select from pledges p where p.id = c.pledge_id and p.state in ('confirmed', 'past_due'));

-- name: charges_failed
-- One more attempt is known to have failed; the next is due by the schedule, if it has one left (P5).
update charges c
set tries = tries + 1, failed_at = coalesce(failed_at, :now), reason = n.reason,
    due_at = case when c.tries < cardinality(:days::int[])
             then greatest(coalesce(failed_at, :now::timestamptz) + make_interval(days => (:days::int[])[c.tries + 1]),
                           :now::timestamptz + interval '1 day') end -- also after a worker was away for days
from unnest(:pledge_ids::bigint[], :reasons::text[]) as n (pledge_id, reason)
where c.pledge_id = n.pledge_id
returning c.pledge_id, c.tries, c.due_at, c.failed_at, c.reason;

-- name: charge_now!
-- A mended card is tried at once.
update charges set due_at = :now where pledge_id = any(:pledge_ids::bigint[]);

-- name: keep_cards!
-- The saved card of each pledge; the latest counts.
insert into cards (pledge_id, customer, method)
select * from unnest(:pledge_ids::bigint[], :customers::text[], :methods::text[])
on conflict (pledge_id) do update set customer = excluded.customer, method = excluded.method;

-- name: forget_cards!
-- A campaign that failed charges nobody: its cards are forgotten.
delete from cards c using pledges p where p.id = c.pledge_id and p.campaign_id = :campaign_id;

-- name: charges_progress^
-- How far the charges of a campaign are, in pledges and minor units.
select count(*) as pledges,
       count(*) filter (where p.state = 'charged') as charged,
       count(*) filter (where p.state = 'confirmed') as waiting,
       count(*) filter (where p.state = 'past_due') as past_due,
       count(*) filter (where p.state = 'dropped') as dropped,
       coalesce(sum(p.money + p.shipping + p.tax) filter (where p.state = 'charged'), 0)::bigint as money_charged,
       coalesce(sum(p.money + p.shipping + p.tax) filter (where p.state in ('confirmed', 'past_due')), 0)::bigint as money_waiting
from charges c join pledges p on p.id = c.pledge_id
where c.campaign_id = :campaign_id;
