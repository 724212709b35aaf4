-- What a pledge uses of its backer's own. `credit` was set aside when it was started, `credit_back` of it is in the
-- backer's account again, under the source 'pledge:…'; `gifts` are what programs gave and is sent with its goods.
alter table pledges
    add column credit bigint not null default 0,
    add column credit_back bigint not null default 0,
    add column gifts jsonb not null default '[]',
    add constraint pledge_credit_back_of_credit check (credit_back between 0 and credit),
    add constraint pledge_own_is_of_a_customer check (credit = 0 and gifts = '[]' or customer_id is not null);

-- The pledge that a gift goes with: claimed while it is not charged, given once it is.
alter table grants add column with_pledge bigint;
create index grants_with_a_pledge on grants (with_pledge) where with_pledge is not null;

-- A gift is in the box of the pledge's own goods.
create or replace view goods_lines as
select l.pledge_id, l.position, l.title,
       l.quantity - coalesce((select sum((r.parts -> 'lines' ->> l.position::text)::int) from refunds r
                              where r.pledge_id = l.pledge_id and r.state <> 'failed' and r.parts ? 'lines'), 0)::int as quantity
from pledge_lines l join tiers t on t.id = l.tier_id and t.ships
union all
select p.id, 1000 + n.place::int, n.gift ->> 'title', 1
from pledges p cross join jsonb_array_elements(p.gifts) with ordinality as n (gift, place)
where p.gifts <> '[]' and (n.gift ->> 'ships')::boolean;

-- Pieces that stand aside for somebody: by orders, and as gifts that go with pledges.
create view claimed_pieces as
select (x ->> 'product')::bigint as product_id, (x ->> 'quantity')::bigint as pieces
from orders o cross join lateral jsonb_array_elements(o.lines || o.gifts) x
where o.claiming
union all
select (x ->> 'product')::bigint, 1
from grants g join pledges p on p.id = g.with_pledge cross join lateral jsonb_array_elements(p.gifts) x
where g.with_pledge is not null and x ->> 'grant' = g.milestone_id || ':' || g.beneficiary;
