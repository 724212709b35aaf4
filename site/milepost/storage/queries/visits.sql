-- name: take_turns$
-- One transaction at a time for whoever it is: what is counted here stays true until it ends.
select true from (select pg_advisory_xact_lock(hashtextextended(:who, 0))) one_at_a_time;

-- name: count_sign_in_tries$
select count(*) from sign_in_tries where who = :who and made_at > :since;

-- name: note_sign_in_try!
insert into sign_in_tries (who, made_at) values (:who, :now);

-- name: forget_tries_of!
delete from sign_in_tries where who = any(:whos::text[]);

-- name: add_sign_in_link!
insert into sign_in_links (token_hash, email, next, made_at, expires_at)
values (:token_hash, :email, :next, :now, :expires_at);

-- name: standing_link^
-- A link that can still be used.
select email, next from sign_in_links
where token_hash = :token_hash and used_at is null and expires_at > :now;

-- name: use_link^
-- The same, used once, whoever else is using it at this moment.
update sign_in_links set used_at = :now
where token_hash = :token_hash and used_at is null and expires_at > :now
returning email, next;

-- name: add_visit!
insert into visits (token_hash, email, made_at, seen_at, expires_at)
values (:token_hash, :email, :now, :now, :expires_at);

-- name: standing_visit^
-- Whose visit it is, and the language in which they pledged last.
select v.email, v.seen_at,
       (select p.locale from customers u
        join campaigns c on c.store_id = u.store_id
        join pledges p on p.campaign_id = c.id and p.customer_id = u.id
        where u.email = v.email and u.erased_at is null
        order by p.id desc limit 1) as locale
from visits v
where v.token_hash = :token_hash and v.expires_at > :now;

-- name: prolong_visit!
update visits set seen_at = :now, expires_at = :expires_at where token_hash = :token_hash;

-- name: end_visit!
delete from visits where token_hash = :token_hash;

-- name: end_visits_of!
delete from visits where email = :email;

-- name: end_links_of!
delete from sign_in_links where email = :email;

-- name: forget_old_tries!
delete from sign_in_tries where made_at < :before;

-- name: forget_old_links!
delete from sign_in_links where expires_at < :before;

-- name: forget_old_visits!
delete from visits where expires_at < :before;
