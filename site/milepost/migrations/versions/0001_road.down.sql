drop table facts, inbox, grants, entries, backers, attempts, pledge_lines, pledges, milestone_changes, reward_codes cascade;
alter table milestones drop constraint milestones_reward_id_fkey;
drop table rewards, milestones, tiers, campaigns, tracks, products, customers, stores cascade;
drop function entries_are_append_only();
