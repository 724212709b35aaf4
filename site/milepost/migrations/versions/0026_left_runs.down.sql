drop index programs_in_a_run;
