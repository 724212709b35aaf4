-- name: programs_of_store
-- The store's programs, the newest first, those with an id below `:before`; how many customers have something from
-- each is counted up to `:most_counted`.
select p.id, p.kind, p.name, p.is_on, p.turned_at, p.starts_at, p.ends_at, p.counts_from, p.zone,
       (select count(*) from milestones m where m.track_id = p.track_id and m.archived_at is null) as milestones,
       coalesce(nullif(t.name, ''), t.email) as turner,
       (select count(*) from (select distinct g.customer_id from milestones m join grants g on g.milestone_id = m.id
                              where m.track_id = p.track_id and g.state <> 'void' limit :most_counted) one) as rewarded
from programs p left join creators t on t.id = p.turned_by
where p.store_id = :store_id and (:before::bigint is null or p.id < :before)
order by p.id desc
limit :most;

-- name: program_of_store^
-- One of the store's programs, with what of the store it is drawn up by.
select p.*, s.currencies, s.zone as store_zone, s.locale as store_locale, coalesce(nullif(t.name, ''), t.email) as turner,
       l.buys, l.pending_days
from programs p join stores s on s.id = p.store_id
left join creators t on t.id = p.turned_by
left join loyalty l on l.store_id = p.store_id
where p.store_id = :store_id and p.id = :program_id;

-- name: store_of_programs^
-- What of the store a program is drawn up by.
select currencies, zone, locale from stores where id = :store_id;

-- name: gifts_to_pick
-- Products by a word of their title, the newest first; those in `:ids` in any case and before them.
select p.id, p.title, p.image, p.image_alt, p.stock, p.prices, p.translations, p.id = any (:ids::bigint[]) as chosen
from products p
where p.store_id = :store_id and (p.id = any (:ids::bigint[]) or strpos(lower(p.title), lower(:find)) > 0)
order by chosen desc, p.id desc
limit :most + cardinality(:ids::bigint[]);

-- name: remove_draft_of_program!
-- A draft that was never on, with all that it would have given.
with gone as (
    delete from programs where id = :program_id and turned_at is null returning track_id
), stones as (
    delete from milestones m using gone where m.track_id = gone.track_id returning m.id
), rewards_gone as (
    delete from rewards r using milestones m, gone where m.track_id = gone.track_id and r.milestone_id = m.id
)
delete from tracks t using gone where t.id = gone.track_id;
