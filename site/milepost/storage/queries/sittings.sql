-- name: studio_turns$
-- One transaction at a time for whoever it is: what is counted here stays true until it ends.
select true from (select pg_advisory_xact_lock(hashtextextended('studio:' || :who, 0))) one_at_a_time;

-- name: count_studio_tries$
select count(*) from studio_tries where who = :who and made_at > :since;

-- name: note_studio_try!
insert into studio_tries (who, made_at) values (:who, :now);

-- name: forget_studio_tries!
delete from studio_tries where who = :who;

-- name: forget_old_studio_tries!
delete from studio_tries where made_at < :before;

-- name: add_studio_link!
insert into studio_links (token_hash, email, next, made_at, expires_at)
values (:token_hash, :email, :next, :now, :expires_at);

-- name: standing_studio_link^
select email, next from studio_links
where token_hash = :token_hash and used_at is null and expires_at > :now;

-- name: use_studio_link^
-- The same, used once, whoever else is using it at this moment; with the creator whom it lets in.
update studio_links l set used_at = :now from creators c
where l.token_hash = :token_hash and l.used_at is null and l.expires_at > :now and c.email = l.email
returning c.id as creator_id, l.email, l.next;

-- name: end_studio_links!
delete from studio_links where email = :email;

-- name: add_sitting!
insert into sittings (token_hash, creator_id, client, made_at, seen_at, proved_at, expires_at)
values (:token_hash, :creator_id, :client, :now, :now, :now, :expires_at);

-- name: prolong_sitting!
update sittings set seen_at = :now, expires_at = :expires_at where id = :sitting_id;

-- name: renew_sitting!
update sittings set token_hash = :token_hash, proved_at = :now where id = :sitting_id;

-- name: sittings_of_creator
select id, client, made_at, seen_at from sittings
where creator_id = :creator_id and expires_at > :now order by seen_at desc, id desc;

-- name: end_sitting!
delete from sittings where id = :sitting_id and creator_id = :creator_id;

-- name: end_other_sittings!
-- All of the creator's but one; `:kept` 0 keeps none.
delete from sittings where creator_id = :creator_id and id <> :kept;

-- name: forget_over_sittings!
delete from sittings where expires_at < :before;

-- name: forget_over_links!
delete from studio_links where expires_at < :before;

-- name: forget_over_challenges!
delete from passkey_challenges where expires_at < :before;
