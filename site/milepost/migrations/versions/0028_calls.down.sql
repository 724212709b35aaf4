alter table deeds drop column token_id;
drop table api_calls;
alter table api_tokens drop column minute, drop column asked, alter column made_by drop not null;
