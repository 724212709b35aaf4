-- name: campaigns_to_close
-- Campaigns whose deadline has passed and whose outcome is not decided.
select id from campaigns where outcome is null and published and closes_at <= :now order by closes_at, id;

-- name: close_campaign!
-- The deadline has passed: from here on nobody pledges in time.
update campaigns set closed_at = :closed_at where id = :campaign_id and closed_at is null;

-- name: decide_campaign!
update campaigns set outcome = :outcome where id = :campaign_id and outcome is null;

-- name: is_undecided$
-- Whether the total may still change: checkouts begun in time that may be finished (P7).
select exists (select from pledges p join attempts a on a.pledge_id = p.id and a.state in ('begun', 'open')
              where p.campaign_id = :campaign_id and p.state = 'started' and not p.late and not p.processing);

-- name: has_waiting_facts$
select exists (select from facts where campaign_id = :campaign_id and state = 'waiting');
