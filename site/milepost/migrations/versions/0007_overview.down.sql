drop table visited, reckoned, waypoints, hours, counted, tallies, to_recount;
drop index entries_of_a_pledge, pledges_of_a_campaign, pledges_to_mind;
alter table pledges drop column source, drop column tag;
alter table milestone_changes drop column seq;
