-- name: fulfilment_contents
-- What the campaign's milestones give, the reached ones, by target.
select m.id, m.target, m.reached_at, m.revealed_at, m.archived_at, r.kind, r.code_kind, r.title, p.title as product, p.stock
from milestones m join rewards r on r.id = m.reward_id left join products p on p.id = r.product_id
where m.track_id = :track_id and m.reached_seq is not null
order by m.target, m.id;

-- name: tallied^
select counted_at, counts from fulfilment_counts where campaign_id = :campaign_id;

-- name: tallied_among
select campaign_id from fulfilment_counts where campaign_id = any(:campaign_ids::bigint[]);

-- name: keep_tally!
insert into fulfilment_counts (campaign_id, counted_at, counts) values (:campaign_id, :now, :counts)
on conflict (campaign_id) do update set counted_at = excluded.counted_at, counts = excluded.counts;

-- name: forget_tally!
delete from fulfilment_counts where campaign_id = :campaign_id;

-- name: count_contents
-- How many parcels of each kind stand where: what is packed or sent as its parcel says, the rest as is owed.
select g.milestone_id,
       case when g.state = 'fulfilled' then 'shipped'
            when g.state <> 'void' and g.backordered then 'backordered'
            when g.state = 'owed' and x.state is not null then x.state
            else g.state end as state,
       count(*)::bigint as count, count(*) filter (where g.flagged)::bigint as flagged
from grants g
left join packed_or_sent x on x.campaign_id = :campaign_id and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary
where g.milestone_id = any(:milestone_ids::bigint[])
group by 1, 2
union all
select 0, case when x.state = 'shipped' then 'shipped'
               when o.state = 'owed' and x.state is not null then x.state else o.state end, count(*)::bigint, 0
from own_goods o
left join packed_or_sent x on x.campaign_id = o.campaign_id and x.milestone_id = 0 and x.beneficiary = o.pledge_id
where o.campaign_id = :campaign_id
group by 2;

-- name: batches_of_campaign
select b.id, b.name, b.contents, b.boxes, b.parcels, b.sent, b.made_at, c.name as maker, c.email as maker_address
from batches b left join creators c on c.id = b.made_by
where b.campaign_id = :campaign_id and (:before::bigint is null or b.id < :before)
order by b.id desc limit :most;

-- name: batch_of_campaign^
select b.*, c.name as maker, c.email as maker_address,
       (select coalesce(max(box), 0) from parcels where batch_id = b.id) as last_box
from batches b left join creators c on c.id = b.made_by
where b.campaign_id = :campaign_id and b.id = :batch_id;

-- name: add_batch$
insert into batches (campaign_id, name, contents, filters, made_by, made_at)
values (:campaign_id, :name, :contents, :filters, :made_by, :now)
returning id;

-- name: fill_batch^
-- Whatever is owed, paid, in stock and in no batch yet, as wanted: one box for each pledge, in their order.
with candidates as materialized (
    select 0::bigint as milestone_id, o.pledge_id as beneficiary, o.pledge_id
    from own_goods o where o.campaign_id = :campaign_id and 0 = any(:contents::bigint[]) and o.state = 'owed'
    union all
    select g.milestone_id, g.beneficiary, g.pledge_id
    from grants g join milestones m on m.id = g.milestone_id and m.track_id = :track_id and m.revealed_at is not null
    where g.milestone_id = any(:contents::bigint[]) and g.state = 'owed' and not g.backordered
), fit as materialized (
    select c.milestone_id, c.beneficiary, c.pledge_id, dense_rank() over (order by c.pledge_id) as box
    from candidates c
    -- One look by key each, whatever the planner believes of how many come through.
    cross join lateral (select id, customer_id, country, refunds from pledges
                        where id = c.pledge_id and state = 'charged' and not held limit 1) p
    left join lateral (select pledge_id, country from addresses where pledge_id = c.pledge_id limit 1) a on true
    left join lateral (select state from packed_or_sent x where x.campaign_id = :campaign_id
                       and x.milestone_id = c.milestone_id and x.beneficiary = c.beneficiary limit 1) x on true
    where x.state is null
      and (:country::text is null or coalesce(a.country, p.country) = :country)
      and (:tier_id::bigint is null
           or exists (select from pledge_lines l where l.pledge_id = p.id and l.tier_id = :tier_id))
      and (not :addressed::boolean or a.pledge_id is not null)
      and (not :answered::boolean or not exists (
           select from questions q left join answers w on w.question_id = q.id and w.pledge_id = p.id
           where q.campaign_id = :campaign_id and q.required and w.question_id is null
             and (q.tiers = '{}' or q.tiers && array(select l.tier_id from pledge_lines l
                                                     where l.pledge_id = p.id and l.tier_id is not null))
             and (q.milestone_id is null or exists (
                  select from milestones m join grants g on g.milestone_id = m.id
                  where m.id = q.milestone_id and m.revealed_at is not null and g.state in ('provisional', 'owed', 'held')
                    and g.beneficiary = case when m.per = 'backer' then p.customer_id else p.id end))))
      and not exists (select from refunds r where r.pledge_id = p.id
                      and (r.state = 'begun' or (r.state = 'sent' and not p.refunds ? r.provider_id)))
      and not exists (select from attempts t where t.pledge_id = p.id and t.purpose = 'change' and t.state in ('begun', 'open'))
      and c.pledge_id not in (select f.pledge_id from facts f where f.state = 'waiting' and f.pledge_id is not null
                              and f.kind in ('cancelled', 'changed', 'topped_up', 'dropped', 'refund', 'disputed'))
), packed as (
    insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id, batch_id, box)
    select :campaign_id, milestone_id, beneficiary, pledge_id, :batch_id, box from fit
    where :most::int is null or box <= :most
    -- what was sent by mistake and corrected is ready already, in no batch
    on conflict (campaign_id, milestone_id, beneficiary) do update
    set pledge_id = excluded.pledge_id, batch_id = excluded.batch_id, box = excluded.box
    returning box
)
select count(*)::int as parcels, count(distinct box)::int as boxes from packed;

