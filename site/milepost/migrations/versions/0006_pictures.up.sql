-- A store's pictures, as they were re-encoded; the address holds the content's hash and the size.
create table pictures (
    store_id  bigint not null references stores,
    address   text not null,
    width     int not null,
    height    int not null,
    bytes     bigint not null,
    made_by   bigint references creators,
    made_at   timestamptz not null,
    primary key (store_id, address),
    constraint picture_has_a_size check (width > 0 and height > 0 and bytes > 0)
);
