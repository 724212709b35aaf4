-- name: offers_for_points
-- What whoever reads this address can turn their points into, in each store, by currency.
select c.id as customer_id, s.slug as store, s.name as store_name, s.translations as store_translations, x.key as currency,
       (x.value ->> 0)::bigint as points, (x.value ->> 1)::bigint as amount, coalesce(b.ready, 0) as has
from customers c
join stores s on s.id = c.store_id
join loyalty l on l.store_id = c.store_id
cross join lateral jsonb_each(l.buys) x
left join balances b on b.customer_id = c.id and b.unit = 'points'
where c.email = :email and c.erased_at is null and (:store::text is null or s.slug = :store)
order by c.id, x.key;
