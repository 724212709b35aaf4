-- name: begin_run$
insert into tracking_runs (campaign_id, batch_id, creator_id, name, made_at)
values (:campaign_id, :batch_id, :creator_id, :name, :now)
returning id;

-- name: lines_of_run_counted!
update tracking_runs set lines = :lines where id = :run_id;

-- name: run_of_campaign^
select r.*, b.name as batch_name, c.name as maker, c.email as maker_address
from tracking_runs r left join batches b on b.id = r.batch_id join creators c on c.id = r.creator_id
where r.id = :run_id and r.campaign_id = :campaign_id;

-- name: runs_of_campaign
select r.id, r.name, r.state, r.lines, r.done, r.sent, r.made_at, b.name as batch_name
from tracking_runs r left join batches b on b.id = r.batch_id
where r.campaign_id = :campaign_id order by r.id desc limit :most;

-- name: campaign_of_run$
select campaign_id from tracking_runs where id = :run_id;

-- name: lock_run^
select id, campaign_id, batch_id, creator_id, name, state, lines, done, at_line, sent from tracking_runs where id = :run_id for update;

-- name: runs_under_way
select id, at_line from tracking_runs where state in ('checking', 'sending') order by id;

-- name: move_run!
update tracking_runs set state = :state, done = :done, at_line = :at_line, sent = :sent where id = :run_id;

-- name: end_of_lines^
-- The last of the next lines, and how many they are.
select max(line) as line, count(*)::int as count
from (select line from tracking_lines where run_id = :run_id and line > :after order by line limit :most) n;

-- name: judge_lines!
-- What is wrong with each of these lines that could be read; nothing is when all of it may go. `already`:
-- sent so before.
update tracking_lines n set problem = j.problem
from (
    select l.line, case
        when p.id is null then 'unknown'
        when p.campaign_id <> :campaign_id then 'elsewhere'
        when exists (select from tracking_lines e where e.run_id = :run_id and e.pledge_id = l.pledge_id and e.line < l.line
                     and (e.problem is null or e.problem = 'already')) then 'twice'
        when x.parcels = 0 then case when :batch_id::bigint is null then 'not_ready' else 'not_in_batch' end
        when x.may_go > 0 then null
        when x.ready > 0 then x.hindrance
        when x.same then 'already'
        else 'otherwise' end as problem
    from tracking_lines l
    left join lateral (select q.id, q.campaign_id from pledges q join campaigns c on c.id = q.campaign_id
                       where q.id = l.pledge_id and c.store_id = :store_id) p on true
    left join lateral (
        select count(*) as parcels, count(*) filter (where v.state = 'ready') as ready,
               count(*) filter (where v.state = 'ready' and v.hindrance is null) as may_go,
               min(v.hindrance) as hindrance, bool_or(v.tracking = l.tracking) as same
        from parcels_and_why v
        where v.pledge_id = l.pledge_id and v.campaign_id = :campaign_id and (:batch_id::bigint is null or v.batch_id = :batch_id)
    ) x on true
    where l.run_id = :run_id and l.line > :after and l.line <= :through and l.pledge_id is not null
      and (l.problem is null or l.problem <> all('{malformed,no_number,no_tracking,no_carrier,too_long,encoding}'))
) j
where n.run_id = :run_id and n.line = j.line and n.problem is distinct from j.problem;

-- name: lines_to_send
select line, pledge_id, carrier, tracking from tracking_lines
where run_id = :run_id and line > :after and line <= :through and problem is null order by line;

-- name: count_problems
select problem, count(*)::int as count from tracking_lines where run_id = :run_id and problem is not null
group by problem order by 2 desc, 1;

-- name: bad_lines
select line, pledge_id, problem, raw from tracking_lines
where run_id = :run_id and line > :after and problem is not null and problem <> 'already' order by line limit :most;

-- name: forget_lines_of_runs!
-- What came in with a file long ago.
delete from tracking_lines where run_id in (select id from tracking_runs where made_at < :before);
