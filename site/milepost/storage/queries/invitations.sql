-- name: replace_invitation!
-- A new one takes the place of an open one to the same address.
delete from invitations where store_id = :store_id and email = :email and accepted_at is null;

-- name: add_invitation!
insert into invitations (token_hash, store_id, email, role, invited_by, made_at, expires_at)
values (:token_hash, :store_id, :email, :role, :invited_by, :now, :expires_at);

-- name: open_invitations
select i.email, i.role, i.made_at, i.expires_at, c.name as inviter_name, c.email as inviter_email
from invitations i
join creators c on c.id = i.invited_by
join members m on m.store_id = i.store_id and m.creator_id = i.invited_by and m.role = 'owner'
where i.store_id = :store_id and i.accepted_at is null and i.expires_at > :now
order by i.made_at desc, i.email;

-- name: standing_invitation^
-- An invitation that can be accepted, with its store; held when the transaction goes on to accept it.
-- It is worth what whoever sent it is: nothing, when they own the store no more.
select i.store_id, i.email, i.role, c.name as inviter_name, c.email as inviter_email,
       s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.translations as store_translations,
       exists (select from creators k where k.email = i.email) as is_known
from invitations i
join stores s on s.id = i.store_id
join creators c on c.id = i.invited_by
join members m on m.store_id = i.store_id and m.creator_id = i.invited_by and m.role = 'owner'
where i.token_hash = :token_hash and i.accepted_at is null and i.expires_at > :now
for update of i;

-- name: accept_invitation!
update invitations set accepted_at = :now where token_hash = :token_hash;

-- name: withdraw_invitation$
delete from invitations where store_id = :store_id and email = :email and accepted_at is null
returning role;
