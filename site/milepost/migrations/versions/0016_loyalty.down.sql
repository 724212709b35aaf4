drop function points_for(bigint, text, jsonb);
drop function fallen(bigint, bigint[]);
drop function next_steps(bigint, bigint[], bigint, bigint);
drop function idle(bigint, bigint[], bigint, bigint, timestamptz, timestamptz);
drop function met(bigint, bigint[], bigint, bigint, timestamptz);
drop function readings(bigint, bigint, text, timestamptz, timestamptz, bigint[], bigint, bigint);
drop function run_of(text, text), run_of(text, int);
drop function in_lap(bigint, bigint);
drop trigger own_code_came_back on shop_codes;
drop function own_code_came_back();
update carts set code_id = null where code_id in (select id from shop_codes where customer_id is not null);
update orders set code_id = null where code_id in (select id from shop_codes where customer_id is not null);
delete from shop_codes where customer_id is not null;
alter table shop_codes
    drop column customer_id,
    drop column milestone_id,
    drop column beneficiary,
    drop column withdrawn_at;
drop table pendings;
drop table balances;
drop table account_entries;
drop function account_entries_are_append_only();
drop table accounts;
drop table loyalty_facts;
drop sequence loyalty_seq;
delete from grants where milestone_id in (select m.id from milestones m join programs p on p.track_id = m.track_id);
update milestones set reward_id = null where track_id in (select track_id from programs);
delete from rewards where milestone_id in (select m.id from milestones m join programs p on p.track_id = m.track_id);
delete from milestones where track_id in (select track_id from programs);
alter table rewards
    drop constraint unit_and_worth_together,
    drop column unit,
    drop column worth,
    drop column code_as,
    drop column percent,
    drop column amounts,
    drop column products,
    drop column days,
    drop constraint reward_has_a_kind,
    add constraint reward_kind_known check (kind in ('product', 'reveal'));
alter table milestones
    drop constraint measures_facts_somehow,
    drop column position,
    drop column fact,
    drop column sums,
    drop column text;
drop table programs;
delete from tracks where scope = 'program';
drop table loyalty;
alter table stores drop column plan;
