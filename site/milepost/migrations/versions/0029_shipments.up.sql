-- Each grant of a campaign with what keeps it from being sent, in a box or not; without `hindrance` it may go.
create view grants_and_why as
select c.id as campaign_id, g.milestone_id, g.beneficiary, coalesce(x.pledge_id, g.pledge_id) as pledge_id,
       g.state = 'fulfilled' or coalesce(x.state = 'shipped', false) as is_sent, x.tracking,
       case when r.kind <> 'product' then 'no_parcel'
            when g.state = 'fulfilled' or x.state = 'shipped' then null
            when g.state = 'void' then 'over'
            when p.held then 'held'
            when p.state = 'disputed' then 'disputed'
            when p.state in ('started', 'confirmed', 'past_due') then 'unpaid'
            when p.state <> 'charged' then 'over'
            when m.revealed_at is null then 'unrevealed'
            when g.state = 'held' then 'held'
            when g.state = 'provisional' then 'unpaid'
            when g.state <> 'owed' then 'over'
            when g.backordered then 'backordered'
            when p.is_moving then 'moving' end as hindrance
from grants g
join milestones m on m.id = g.milestone_id
join campaigns c on c.track_id = m.track_id
join rewards r on r.id = g.reward_id
left join parcels x on x.campaign_id = c.id and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary
join pledges_and_moves p on p.id = coalesce(x.pledge_id, g.pledge_id);

-- The same of each pledge that has goods of its own to send.
create view goods_and_why as
select p.campaign_id, 0::bigint as milestone_id, p.id as beneficiary, p.id as pledge_id,
       coalesce(x.state = 'shipped', false) as is_sent, x.tracking,
       case when x.state = 'shipped' then null
            when p.held then 'held'
            when p.state = 'disputed' then 'disputed'
            when p.state in ('started', 'confirmed', 'past_due') then 'unpaid'
            when p.state <> 'charged' then 'over'
            when not exists (select from goods_lines l where l.pledge_id = p.id and l.quantity > 0) then 'over'
            when p.is_moving then 'moving' end as hindrance
from pledges_and_moves p
left join parcels x on x.campaign_id = p.campaign_id and x.milestone_id = 0 and x.beneficiary = p.id
where x.pledge_id is not null or exists (select from goods_lines l where l.pledge_id = p.id);

-- Pages of what stands in one state, however much has stood in another.
create index grants_by_state on grants (milestone_id, state, beneficiary);
create index parcels_ready on parcels (campaign_id, milestone_id, beneficiary) where state = 'ready';
create index parcels_shipped on parcels (campaign_id, shipped_at) where state = 'shipped';

-- Where a pledge goes, and what was answered for it, as programs are told.
create view addresses_told as
select pledge_id, jsonb_build_object('name', name, 'line1', line1, 'line2', line2, 'city', city, 'region', region,
                                     'postal_code', postal_code, 'country', country, 'phone', phone) as told
from addresses;
create function answers_told(pledge bigint, milestone bigint) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('question', q.prompt, 'answer', w.answer) order by q.position, q.id), '[]')
    from answers w join questions q on q.id = w.question_id
    where w.pledge_id = pledge and (q.milestone_id is null or q.milestone_id = milestone)
$$;

-- Each grant as programs are told of it: of a campaign with where it goes and how far it is, or of a program.
create view grants_told as
select t.store_id, g.milestone_id, g.beneficiary, c.slug as campaign, b.name as program, m.target, g.quantity, g.state, g.backordered,
       g.flagged, nullif(g.pledge_id, 0) as pledge_id, g.customer_id, g.order_id,
       jsonb_build_object('id', r.id, 'kind', r.kind, 'title', coalesce(s.title, r.title), 'product', r.product_id,
                          'products', to_jsonb(r.products)) as reward,
       w.hindrance, a.told as address, answers_told(g.pledge_id, g.milestone_id) as answers,
       x.state as parcel, x.carrier, x.tracking, x.shipped_at, x.batch_id
from grants g
join milestones m on m.id = g.milestone_id
join tracks t on t.id = m.track_id
join rewards r on r.id = g.reward_id
left join products s on s.id = r.product_id
left join campaigns c on c.track_id = t.id
left join programs b on b.track_id = t.id
left join grants_and_why w on w.milestone_id = g.milestone_id and w.beneficiary = g.beneficiary
left join addresses_told a on a.pledge_id = g.pledge_id
left join parcels x on x.campaign_id = c.id and x.milestone_id = g.milestone_id and x.beneficiary = g.beneficiary;
