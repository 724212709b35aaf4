-- name: keep_picture!
insert into pictures (store_id, address, width, height, bytes, made_by, made_at)
values (:store_id, :address, :width, :height, :bytes, :made_by, :now)
on conflict (store_id, address) do nothing;

-- name: has_picture$
select exists (select from pictures where store_id = :store_id and address = :address);
