-- How often a token has asked in the minute that it asked last.
alter table api_tokens
    alter column made_by set not null,
    add column minute timestamptz,
    add column asked int not null default 0;

-- Unsafe calls, each with the answer that it got: said again under its key it is not done again.
create table api_calls (
    caller   text not null,
    key      text not null constraint call_has_a_key check (key <> ''),
    hash     bytea not null,  -- of all that was sent, to tell a repetition from a mistake
    made_at  timestamptz not null,
    status   int,
    headers  jsonb,
    body     bytea,
    constraint one_call_of_a_key primary key (caller, key),
    constraint an_answer_is_whole check (num_nulls(status, headers, body) in (0, 3))
);
create index old_api_calls on api_calls (made_at);

-- With which token a deed was done.
alter table deeds add column token_id bigint references api_tokens;
