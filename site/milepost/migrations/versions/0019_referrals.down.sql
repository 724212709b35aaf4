drop view program_grants;
delete from loyalty_facts where kind = 'referral';
drop function doorstep(text, text, text);
drop function mailbox(text);
drop table referrals;
alter table pledges drop column referrer_id;
alter table orders drop column referrer_id;
