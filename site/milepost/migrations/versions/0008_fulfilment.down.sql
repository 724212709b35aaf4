drop view parcels_and_why, pledges_and_moves;
drop view own_goods, goods_lines;
drop index deeds_about, grants_flagged, customers_by_name, pledges_ever_disputed, pledges_given_back, pledges_held,
    pledges_apart;
drop table disputes, fulfilment_counts, pledge_notes, tracking_lines, tracking_runs, parcels, batches;
