create table refine_mappings (
    namespace  text not null,
    table_name text not null,
    version    integer not null,
    -- What was in the catalogue of each input when it was made last.
    seen       jsonb,
    made       integer,
    asked      boolean not null default false,
    failures   integer not null default 0,
    not_before timestamptz not null,
    retired_at timestamptz,
    retired_by text,
    retired_why text,
    primary key (namespace, table_name)
);

-- Each version stays, and with it who wrote it.
create table refine_versions (
    namespace  text not null,
    table_name text not null,
    version    integer not null,
    text       text not null,
    inputs     jsonb not null,
    author     text not null,
    at         timestamptz not null,
    primary key (namespace, table_name, version),
    foreign key (namespace, table_name) references refine_mappings
);

create table refine_runs (
    id         uuid primary key,
    namespace  text not null,
    table_name text not null,
    version    integer not null,
    state      text not null,
    started_at timestamptz not null,
    ended_at   timestamptz,
    inputs     jsonb,
    rows       bigint,
    added      bigint,
    removed    bigint,
    message_zh text,
    message_en text,
    foreign key (namespace, table_name) references refine_mappings
);
create index on refine_runs (namespace, table_name, started_at desc);
