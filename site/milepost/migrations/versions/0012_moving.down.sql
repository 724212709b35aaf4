drop view packed_or_sent;
create or replace view pledges_and_moves as
select p.id, p.campaign_id, p.state, p.held,
       p.id in (select f.pledge_id from facts f where f.state = 'waiting' and f.pledge_id is not null
                and f.kind in ('cancelled', 'changed', 'topped_up', 'dropped', 'refund', 'disputed'))
       or exists (select from refunds r where r.pledge_id = p.id
                  and (r.state = 'begun' or (r.state = 'sent' and not p.refunds ? r.provider_id))) as is_moving
from pledges p;
