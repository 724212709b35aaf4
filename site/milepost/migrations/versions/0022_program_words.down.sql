drop view program_grants;
-- What programs gave, each with the rule that made it, its reward and its code (R5): what customers and mails read.
create view program_grants as
select g.milestone_id, g.beneficiary, g.customer_id, g.granted_seq, g.state, g.backordered,
       m.target, m.fact, m.sums, m.text,
       p.name as program, p.currency, p.every, p.in_steps, p.counts_from, p.zone,
       case when s.id is null then (g.beneficiary - g.customer_id) / 1099511627776 else 0 end as lap,
       case when p.in_steps then (select count(*) from milestones e where e.track_id = m.track_id
                                  and e.position <= m.position and (e.archived_at is null or e.id = m.id)) end as step,
       r.kind, r.unit, r.worth, r.code_as, r.percent, r.amounts, r.products, r.days,
       k.id as code_id, k.code, k.used, k.most, k.closes_at, k.withdrawn_at,
       s.at as idle_since, w.ripe_at
from grants g
join milestones m on m.id = g.milestone_id
join programs p on p.track_id = m.track_id
join rewards r on r.id = g.reward_id
left join shop_codes k on k.milestone_id = g.milestone_id and k.beneficiary = g.beneficiary
left join loyalty_facts s on m.sums in ('days', 'months') and s.id = g.beneficiary
left join pendings w on w.customer_id = g.customer_id and w.unit = r.unit and w.milestone_id = g.milestone_id
                    and w.beneficiary = g.beneficiary and w.source = ''
where g.pledge_id = 0;

alter table milestones drop column texts;
