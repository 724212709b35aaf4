-- Each worker looks once a second for a run that a dead one left.
create index programs_in_a_run on programs (id) where run_through is not null;
