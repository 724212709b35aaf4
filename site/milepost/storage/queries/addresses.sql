-- name: address_of^
select name, line1, line2, city, region, postal_code, country, phone, changed_at from addresses where pledge_id = :pledge_id;

-- name: keep_address$
-- Unless the creator has locked it in the meantime (B5).
insert into addresses (pledge_id, name, line1, line2, city, region, postal_code, country, phone, changed_at)
select p.id, :name, :line1, :line2, :city, :region, :postal_code, :country, :phone, :now
from pledges p join campaigns c on c.id = p.campaign_id
where p.id = :pledge_id and p.state in ('confirmed', 'past_due', 'charged', 'disputed')
  and (p.country is null or p.country = :country) and (c.locks_at is null or c.locks_at > :now)
on conflict (pledge_id) do update
set name = excluded.name, line1 = excluded.line1, line2 = excluded.line2, city = excluded.city, region = excluded.region,
    postal_code = excluded.postal_code, country = excluded.country, phone = excluded.phone, changed_at = excluded.changed_at
returning true;