-- name: picks_of_batch
-- What to take from the shelf for all of it, and what was chosen.
select '' as question, i.title, sum(i.quantity)::bigint as count
from (select l.title, l.quantity from parcels x join goods_lines l on l.pledge_id = x.pledge_id
      where x.batch_id = :batch_id and x.milestone_id = 0
      union all
      select coalesce(s.title, r.title), g.quantity
      from parcels x join grants g on g.milestone_id = x.milestone_id and g.beneficiary = x.beneficiary
      join rewards r on r.id = g.reward_id left join products s on s.id = r.product_id
      where x.batch_id = :batch_id and x.milestone_id <> 0) i
where i.quantity > 0 group by i.title
union all
select q.prompt, w.answer, count(*)::bigint
from (select distinct pledge_id from parcels where batch_id = :batch_id) x
join answers w on w.pledge_id = x.pledge_id join questions q on q.id = w.question_id and q.kind = 'choice'
group by 1, 2
order by 1, 3 desc, 2;

-- name: finish_batch!
update batches set boxes = :boxes, parcels = :parcels, picks = :picks where id = :batch_id;

-- name: end_of_boxes$
-- The last of the next boxes: what was dissolved has left gaps between them.
select max(box) from (select distinct box from parcels where batch_id = :batch_id and box > :after
                      order by box limit :most) n;

-- name: boxes_of_batch
-- The boxes from one place to another, each with where it goes and what keeps any of it back.
select x.box, x.pledge_id, x.parcels, x.sent, x.hindrances, x.carrier, x.tracking, p.state, u.name as customer_name,
       case when :mails::boolean then u.email else '' end as email,
       a.pledge_id is not null as has_address, a.name, a.line1, a.line2, a.city, a.region, a.postal_code,
       coalesce(a.country, p.country) as country, a.phone
from (select v.box, v.pledge_id, count(*)::int as parcels, count(*) filter (where v.state = 'shipped')::int as sent,
             array_remove(array_agg(distinct v.hindrance), null) as hindrances,
             max(v.carrier) as carrier, max(v.tracking) as tracking
      from parcels_and_why v
      where v.batch_id = :batch_id and v.box > :after and v.box <= :through
      group by v.box, v.pledge_id) x
join pledges p on p.id = x.pledge_id
left join customers u on u.id = p.customer_id and u.erased_at is null
left join addresses a on a.pledge_id = p.id
order by x.box;

-- name: items_of_boxes
-- What is in these boxes: the pledge's own goods first, then what the milestones give.
select x.pledge_id, 0::bigint as milestone_id, l.title, l.quantity
from parcels x join goods_lines l on l.pledge_id = x.pledge_id and l.quantity > 0
where x.batch_id = :batch_id and x.box > :after and x.box <= :through and x.milestone_id = 0
union all
select x.pledge_id, x.milestone_id, coalesce(s.title, r.title), g.quantity
from parcels x join grants g on g.milestone_id = x.milestone_id and g.beneficiary = x.beneficiary
join rewards r on r.id = g.reward_id left join products s on s.id = r.product_id
where x.batch_id = :batch_id and x.box > :after and x.box <= :through and x.milestone_id <> 0
order by 1, 2, 3;

