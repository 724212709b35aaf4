drop index mails_waiting;
create index mails_waiting on mails ((kind = 'milestone'), due_at, id) where state = 'waiting';
alter table mails drop column update_id;
drop table comments;
drop table commenters;
alter table campaigns drop column comments;
drop table faqs;
drop table updates;
