-- By whose link somebody came, from the moment that they began to pay.
alter table orders add column referrer_id bigint references customers;
alter table pledges add column referrer_id bigint references customers;
create index orders_by_referrer on orders (referrer_id) where referrer_id is not null;
create index pledges_by_referrer on pledges (referrer_id) where referrer_id is not null;

-- A friend's first paid order or charged pledge, named by the fact that it is (`order:12`): whether that stands
-- says whether the referral counts. One row for each friend, for ever: no second order is a first.
create table referrals (
    customer_id  bigint primary key,
    store_id     bigint not null,
    referrer_id  bigint not null,
    source       text not null constraint referral_of_something check (source <> ''),
    made_at      timestamptz not null,
    constraint nobody_refers_themselves check (referrer_id <> customer_id)
);
create index referrals_by_source on referrals (source);
create index referrals_of_a_customer on referrals (referrer_id);

-- One mailbox: what stands after a plus sign in its name makes no other.
create function mailbox(address text) returns text language sql immutable parallel safe
    return regexp_replace(lower(address), '\+[^@]*@', '@');

-- One door: a street and a postal code as they are typed in one way or another; nothing where there is none.
create function doorstep(line1 text, postal_code text, country text) returns text language sql immutable parallel safe
    return nullif(regexp_replace(lower(coalesce(line1, '')), '[^[:alnum:]]', '', 'g'), '')
           || '|' || regexp_replace(lower(coalesce(postal_code, '')), '[^[:alnum:]]', '', 'g') || '|' || coalesce(country, '');

-- Invitations back go out after all that somebody waits for, as other news.
drop index mails_waiting;
create index mails_waiting on mails ((kind in ('milestone', 'update', 'come_back')), due_at, id) where state = 'waiting';

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