-- name: answers_for_boxes
select w.pledge_id, q.prompt, w.answer
from answers w join questions q on q.id = w.question_id
where w.pledge_id in (select x.pledge_id from parcels x
                      where x.batch_id = :batch_id and x.box > :after and x.box <= :through)
order by w.pledge_id, q.position, q.id;

-- name: dissolve_batch$
-- What of it is not sent is in no batch any more.
with gone as (delete from parcels where batch_id = :batch_id and state = 'ready' returning 1),
     kept as (select count(*)::int as parcels, count(distinct box)::int as boxes
              from parcels where batch_id = :batch_id and state = 'shipped'),
     less as (update batches b set parcels = k.parcels, boxes = k.boxes from kept k where b.id = :batch_id)
select count(*)::bigint from gone;

-- name: ready_all_of_pledge
-- What is owed to one pledge, sent by post and in no batch is made ready, without one: its goods and products.
-- A code or a text is in no box.
insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id)
select o.campaign_id, 0, o.pledge_id, o.pledge_id
from own_goods o where o.campaign_id = :campaign_id and o.pledge_id = :pledge_id and o.state = 'owed'
union all
select :campaign_id, g.milestone_id, g.beneficiary, g.pledge_id
from grants g join milestones m on m.id = g.milestone_id and m.track_id = :track_id and m.revealed_at is not null
join rewards r on r.id = g.reward_id and r.kind = 'product'
join pledges p on p.id = :pledge_id and p.campaign_id = :campaign_id
where g.beneficiary in (p.id, p.customer_id) and g.pledge_id = p.id and g.state = 'owed' and not g.backordered
  and g.beneficiary = case when m.per = 'backer' then p.customer_id else p.id end
on conflict do nothing
returning milestone_id;

-- name: ship_parcels
-- What is ready of these pledges and may go is sent, and its grants with it; each once (A15).
with due as (
    select * from unnest(:pledge_ids::bigint[], :carriers::text[], :trackings::text[]) as d (pledge_id, carrier, tracking)
), fit as materialized (
    select v.milestone_id, v.beneficiary, v.pledge_id, d.carrier, d.tracking
    from due d join parcels_and_why v on v.pledge_id = d.pledge_id
    where v.campaign_id = :campaign_id and v.state = 'ready' and v.hindrance is null
      and (:batch_id::bigint is null or v.batch_id = :batch_id)
), given as (
    update grants g set state = 'fulfilled' from fit f
    where f.milestone_id <> 0 and g.milestone_id = f.milestone_id and g.beneficiary = f.beneficiary
      and g.state = 'owed' and not g.backordered
    returning 1
)
update parcels x
set state = 'shipped', carrier = f.carrier, tracking = f.tracking, shipped_at = :now, shipped_by = :by
from fit f
where x.campaign_id = :campaign_id and x.milestone_id = f.milestone_id and x.beneficiary = f.beneficiary
returning x.pledge_id, x.milestone_id, x.beneficiary, x.batch_id, x.carrier, x.tracking, x.corrected;

-- name: count_sent!
update batches b set sent = sent + n.count
from unnest(:batch_ids::bigint[], :counts::int[]) as n (batch_id, count)
where b.id = n.batch_id;

-- name: note_shipped
-- Rewards that were sent outside of any batch.
insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id, state, carrier, tracking, shipped_at)
select :campaign_id, :milestone_id, beneficiary, pledge_id, 'shipped', :carrier, :tracking, :now
from unnest(:beneficiaries::bigint[], :pledge_ids::bigint[]) as n (beneficiary, pledge_id)
on conflict (campaign_id, milestone_id, beneficiary) do update
set state = 'shipped', carrier = excluded.carrier, tracking = excluded.tracking, shipped_at = excluded.shipped_at
returning batch_id;

-- name: lock_parcel^
-- One parcel with what it stands for, held until the transaction ends.
select x.*, p.state as pledge_state, p.held, g.state as grant_state, g.flagged
from parcels x join pledges p on p.id = x.pledge_id
left join grants g on x.milestone_id <> 0 and g.milestone_id = x.milestone_id and g.beneficiary = x.beneficiary
where x.campaign_id = :campaign_id and x.pledge_id = :pledge_id and x.milestone_id = :milestone_id
for update of x;

-- name: unship_parcel!
update parcels
set state = 'ready', carrier = '', tracking = '', shipped_at = null, shipped_by = null, corrected = corrected + 1
where campaign_id = :campaign_id and milestone_id = :milestone_id and beneficiary = :beneficiary;

