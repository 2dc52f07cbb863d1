-- What columns a resource had, version by version; what is here is never changed. The first version of a resource is what was found.
create table catalog_schema_versions (
    resource_id uuid not null references catalog_resources,
    version     integer not null,
    at          timestamptz not null,
    -- the run that brought it; null when a follower did
    run_id      uuid,
    position    text,
    columns     jsonb not null,
    changes     jsonb not null,
    primary key (resource_id, version)
);
create index on catalog_schema_versions (at) where changes <> '[]'::jsonb;

-- Up to which version somebody has taken note.
create table catalog_schema_seen (
    resource_id uuid not null references catalog_resources,
    username    text not null,
    version     integer not null,
    primary key (resource_id, username)
);

-- Since when the source does not have it any more; the lake keeps what it was.
alter table catalog_resources add column gone_since timestamptz;
