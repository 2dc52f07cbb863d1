-- A verification holds the lake's tables against their source; its result is kept and signed.
create table collect_verifications (
    id          uuid primary key,
    source_id   uuid not null references collect_sources,
    state       text not null,
    with_values boolean not null,
    only_tables text[] not null,
    queued_at   timestamptz not null,
    queued_by   text not null,
    started_at  timestamptz,
    finished_at timestamptz,
    position    text,
    found       integer,
    message_zh  text,
    message_en  text,
    -- The run that collects anew what could not be put right row by row.
    to_collect  text[] not null default '{}',
    repair_run  uuid references collect_runs,
    document    bytea
);
create unique index collect_verifications_one_open on collect_verifications (source_id)
    where state in ('QUEUED', 'RUNNING', 'CANCELLING');
create index on collect_verifications (source_id, queued_at desc);

-- How each table was found; the rows that differ are kept as they may be shown, masked.
create table collect_verified_tables (
    verification_id uuid not null references collect_verifications,
    lake_name       text not null,
    state           text not null,
    repair          text not null,
    differing       bigint not null,
    repaired        bigint not null,
    result          jsonb not null,
    primary key (verification_id, lake_name)
);

alter table collect_schedules add column verify_rhythm text;
alter table collect_schedules add column verify_values boolean not null default false;
alter table collect_schedules add column verify_next_at timestamptz;
create index on collect_schedules (verify_next_at) where verify_next_at is not null;
