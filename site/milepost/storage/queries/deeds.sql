-- name: note_deed!
insert into deeds (store_id, creator_id, at, what, about, before, after)
values (:store_id, :creator_id, :now, :what, :about, :before, :after);

-- name: note_deed_in_all_stores!
-- In each store in which the creator works.
insert into deeds (store_id, creator_id, at, what, about)
select m.store_id, m.creator_id, :now, :what, :about from members m where m.creator_id = :creator_id;

-- name: deeds_of_store
select d.id, d.at, d.what, d.about, d.before, d.after, c.email, c.name
from deeds d left join creators c on c.id = d.creator_id
where d.store_id = :store_id and (:before::bigint is null or d.id < :before)
order by d.id desc limit :most;
