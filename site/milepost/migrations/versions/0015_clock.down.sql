alter table stores drop column zone;
