drop table followers;
drop table unsaved;
drop table parts;
alter table campaigns drop constraint one_preview_per_key, drop column announced_at, drop column preview_key;
