drop function is_oneself(bigint, bigint);
delete from tallies where kind = 'friend';
alter table tallies drop constraint tally_kind_known;
alter table tallies add constraint tally_kind_known check (kind in ('country', 'source', 'tag', 'line'));
alter table counted drop column by_friend;
