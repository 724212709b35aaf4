alter table rewards drop column salt, drop column own_salt;
drop table promises;
drop function promises_are_append_only();
