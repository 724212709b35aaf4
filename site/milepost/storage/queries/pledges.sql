-- name: campaign_to_pledge^
-- What a new pledge must know of its campaign.
select id, store_id, track_id, slug, title, basis, currency, goal, funding_model, zone, opens_at, closes_at,
       late_pledges, published, closed_at, outcome, last_day_guard, units, money, tax, excluded_countries,
       review_limit
from campaigns where slug = :slug;

-- name: tier_to_pledge^
select id, title, price, units, slots, claimed, opens_at, closes_at
from tiers where id = :tier_id and campaign_id = :campaign_id;

-- name: claim_slots$
-- The slots, if as many are left: one conditional statement, whatever the race (P3).
update tiers set claimed = claimed + :quantity
where id = :tier_id and (slots is null or claimed + :quantity <= slots)
returning true;

-- name: add_pledge$
insert into pledges (key, campaign_id, locale, units, money, shipping, country, tiers, late, claiming,
                     started_at, expires_at, source, tag, customer_id, credit, gifts)
values (:key, :campaign_id, :locale, :units, :money, :shipping, :country, :tiers, :late, :claiming,
        :now, :expires_at, :source, :tag, :customer_id, :credit, :gifts)
returning id;

-- name: add_lines!
insert into pledge_lines (pledge_id, position, source, tier_id, title, quantity, unit_price, units)
select :pledge_id, ordinality, source, tier_id, title, quantity, unit_price, units
from unnest(:sources::text[], :tier_ids::bigint[], :titles::text[], :quantities::int[],
            :unit_prices::bigint[], :units::bigint[])
    with ordinality as l (source, tier_id, title, quantity, unit_price, units, ordinality);

-- name: free_slots!
-- Slots of limited tiers go back when a pledge that claimed them gives them up (P3).
update tiers t
set claimed = t.claimed - freed.quantity
from (select l.tier_id, sum(l.quantity) as quantity
      from pledge_lines l join pledges p on p.id = l.pledge_id
      where l.pledge_id = any(:pledge_ids::bigint[]) and l.tier_id is not null and p.claiming
      group by l.tier_id) freed
where t.id = freed.tier_id and t.slots is not null;

-- name: free_claims!
-- Slots that were claimed for a change of lines which did not come about (P3).
update tiers t set claimed = t.claimed - c.quantity
from unnest(:tier_ids::bigint[], :quantities::bigint[]) as c (tier_id, quantity)
where t.id = c.tier_id and t.slots is not null;

-- name: hold_slots!
-- The slots that a pledge's new lines need: it held as many, or has claimed them (P3).
update tiers t set claimed = t.claimed + held.quantity
from (select tier_id, sum(quantity) as quantity from pledge_lines
      where pledge_id = :pledge_id and tier_id is not null group by tier_id) held
where t.id = held.tier_id and t.slots is not null;

-- name: send_to!
update pledges set country = :country, claiming = :claiming where id = :pledge_id;

-- name: recount_later!
-- The overview counts this pledge anew. The mark is locked, though it may be there already: whoever takes it
-- waits for this transaction, and then sees what it changed.
insert into to_recount (campaign_id, pledge_id)
select campaign_id, id from pledges where id = :pledge_id and entered
on conflict (campaign_id, pledge_id) do update set pledge_id = excluded.pledge_id;

-- name: is_changing$
-- Whether a change of the pledge is decided and not settled yet.
select exists (select from facts where campaign_id = :campaign_id and pledge_id = :pledge_id
               and state = 'waiting' and kind in ('changed', 'cancelled', 'topped_up', 'dropped'));

-- name: is_packed$
-- Whether something of the pledge is in a box, or was sent.
select exists (select from packed_or_sent where pledge_id = :pledge_id);

-- name: held_slots
-- The slots of limited tiers that the pledge's lines hold.
select l.tier_id, sum(l.quantity)::bigint as quantity
from pledge_lines l join pledges p on p.id = l.pledge_id join tiers t on t.id = l.tier_id
where l.pledge_id = :pledge_id and p.claiming and t.slots is not null
group by l.tier_id;

-- name: clear_lines!
delete from pledge_lines where pledge_id = :pledge_id;

