create table collect_sources (
    id              uuid primary key,
    name            text not null,
    title           text not null,
    department_id   text not null references org_departments,
    kind            text not null,
    location        text not null,
    username        text not null,
    sealed_password bytea,
    created_at      timestamptz not null,
    created_by      text not null,
    deleted_at      timestamptz,
    deleted_by      text
);
create unique index collect_sources_name on collect_sources (name) where deleted_at is null;

create table collect_runs (
    id          uuid primary key,
    source_id   uuid not null references collect_sources,
    state       text not null,
    queued_at   timestamptz not null,
    queued_by   text not null,
    started_at  timestamptz,
    finished_at timestamptz,
    attempt     integer not null default 0,
    position    text,
    message_zh  text,
    message_en  text
);
-- One run of a source at a time.
create unique index collect_runs_one_open on collect_runs (source_id) where state in ('QUEUED', 'RUNNING', 'CANCELLING');
create index on collect_runs (source_id, queued_at desc);
create index on collect_runs (queued_at) where state in ('QUEUED', 'RUNNING', 'CANCELLING');

create table collect_attempts (
    run_id      uuid not null references collect_runs,
    attempt     integer not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    position    text,
    primary key (run_id, attempt)
);

-- What a run found; that a row has ended is what the hub acknowledges.
create table collect_objects (
    run_id          uuid not null references collect_runs,
    ordinal         integer not null,
    kind            text not null,
    schema_name     text not null,
    name            text not null,
    lake_name       text,
    estimated_rows  bigint,
    details         jsonb not null,
    state           text not null,
    reason_code     text,
    reason          text,
    rows_at_source  bigint,
    rows_landed     bigint not null default 0,
    rows_rejected   bigint not null default 0,
    values_rejected bigint not null default 0,
    bytes           bigint not null default 0,
    snapshot_id     bigint,
    position        text,
    started_at      timestamptz,
    finished_at     timestamptz,
    columns         jsonb not null default '[]',
    primary key (run_id, kind, schema_name, name)
);
create unique index on collect_objects (run_id, lake_name) where lake_name is not null;

-- The exact bytes that were signed; nobody changes them afterwards.
create table collect_receipts (
    run_id      uuid primary key references collect_runs,
    source_id   uuid not null references collect_sources,
    finished_at timestamptz not null,
    run_state   text not null,
    tables      bigint not null,
    rows        bigint not null,
    document    bytea not null
);
create index on collect_receipts (source_id, finished_at desc);

create function collect_receipts_are_immutable() returns trigger language plpgsql as $$
begin
    raise exception 'a receipt is never changed or removed';
end $$;
create trigger collect_receipts_immutable before update or delete on collect_receipts
    for each row execute function collect_receipts_are_immutable();
