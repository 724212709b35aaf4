-- By which clock the store dates what belongs to no campaign; an IANA time zone, at first its newest campaign's.
alter table stores add column zone text not null default 'UTC' constraint store_has_a_clock check (zone <> '');
update stores s set zone = c.zone
from (select distinct on (store_id) store_id, zone from campaigns order by store_id, id desc) c
where c.store_id = s.id;
