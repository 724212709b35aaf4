drop index pledges_by_confirmation;
