drop view grants_told;
drop function answers_told;
drop view addresses_told;
drop index parcels_shipped, parcels_ready, grants_by_state;
drop view goods_and_why, grants_and_why;
