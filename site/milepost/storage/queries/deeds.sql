-- name: note_deed!
-- With the token of the call that this transaction answers, if it answers one.
insert into deeds (store_id, creator_id, at, what, about, before, after, token_id)
values (:store_id, :creator_id, :now, :what, :about, :before, :after,
        nullif(current_setting('milepost.token', true), '')::bigint);

-- name: note_deeds!
-- The same kind of deed, with many things.
insert into deeds (store_id, creator_id, at, what, about, before, after, token_id)
select :store_id, :creator_id, :now, :what, about, before, after,
       nullif(current_setting('milepost.token', true), '')::bigint
from unnest(:abouts::text[], :befores::jsonb[], :afters::jsonb[])
    with ordinality as d (about, before, after, place)
order by place;

-- name: note_deed_in_all_stores!
-- In each store in which the creator works.
insert into deeds (store_id, creator_id, at, what, about)
select m.store_id, m.creator_id, :now, :what, :about from members m where m.creator_id = :creator_id;

-- name: deeds_of_store
select d.id, d.at, d.what, d.about, d.before, d.after, c.email, c.name, t.name as token
from deeds d left join creators c on c.id = d.creator_id left join api_tokens t on t.id = d.token_id
where d.store_id = :store_id and (:before::bigint is null or d.id < :before)
order by d.id desc limit :most;
