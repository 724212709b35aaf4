drop view parcels_and_why;
drop view own_goods;
drop function is_moving(bigint, bigint, jsonb);
drop function pieces_left(bigint, int, int);
drop index deeds_about, grants_flagged, customers_by_name, pledges_ever_disputed, pledges_given_back, pledges_held,
    pledges_apart;
drop table disputes, fulfilment_counts, pledge_notes, tracking_lines, tracking_runs, parcels, batches;
