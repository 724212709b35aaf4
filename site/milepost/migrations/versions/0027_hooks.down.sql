drop trigger moved_orders_are_told on orders;
drop trigger new_orders_are_told on orders;
drop trigger moved_parcels_are_told on parcels;
drop trigger new_parcels_are_told on parcels;
drop trigger moved_grants_are_told on grants;
drop trigger new_grants_are_told on grants;
drop trigger milestones_are_told on milestones;
drop trigger pledges_are_told on pledges;
drop function tell_moved_orders, tell_new_orders, tell_moved_parcels, tell_new_parcels, tell_moved_grants, tell_new_grants,
    tell_milestones, tell_pledges;
drop function tell_order(orders, text), tell_parcels(bigint, bigint[], bigint[], text),
    tell_grants_of(bigint[], bigint[], text[]), pieces_told(jsonb), sum_back(jsonb, jsonb);
drop table deliveries, happenings, hooks;
drop function send_happenings;
