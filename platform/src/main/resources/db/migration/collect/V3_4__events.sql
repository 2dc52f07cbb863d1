-- Devices and gateways that may speak in a stream of events. A token is never kept, only its SHA-256.
create table collect_event_devices (
    source_id     uuid not null references collect_sources,
    device        text not null,
    title         text not null,
    gateway       boolean not null,
    token_hash    bytea unique,
    registered_at timestamptz not null,
    registered_by text not null,
    -- set until what waited for it in quarantine has come out
    release_since timestamptz,
    events        bigint not null default 0,
    last_event_at timestamptz,
    primary key (source_id, device)
);

-- How far the log has landed. The end of a window is fixed before it is landed, so that every try lands the same.
create table collect_event_log (
    log_id    uuid primary key,
    landed    bigint not null,
    window_to bigint not null,
    failure   text
);

create table collect_event_totals (
    source_id     uuid primary key references collect_sources,
    received      bigint not null default 0,
    landed        bigint not null default 0,
    duplicates    bigint not null default 0,
    quarantined   bigint not null default 0,
    rejected      bigint not null default 0,
    last_event_at timestamptz
);

create table collect_event_minutes (
    source_id uuid not null references collect_sources,
    minute    timestamptz not null,
    events    bigint not null,
    primary key (source_id, minute)
);

-- Who is waiting; the events themselves are in ops_collect.quarantine.
create table collect_event_strangers (
    stream   uuid not null,
    device   text not null,
    events   bigint not null,
    first_at timestamptz not null,
    last_at  timestamptz not null,
    primary key (stream, device)
);
