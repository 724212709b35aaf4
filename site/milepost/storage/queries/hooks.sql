-- name: hooks_of_store
select h.*, n.waiting
from hooks h
cross join lateral (select count(*) as waiting from (select from deliveries d where d.hook_id = h.id and d.state = 'waiting'
                                                     limit :most) w) n
where h.store_id = :store_id and h.removed_at is null
order by h.id;

-- name: hold_hook^
select * from hooks where store_id = :store_id and id = :hook_id and removed_at is null for update;

-- name: add_hook$
insert into hooks (store_id, url, types, secret, made_by, made_at)
values (:store_id, :url, :types, :secret, :creator_id, :now) returning id;

-- name: keep_hook!
-- Another address has a past of its own.
update hooks
set url = :url, types = :types, failing_since = case when url = :url then failing_since end,
    rests_until = case when url = :url then rests_until end
where id = :hook_id;

-- name: rotate_secret!
-- Whoever asks twice in a day still has what was in use before.
update hooks
set former = (case when former_until > :now then former else '{}' end || secret)[1:(:most::int)], former_until = :until, secret = :secret
where id = :hook_id;

-- name: pause_hook$
update hooks set paused_at = :now, paused_why = :why where id = :hook_id and paused_at is null returning id;

-- name: resume_hook!
-- Everything that waits is tried now, in its order.
with on_again as (
    update hooks set paused_at = null, paused_why = '', failing_since = null, rests_until = null where id = :hook_id returning id
)
update deliveries d set due_at = :now, tries = 0 from on_again h where d.hook_id = h.id and d.state = 'waiting';

-- name: remove_hook!
with gone as (update hooks set removed_at = :now where id = :hook_id returning id)
delete from deliveries d using gone h where d.hook_id = h.id and d.state = 'waiting';

-- name: tell_hook$
-- One happening for one endpoint alone, such as a test: at once, and before all that waits there.
with ready as (
    update hooks set rests_until = null where id = :hook_id
), told as (
    insert into happenings (store_id, type, subject, data, at) values (:store_id, :type, :subject, :data, :now) returning id, subject, at
)
insert into deliveries (hook_id, happening_id, subject, due_at) select :hook_id, id, subject, at - interval '1 year' from told returning happening_id;

-- name: send_again$
-- Once more with its id what was delivered, at once what waits for its next try; before all that waits there.
with ready as (update hooks set rests_until = null where id = :hook_id)
update deliveries set state = 'waiting', due_at = :now::timestamptz - interval '1 year', tries = case state when 'waiting' then tries else 0 end
where hook_id = :hook_id and happening_id = :happening_id returning happening_id;

-- name: due_hooks
-- Endpoints with something to try now: not what waits for an earlier one of its subject.
select h.id from hooks h
where h.removed_at is null and h.paused_at is null and (h.rests_until is null or h.rests_until <= :now)
  and exists (select from deliveries d where d.hook_id = h.id and d.state = 'waiting' and d.due_at <= :now
              and not exists (select from deliveries e where e.hook_id = d.hook_id and e.subject = d.subject
                              and e.state = 'waiting' and e.happening_id < d.happening_id offset 0));

-- name: hook_to_try^
-- An endpoint that may be tried now.
select h.url, array[h.secret] || case when h.former_until > :now then h.former else '{}' end as secrets, h.failing_since,
       h.store_id, s.slug as store
from hooks h join stores s on s.id = h.store_id
where h.id = :hook_id and h.paused_at is null and h.removed_at is null and (h.rests_until is null or h.rests_until <= :now);

-- name: take_deliveries
-- The next tries of an endpoint, for this worker alone until `:until`: of each subject the earliest, for they go in order.
-- `offset 0`: looked up one by one, however many wait.
with due as (
    select d.hook_id, d.happening_id from deliveries d
    where d.hook_id = :hook_id and d.state = 'waiting' and d.due_at <= :now
      and not exists (select from deliveries e where e.hook_id = d.hook_id and e.subject = d.subject and e.state = 'waiting'
                      and e.happening_id < d.happening_id offset 0)
    order by d.due_at, d.happening_id limit :most
    for update of d skip locked
), taken as (
    update deliveries d set due_at = :until, tries = d.tries + 1, tried_at = :now
    from due where d.hook_id = due.hook_id and d.happening_id = due.happening_id
    returning d.happening_id, d.tries
)
select t.happening_id, t.tries, 'evt_' || replace(n.key::text, '-', '') as key, n.type, n.at, n.data
from taken t join happenings n on n.id = t.happening_id
order by t.happening_id;

-- name: note_answer!
update deliveries
set state = case when :taken::boolean then 'delivered' else 'waiting' end, due_at = case when :taken::boolean then null else :due_at::timestamptz end,
    status = :status, answer = :answer, took_ms = :took_ms
where hook_id = :hook_id and happening_id = :happening_id and state = 'waiting';

-- name: note_well!
update hooks set failing_since = null, rests_until = null where id = :hook_id and failing_since is not null;

-- name: note_failing$
-- It has failed; since when it has done nothing else. In doubt it is left alone for a while.
update hooks
set failing_since = coalesce(failing_since, :now), rests_until = case when failing_since <= :doubted then :rests_until::timestamptz end
where id = :hook_id returning failing_since;

-- name: hasten_deliveries!
-- An endpoint is back: what waits for a later try is tried now, save what somebody tries just then.
update deliveries set due_at = :now
where hook_id = :hook_id and state = 'waiting' and due_at > :now and due_at <> tried_at + :taken::interval;

-- name: deliveries_of_hook
-- The log, newest first; those before a place.
select n.id, 'evt_' || replace(n.key::text, '-', '') as key, n.type, n.subject, n.at, n.data, d.state, d.tries, d.due_at, d.tried_at, d.status, d.answer, d.took_ms
from deliveries d join happenings n on n.id = d.happening_id
where d.hook_id = :hook_id and (:before::bigint is null or d.happening_id < :before)
order by d.happening_id desc limit :most;

-- name: forget_happenings$
-- What was delivered everywhere is forgotten after a while; how many.
with gone as (
    delete from deliveries where state = 'delivered' and tried_at < :before
), over as (
    delete from happenings n where n.at < :before
      and not exists (select from deliveries d where d.happening_id = n.id and (d.state = 'waiting' or d.tried_at >= :before))
    returning 1
)
select count(*) from over;
