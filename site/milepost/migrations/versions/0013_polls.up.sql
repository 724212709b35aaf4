create table polls (
    only_one  boolean primary key default true constraint one_poll_is_the_last check (only_one),
    asked_at  timestamptz not null
);
