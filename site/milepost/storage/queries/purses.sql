-- name: purse^
-- What whoever is signed in can use in a pledge to the campaign: credit in its currency, and gifts that are there.
-- Tax comes on the payment page, on top of what the card pays: there no credit is taken.
select u.id as customer_id, u.email, case when c.tax then 0 else coalesce(b.ready, 0) end as credit, gifts.found as gifts
from campaigns c
join customers u on u.store_id = c.store_id and u.erased_at is null
join visits v on v.email = u.email and v.token_hash = :visit and v.expires_at > :now
left join balances b on b.customer_id = u.id and b.unit = c.currency
cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
               'key', g.milestone_id || ':' || g.beneficiary, 'program', g.name,
               'program_translations', g.translations, 'products', g.products)
               order by g.granted_seq, g.milestone_id, g.beneficiary), '[]') as found
    from (select x.milestone_id, x.beneficiary, x.granted_seq, p.name, p.translations,
                 (select jsonb_agg(jsonb_build_object('product', s.id, 'title', s.title, 'image', s.image, 'ships', s.ships,
                                                      'translations', s.translations) order by s.id)
                  from products s where s.id = any(w.products)) as products
          from grants x join milestones n on n.id = x.milestone_id join programs p on p.track_id = n.track_id
          join rewards w on w.id = x.reward_id and w.products <> '{}'
          where x.customer_id = u.id and x.pledge_id = 0 and x.state = 'owed'
            and x.order_id is null and x.with_pledge is null
            and not exists (select from products s where s.id = any(w.products) and for_sale(s) = 0)
          order by x.granted_seq, x.milestone_id, x.beneficiary limit 20) g) gifts
where c.slug = :slug;

-- name: hold_account_of_visit$
-- What the owner of this visit has in the store, locked.
select a.customer_id from accounts a
join customers u on u.id = a.customer_id and u.erased_at is null
join visits v on v.email = u.email and v.token_hash = :visit and v.expires_at > :now
where u.store_id = :store_id
for update of a;

-- name: take_along
-- The gifts that are owed to the customer and go with nothing else go with this pledge; those, and no others.
update grants g set with_pledge = :pledge_id
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]) as w (milestone_id, beneficiary)
where g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary
  and g.customer_id = :customer_id and g.pledge_id = 0 and g.state = 'owed' and g.order_id is null and g.with_pledge is null
returning g.milestone_id;

-- name: give_along!
-- These pledges are charged: the gifts that go with them are given for good.
update grants set state = 'fulfilled' where with_pledge = any(:pledge_ids::bigint[]) and state = 'owed';

-- name: note_credit_back!
update pledges p set credit_back = w.credit_back
from unnest(:pledge_ids::bigint[], :credit_backs::bigint[]) as w (pledge_id, credit_back)
where p.id = w.pledge_id;

-- name: return_all_credit
-- All that the confirmed pledges of a campaign have set aside is their backers' again.
update pledges p set credit_back = p.credit
from (select id, credit - credit_back as amount from pledges
      where campaign_id = :campaign_id and state = 'confirmed' and credit > credit_back
      order by id for update) o
where p.id = o.id
returning p.id, p.customer_id, o.amount;

-- name: left_along
-- Pledges of which nothing comes, with what should have gone with them and was not packed: the next one.
select p.id, p.campaign_id, p.customer_id, p.gifts, p.state
from grants g
join pledges p on p.id = g.with_pledge
join campaigns c on c.id = p.campaign_id
where g.with_pledge is not null and (:pledge_id::bigint is null or g.with_pledge = :pledge_id)
  and (p.state in ('expired', 'cancelled', 'dropped')
       or p.state = 'confirmed' and c.outcome = 'failed'
       or p.state = 'refunded' and not exists (select from packed_or_sent x where x.pledge_id = p.id and x.milestone_id = 0))
order by p.id limit 1;

-- name: take_back_along$
-- They are the customer's to choose again, and the pledge brings them no more, whatever becomes of it; how many.
with freed as (
    update grants set with_pledge = null, state = case when state = 'fulfilled' then 'owed' else state end
    where with_pledge = :pledge_id returning 1
), emptied as (
    update pledges set gifts = '[]' where id = :pledge_id
)
select count(*)::int from freed;

-- name: wrong_purses
-- Pledges whose backer's account does not say what they used of its credit, and what came back.
select p.id, c.slug, c.currency, coalesce(e.moved, 0)::bigint as moved, p.credit_back - p.credit as expected
from pledges p
join campaigns c on c.id = p.campaign_id
join customers u on u.id = p.customer_id and u.erased_at is null
left join lateral (select sum(ready) as moved from account_entries
                   where customer_id = p.customer_id and unit = c.currency and source = 'pledge:' || p.id) e on true
where p.credit > 0 and coalesce(e.moved, 0) <> p.credit_back - p.credit
order by p.id
limit :most;

-- name: wrong_gifts_of_pledges
-- Grants that go with a pledge which does not bring them, or are given before it is charged, and the other way round.
select p.id, c.slug, g.milestone_id || ':' || g.beneficiary as grant
from grants g join pledges p on p.id = g.with_pledge join campaigns c on c.id = p.campaign_id
where g.with_pledge is not null
  and (g.state = 'void' or g.state = 'fulfilled' and p.state not in ('charged', 'disputed', 'refunded')
       or g.state = 'owed' and p.state = 'charged'
       or not p.gifts @> jsonb_build_array(jsonb_build_object('grant', g.milestone_id || ':' || g.beneficiary)))
union
select p.id, c.slug, x ->> 'grant'
from pledges p join campaigns c on c.id = p.campaign_id cross join lateral jsonb_array_elements(p.gifts) x
where p.gifts <> '[]' and p.state = 'charged'
  and not exists (select from grants g where g.with_pledge = p.id and g.milestone_id || ':' || g.beneficiary = x ->> 'grant')
order by 1, 3
limit :most;
