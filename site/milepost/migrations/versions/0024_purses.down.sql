drop view claimed_pieces;

create or replace view goods_lines as
select l.pledge_id, l.position, l.title,
       l.quantity - coalesce((select sum((r.parts -> 'lines' ->> l.position::text)::int) from refunds r
                              where r.pledge_id = l.pledge_id and r.state <> 'failed' and r.parts ? 'lines'), 0)::int as quantity
from pledge_lines l join tiers t on t.id = l.tier_id and t.ships;

drop index grants_with_a_pledge;
alter table grants drop column with_pledge;
alter table pledges
    drop constraint pledge_own_is_of_a_customer,
    drop constraint pledge_credit_back_of_credit,
    drop column gifts,
    drop column credit_back,
    drop column credit;
