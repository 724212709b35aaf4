-- name: add_challenge!
insert into passkey_challenges (challenge, creator_id, expires_at) values (:challenge, :creator_id, :expires_at);

-- name: use_challenge^
-- Each is answered once.
delete from passkey_challenges where challenge = :challenge and expires_at > :now returning creator_id;

-- name: add_passkey!
insert into passkeys (credential_id, creator_id, public_key, sign_count, name, made_at)
values (:credential_id, :creator_id, :public_key, :sign_count, :name, :now)
on conflict (credential_id) do nothing;

-- name: passkey^
-- The passkey with its owner, held: two answers can't both count up from the same number.
select p.creator_id, p.public_key, p.sign_count, c.email
from passkeys p join creators c on c.id = p.creator_id
where p.credential_id = :credential_id for update of p;

-- name: passkey_used!
update passkeys set sign_count = :sign_count, used_at = :now where credential_id = :credential_id;

-- name: passkeys_of_creator
select credential_id, name, made_at, used_at from passkeys where creator_id = :creator_id
order by made_at, credential_id;

-- name: remove_passkey$
delete from passkeys where credential_id = :credential_id and creator_id = :creator_id returning name;
