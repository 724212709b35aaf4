drop table told_events;
drop table api_tokens;
