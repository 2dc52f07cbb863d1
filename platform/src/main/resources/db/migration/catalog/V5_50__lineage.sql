-- How a table is made: one row for each way it was, by statement and what came of reading it. The newest is in force; none is changed.
create table catalog_derivations (
    id         bigint generated always as identity primary key,
    namespace  text not null,
    table_name text not null,
    process    text not null,
    version    integer not null,
    sql        text not null,
    whole      boolean not null,
    print      text not null,
    since      timestamptz not null,
    current    boolean not null default true
);
create unique index on catalog_derivations (namespace, table_name) where current;
create index on catalog_derivations (namespace, table_name, id);

-- Each time it was made so. Told: to whom lineage events go.
create table catalog_derivation_runs (
    id            uuid primary key default gen_random_uuid(),
    derivation_id bigint not null references catalog_derivations,
    snapshot_id   bigint not null,
    inputs        jsonb not null,
    at            timestamptz not null,
    told_at       timestamptz
);
create index on catalog_derivation_runs (derivation_id, at);
create index on catalog_derivation_runs (at) where told_at is null;

-- From which column a column comes, and how. Without a column it decides which rows there are; '*' is every column. Where nobody knows
-- from where, the reason stands instead.
create table catalog_lineage_edges (
    derivation_id  bigint not null references catalog_derivations,
    column_name    text,
    from_namespace text,
    from_table     text,
    from_column    text,
    way            text not null,
    reason         text,
    check ((way = 'UNKNOWN') = (from_column is null) and (way = 'UNKNOWN') = (reason is not null))
);
create index on catalog_lineage_edges (derivation_id);
create index on catalog_lineage_edges (from_namespace, from_table);

create function catalog_lineage_stays() returns trigger language plpgsql as $$
begin
    raise exception 'what was derived stays';
end $$;
create trigger catalog_lineage_edges_stay before update or delete on catalog_lineage_edges
    for each row execute function catalog_lineage_stays();
