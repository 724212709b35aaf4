alter table pledges
    add column payment text unique,
    add column refunded_total bigint not null default 0;
update pledges p set payment = (select min(f.payment) from payments f where f.pledge_id = p.id),
    refunded_total = (select coalesce(sum(t.value::bigint), 0) from jsonb_each_text(p.refunded_totals) t);
drop table mails, visits, sign_in_tries, sign_in_links, answers, questions, addresses, refunds, charges, cards, payments,
    shipping_fees, shipping_zones;
drop index customers_by_address;
alter table customers drop column news, drop column erased_at;
drop index attempts_of_a_pledge, attempts_begun;
delete from attempts where purpose not in ('checkout', 'charge');
alter table attempts
    drop column amount, drop column intent, drop column detail,
    drop constraint purpose_known,
    add constraint purpose_known check (purpose in ('checkout', 'charge'));
delete from pledge_lines where source = 'shipping';
alter table pledge_lines
    drop constraint source_known,
    add constraint source_known check (source in ('tier', 'addon', 'bonus', 'own_amount'));
alter table pledges
    drop column shipping, drop column tax, drop column country, drop column paid,
    drop column refunded_totals, drop column refund_parts, drop column origins;
delete from pledge_lines where tier_id in (select id from tiers where kind = 'addon');
delete from tiers where kind = 'addon';
alter table tiers drop column kind, drop column most, drop column ships;
drop index campaigns_to_close;
alter table campaigns
    drop column closed_at, drop column outcome, drop column dunning_days, drop column last_day_guard,
    drop column tax, drop column excluded_countries, drop column locks_at;
