-- What was confirmed since some moment is found without looking at what was before.
create index pledges_by_confirmation on pledges (campaign_id, confirmed_at, id) where confirmed_at is not null;