-- name: unfulfil_grant!
update grants set state = 'owed' where milestone_id = :milestone_id and beneficiary = :beneficiary and state = 'fulfilled';

-- name: parcels_of_pledge
-- What was made ready or sent for a pledge and for its backer's rewards that travel with it.
select v.milestone_id, v.beneficiary, v.batch_id, v.box, v.state, v.carrier, v.tracking, v.shipped_at, v.hindrance,
       b.name as batch_name, c.name as sender, c.email as sender_address
from parcels_and_why v left join batches b on b.id = v.batch_id left join creators c on c.id = v.shipped_by
where v.pledge_id = :pledge_id order by v.milestone_id;

-- name: parcels_of_backer
-- How far each of a backer's parcels of this pledge is: own goods, and rewards wherever they travel.
select x.milestone_id, x.state, x.carrier, x.tracking, x.shipped_at
from packed_or_sent x
where x.campaign_id = :campaign_id
  and x.pledge_id in (select id from pledges where campaign_id = :campaign_id and customer_id = :customer_id
                      union all select :pledge_id::bigint)
  and (x.milestone_id <> 0 or x.pledge_id = :pledge_id);

-- name: grants_in_fulfilment
-- The next grants of a milestone after a place, among the next `window`: who is owed it, and how far it is.
select n.beneficiary, n.pledge_id, n.quantity, n.state, n.backordered, n.flagged, n.parcel, n.batch_id, n.tracking, n.carrier,
       u.name as customer_name, case when :mails::boolean then u.email else '' end as email,
       a.name, a.city, coalesce(a.country, p.country) as country, a.pledge_id is not null as has_address
from (select g.beneficiary, g.pledge_id, g.customer_id, g.quantity, g.state, g.backordered, g.flagged,
             x.state as parcel, x.batch_id, x.tracking, x.carrier
      from (select * from grants where milestone_id = :milestone_id and beneficiary > :after
            order by beneficiary limit :window) g
      left join packed_or_sent x on x.campaign_id = :campaign_id and x.milestone_id = :milestone_id and x.beneficiary = g.beneficiary) n
left join pledges p on p.id = n.pledge_id
left join customers u on u.id = n.customer_id and u.erased_at is null
left join addresses a on a.pledge_id = n.pledge_id
where (:standing::text is null or :standing = case
         when n.state = 'fulfilled' then 'shipped' when n.state <> 'void' and n.backordered then 'backordered'
         when n.state = 'owed' and n.parcel is not null then n.parcel else n.state end)
  and (:country::text is null or coalesce(a.country, p.country) = :country)
order by n.beneficiary limit :most;

-- name: end_of_grants$
-- The last place among the next `window`; null when nothing comes after it.
select case when count(*) > :window then max(beneficiary) filter (where place <= :window) end
from (select beneficiary, row_number() over (order by beneficiary) as place from grants
      where milestone_id = :milestone_id and beneficiary > :after order by beneficiary limit :window + 1) n;

-- name: goods_in_fulfilment
-- The next pledges with goods of their own after a place, among the next `window`.
select p.id as beneficiary, p.id as pledge_id, 1 as quantity, n.state, false as backordered, false as flagged, x.state as parcel,
       x.batch_id, x.tracking, x.carrier, u.name as customer_name, case when :mails::boolean then u.email else '' end as email,
       a.name, a.city, coalesce(a.country, p.country) as country, a.pledge_id is not null as has_address
from (select id from pledges where campaign_id = :campaign_id and confirmed_at is not null and id > :after
      order by id limit :window) w
join own_goods n on n.pledge_id = w.id and n.campaign_id = :campaign_id
join pledges p on p.id = w.id
left join packed_or_sent x on x.campaign_id = :campaign_id and x.milestone_id = 0 and x.beneficiary = p.id
left join customers u on u.id = p.customer_id and u.erased_at is null
left join addresses a on a.pledge_id = p.id
where (:standing::text is null or :standing = case
         when x.state = 'shipped' then 'shipped' when n.state = 'owed' and x.state is not null then x.state else n.state end)
  and (:country::text is null or coalesce(a.country, p.country) = :country)
order by p.id limit :most;

-- name: end_of_goods$
select case when count(*) > :window then max(id) filter (where place <= :window) end
from (select id, row_number() over (order by id) as place from pledges
      where campaign_id = :campaign_id and confirmed_at is not null and id > :after order by id limit :window + 1) n;

-- name: track_of_campaign$
select track_id from campaigns where id = :campaign_id;
