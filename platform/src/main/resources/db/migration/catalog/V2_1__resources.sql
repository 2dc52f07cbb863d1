create extension if not exists pg_trgm;

create table catalog_resources (
    id            uuid primary key,
    namespace     text not null,
    table_name    text not null,
    name          text not null,
    title         text not null,
    comment       text,
    department_id text not null references org_departments,
    source_id     uuid not null,
    source_name   text not null,
    kind          text not null,
    rows          bigint,
    bytes         bigint,
    as_of         timestamptz,
    completeness  text not null,
    level         text not null,
    snapshot_id   bigint,
    details       jsonb not null,
    search_names  text not null,
    search_titles text not null,
    search_fields text not null,
    first_seen    timestamptz not null,
    unique (namespace, table_name)
);
create index catalog_resources_search on catalog_resources
    using gin ((search_names || ' ' || search_titles || ' ' || search_fields) gin_trgm_ops);
create index on catalog_resources (department_id);
create index on catalog_resources (source_id);

-- A column that is gone from the source stays here with its level, because older snapshots still hold it.
create table catalog_fields (
    resource_id    uuid not null references catalog_resources,
    name           text not null,
    ordinal        integer not null,
    present        boolean not null,
    source_name    text not null,
    type           text not null,
    source_type    text not null,
    comment        text,
    nullable       boolean not null,
    key_position   integer not null,
    level          text not null,
    mask           text,
    detected_kind  text,
    detected_share double precision,
    nulls          bigint,
    checksum       text,
    primary key (resource_id, name)
);

create table catalog_collections (
    resource_id uuid not null references catalog_resources,
    run_id      uuid not null,
    at          timestamptz not null,
    verdict     text not null,
    primary key (resource_id, run_id)
);

-- Who read what. Written before the first row is handed over.
create table catalog_access (
    id       bigint generated always as identity primary key,
    at       timestamptz not null,
    who      text not null,
    purpose  text not null,
    sql      text not null,
    as_of    text,
    tables   text[] not null,
    unmasked boolean not null,
    rows     bigint,
    ended_at timestamptz
);
create index on catalog_access (at);
