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

-- name: type_addresses!
-- Four in five backers of a campaign that are sent something have typed where, in invented streets and towns.
insert into addresses (pledge_id, name, line1, city, postal_code, country, changed_at)
select p.id, c.name, s.streets[1 + p.id % cardinality(s.streets)] || ' ' || 1 + p.id % 89,
       s.towns[1 + p.id % cardinality(s.towns)], (10000 + p.id * 7919 % 89999)::text,
       coalesce(p.country, s.countries[1 + p.id % cardinality(s.countries)]), p.confirmed_at
from pledges p join customers c on c.id = p.customer_id
cross join (select :streets::text[] as streets, :towns::text[] as towns, :countries::text[] as countries) s
where p.campaign_id = :campaign_id and p.state in ('confirmed', 'charged') and p.id % 5 <> 0
  and exists (select from goods_lines l where l.pledge_id = p.id);
