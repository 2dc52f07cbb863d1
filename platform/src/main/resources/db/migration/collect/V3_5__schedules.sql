-- When a source is collected by itself, and what may be asked of it. One schedule a source.
create table collect_schedules (
    source_id       uuid primary key references collect_sources,
    enabled         boolean not null,
    rhythm          text not null,
    days            text not null,
    window_from     time,
    window_to       time,
    priority        integer not null,
    connections     integer,
    rows_per_second bigint,
    next_at         timestamptz,
    last_at         timestamptz,
    last_run        uuid references collect_runs,
    last_skipped    boolean not null default false,
    changed_at      timestamptz not null,
    changed_by      text not null
);
create index on collect_schedules (next_at) where enabled and next_at is not null;

-- Days that are not what their weekday says: holidays, and weekends on which the city works. Without an entry weekends are free.
create table collect_calendar_days (
    day     date primary key,
    working boolean not null,
    name    text not null
);

alter table collect_runs add column priority integer not null default 0;
-- Whether everything is read even of what would be read by changes.
alter table collect_runs add column in_full boolean not null default false;
