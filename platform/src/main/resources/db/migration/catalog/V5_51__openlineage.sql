-- What was collected before is no news to those who are told of lineage.
alter table catalog_collections add column told_at timestamptz;
update catalog_collections set told_at = at;
create index on catalog_collections (at) where told_at is null;
create index on catalog_collections (run_id);

-- How telling them goes; one row.
create table catalog_openlineage (
    one      boolean primary key default true check (one),
    told     bigint not null default 0,
    refused  bigint not null default 0,
    skipped  bigint not null default 0,
    told_at  timestamptz,
    error    text,
    error_at timestamptz
);
insert into catalog_openlineage default values;
