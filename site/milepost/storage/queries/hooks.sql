-- name: hooks_of_store
select h.*, n.waiting, n.failing_since
from hooks h
cross join lateral (
    select count(*) as waiting, min(d.tried_at) filter (where d.tries > 0) as failing_since
    from deliveries d where d.hook_id = h.id and d.state = 'waiting') n
where h.store_id = :store_id and h.removed_at is null
order by h.id;

-- name: hold_hook^
select * from hooks where store_id = :store_id and id = :hook_id and removed_at is null for update;

-- name: add_hook$
insert into hooks (store_id, url, types, secret, made_by, made_at)
values (:store_id, :url, :types, :secret, :creator_id, :now) returning id;

-- name: keep_hook!
update hooks set url = :url, types = :types where id = :hook_id;

-- name: rotate_secret!
update hooks set former = secret, former_until = :until, secret = :secret where id = :hook_id;

-- name: pause_hook$
update hooks set paused_at = :now, paused_why = :why where id = :hook_id and paused_at is null returning id;

-- name: resume_hook!
-- Everything that waits is tried now, in its order.
with on_again as (update hooks set paused_at = null, paused_why = '' where id = :hook_id returning id)
update deliveries d set due_at = :now, tries = 0 from on_again h where d.hook_id = h.id and d.state = 'waiting';

-- name: remove_hook!
with gone as (update hooks set removed_at = :now where id = :hook_id returning id)
delete from deliveries d using gone h where d.hook_id = h.id and d.state = 'waiting';

-- name: tell_hook$
-- One happening for one endpoint alone, such as a test.
with told as (
    insert into happenings (store_id, type, subject, data, at) values (:store_id, :type, :subject, :data, :now) returning id, subject, at
)
insert into deliveries (hook_id, happening_id, subject, due_at) select :hook_id, id, subject, at from told returning happening_id;

-- name: send_again$
-- What was delivered is sent once more, with its id.
update deliveries set state = 'waiting', due_at = :now, tries = 0
where hook_id = :hook_id and happening_id = :happening_id returning happening_id;

-- name: due_hooks
-- Endpoints with something to try now: not what waits for an earlier one of its subject.
select h.id from hooks h
where h.removed_at is null and h.paused_at is null
  and exists (select from deliveries d where d.hook_id = h.id and d.state = 'waiting' and d.due_at <= :now
              and not exists (select from deliveries e where e.hook_id = d.hook_id and e.subject = d.subject
                              and e.state = 'waiting' and e.happening_id < d.happening_id));

-- name: take_deliveries
-- The next tries of an endpoint, for this worker alone until `:until`: of each subject the earliest, for they go in order.
with due as (
    select d.hook_id, d.happening_id from deliveries d
    where d.hook_id = :hook_id and d.state = 'waiting' and d.due_at <= :now
      and not exists (select from deliveries e where e.hook_id = d.hook_id and e.subject = d.subject and e.state = 'waiting'
                      and e.happening_id < d.happening_id)
    order by d.due_at, d.happening_id limit :most
    for update of d skip locked
), taken as (
    update deliveries d set due_at = :until, tries = d.tries + 1, tried_at = :now
    from due where d.hook_id = due.hook_id and d.happening_id = due.happening_id
    returning d.happening_id, d.tries
)
select t.happening_id, t.tries, n.key, n.type, n.at, n.data, h.url, h.secret, h.store_id, s.slug as store,
       case when h.former_until > :now then h.former end as former
from taken t join happenings n on n.id = t.happening_id join hooks h on h.id = :hook_id join stores s on s.id = h.store_id
where h.paused_at is null and h.removed_at is null
order by t.happening_id;

-- name: note_answer!
update deliveries
set state = case when :taken::boolean then 'delivered' else 'waiting' end, due_at = case when :taken::boolean then null else :due_at::timestamptz end,
    status = :status, answer = :answer, took_ms = :took_ms
where hook_id = :hook_id and happening_id = :happening_id and state = 'waiting';

-- name: deliveries_of_hook
-- The log, newest first; those before a place.
select n.id, n.key, n.type, n.subject, n.at, n.data, d.state, d.tries, d.due_at, d.tried_at, d.status, d.answer, d.took_ms
from deliveries d join happenings n on n.id = d.happening_id
where d.hook_id = :hook_id and (:before::bigint is null or d.happening_id < :before)
order by d.happening_id desc limit :most;

-- name: forget_happenings$
-- What was delivered everywhere is forgotten after a while; how many.
with gone as (
    delete from deliveries d using happenings n
    where n.id = d.happening_id and n.at < :before and d.state = 'delivered' returning d.happening_id
), over as (
    delete from happenings n where n.at < :before
      and not exists (select from deliveries d where d.happening_id = n.id and d.state = 'waiting') returning 1
)
select count(*) from over;
