-- name: add_api_token$
insert into api_tokens (store_id, name, scopes, hash, made_by, made_at)
values (:store_id, :name, :scopes, :hash, :creator_id, :now)
returning id;

-- name: api_tokens_of_store
-- Its tokens, newest first, by key; those that work before those that were revoked.
select t.id, t.name, t.scopes, t.made_at, t.used_at, t.revoked_at, coalesce(c.name, '') as made_by
from api_tokens t left join creators c on c.id = t.made_by
where t.store_id = :store_id
order by (t.revoked_at is not null), t.id desc
limit :most;

-- name: revoke_api_token$
update api_tokens set revoked_at = :now where store_id = :store_id and id = :token_id and revoked_at is null
returning name;

-- name: revoke_api_tokens_of
update api_tokens set revoked_at = :now where store_id = :store_id and made_by = :creator_id and revoked_at is null
returning name;

-- name: count_api_tokens$
select count(*) from api_tokens where store_id = :store_id and revoked_at is null;

-- name: open_with_token^
-- Whom the token works for, while they may make one, and how often it has asked in this minute.
update api_tokens t
set used_at = :now, minute = date_trunc('minute', :now::timestamptz),
    asked = case when t.minute = date_trunc('minute', :now::timestamptz) then t.asked + 1 else 1 end
from creators c join members m on m.creator_id = c.id and m.role = any (:roles::text[])
where t.hash = :hash and t.revoked_at is null and c.id = t.made_by and m.store_id = t.store_id
returning t.id, t.store_id, t.scopes, t.asked, t.made_by, c.email;

-- name: claim_call^
-- Whoever says the same meanwhile waits here for this one's end. Deeds of this transaction name the token.
insert into api_calls (caller, key, hash, made_at) values (:caller, :key, :hash, :now)
on conflict do nothing
returning set_config('milepost.token', :token::text, true);

-- name: answered_call^
select hash, status, headers, body from api_calls where caller = :caller and key = :key;

-- name: keep_answer!
update api_calls set status = :status, headers = :headers, body = :body where caller = :caller and key = :key;

-- name: forget_calls!
delete from api_calls where made_at < :before;

-- name: hold_sources!
-- Whoever else tells of these sources waits; in one order, so that nobody waits for ever.
select pg_advisory_xact_lock(:store_id::int, hashtext(source))
from (select distinct unnest(:sources::text[]) as source order by 1) s;

-- name: keep_told
-- Those that were not told before.
insert into told_events (store_id, key, hash, type, source, customer_id, at, amount, currency, points, subscription, told_at)
select :store_id, key, hash, type, source, customer_id, at, amount, currency, points, subscription, :now
from unnest(:keys::text[], :hashes::text[], :types::text[], :sources::text[], :customer_ids::bigint[],
            :ats::timestamptz[], :amounts::bigint[], :currencies::text[], :points::bigint[], :subscriptions::text[])
    as t (key, hash, type, source, customer_id, at, amount, currency, points, subscription)
order by key
on conflict (store_id, key) do nothing
returning key;

-- name: told_before
select key, hash from told_events where store_id = :store_id and key = any(:keys::text[]);

-- name: told_of_sources
select source, customer_id, type, at, amount, currency, points, subscription from told_events
where store_id = :store_id and source = any(:sources::text[])
order by told_at, key;

-- name: plan_for_filters^
-- In this transaction each statement is planned for the filters that it has: which index serves it depends on them.
select set_config('plan_cache_mode', 'force_custom_plan', true);
