-- Pledges of those who came by somebody's link, counted for the overview as their sources are.
alter table counted add column by_friend boolean not null default false;
alter table tallies drop constraint tally_kind_known;
alter table tallies add constraint tally_kind_known check (kind in ('country', 'source', 'tag', 'line', 'friend'));
insert into to_recount (campaign_id, pledge_id)
select campaign_id, id from pledges where referrer_id is not null and entered
on conflict do nothing;

-- Whether two customers read one mailbox; of nobody yet, no.
create function is_oneself(one bigint, other bigint) returns boolean language sql stable parallel safe
    return coalesce((select mailbox(a.email) = mailbox(b.email) from customers a, customers b
                     where a.id = one and b.id = other), false);