-- name: begin_attempt$
-- The row that stands before the call (P4).
insert into attempts (pledge_id, purpose, idempotency_key, made_at)
values (:pledge_id, :purpose, :idempotency_key, :now)
returning id;

-- name: open_attempt$
update attempts set state = 'open', session = :session, url = :url
where id = :attempt_id and state = 'begun'
returning true;

-- name: fail_attempt!
update attempts set state = 'failed', error = :error where id = :attempt_id and state in ('begun', 'open');

-- name: abandon_pledge!
-- A checkout that could not even be opened: the pledge is over and its slots go back (P3).
with over as (
    update pledges set state = 'expired', claiming = false
    where id = :pledge_id and state = 'started'
    returning id
)
update tiers t set claimed = t.claimed - l.quantity
from pledge_lines l, over
where l.pledge_id = over.id and t.id = l.tier_id and t.slots is not null;

-- name: pledge_by_key^
-- One pledge with its campaign and store, for the page behind its link.
select p.*, c.slug, c.store_id, c.currency, a.url as pay_url, a.session, a.id as attempt_id, b.first_seq
from pledges p
join campaigns c on c.id = p.campaign_id
left join attempts a on a.pledge_id = p.id and a.state = 'open'
left join backers b on b.campaign_id = p.campaign_id and b.customer_id = p.customer_id
where p.key = :key;

-- name: lines_of_pledge
select position, source, tier_id, title, quantity, unit_price, units
from pledge_lines where pledge_id = :pledge_id order by position;

-- name: overdue_checkouts
-- Checkouts that Stripe should be asked to close: past their time, or past the campaign's grace (P7).
select p.id as pledge_id, p.key, p.campaign_id, p.locale, p.expires_at, c.currency, a.id as attempt_id,
       a.idempotency_key, a.session, a.state
from pledges p
join campaigns c on c.id = p.campaign_id
join attempts a on a.pledge_id = p.id and a.state in ('begun', 'open')
where p.state = 'started' and not p.processing
  and (p.expires_at < :now or (not p.late and c.closes_at + :grace < :now))
order by p.id
limit :most;

-- name: lock_campaign_of_pledge$
-- The campaign first, then its pledge: the order in which everyone locks them.
select c.id from campaigns c join pledges p on p.campaign_id = c.id where p.id = :pledge_id
for no key update of c;

-- name: lock_pledge^
select p.id, p.key, p.campaign_id, p.customer_id, p.state, p.held, p.money, p.units, p.shipping, p.tax, p.country, p.tiers,
       p.late, p.paid, p.refunds, p.refunded_totals, p.refund_parts, p.origins, p.disputes, p.entered, p.claiming, p.processing,
       p.counted_units, p.counted_money, p.credit, p.credit_back, p.gifts, c.currency, c.title, c.slug, c.tax as is_taxed, c.outcome, c.funding_model
from pledges p join campaigns c on c.id = p.campaign_id
where p.id = :pledge_id
for update of p;

-- name: disputed_pledges
-- Pledges whose payment is or was in dispute at a bank, the newest first.
select p.id, c.slug, c.currency, p.state, p.money + p.shipping + p.tax as due, p.disputes
from pledges p join campaigns c on c.id = p.campaign_id
where p.disputes <> '{}' and (:all or p.state = 'disputed')
order by p.id desc;

-- name: rewards_of_backer
-- Every milestone of the campaign with this backer's grant for it, if any.
select m.id, m.target, m.reached_seq, m.reached_at, m.revealed_at, m.mystery, m.reveal, m.audience,
       g.state, g.backordered, g.quantity, g.beneficiary, g.pledge_id,
       r.kind, r.title, r.image, r.image_alt, r.text_before, r.text_after, r.exclusive, r.code_kind,
       r.shared_code, r.translations, c.code
from milestones m
left join grants g on g.milestone_id = m.id
     and g.beneficiary = case when m.per = 'backer' then :customer_id::bigint else :pledge_id::bigint end
join rewards r on r.id = coalesce(g.reward_id, m.reward_id)
left join reward_codes c on c.milestone_id = m.id and c.beneficiary = g.beneficiary
where m.track_id = (select track_id from campaigns where id = :campaign_id)
  and (m.archived_at is null or g.state is not null) -- what was granted stays in sight (A13)
order by m.target, m.id;
