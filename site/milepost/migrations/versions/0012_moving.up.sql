-- Whether something is decided about a pledge that has not come about yet: money on its way back, a change, or
-- a payment page that is open for one.
create or replace view pledges_and_moves as
select p.id, p.campaign_id, p.state, p.held,
       p.id in (select f.pledge_id from facts f where f.state = 'waiting' and f.pledge_id is not null
                and f.kind in ('cancelled', 'changed', 'topped_up', 'dropped', 'refund', 'disputed'))
       or exists (select from refunds r where r.pledge_id = p.id
                  and (r.state = 'begun' or (r.state = 'sent' and not p.refunds ? r.provider_id)))
       or exists (select from attempts a where a.pledge_id = p.id and a.purpose = 'change' and a.state in ('begun', 'open'))
       as is_moving
from pledges p;

-- Parcels in a box, and those sent. One that was sent by hand and corrected is in none: it is owed as before.
create view packed_or_sent as select * from parcels where batch_id is not null or state = 'shipped';
