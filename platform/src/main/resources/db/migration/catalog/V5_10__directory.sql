-- What a department states about a resource, or about data that nobody collects yet. A draft that nobody has touched has no statement: it
-- says what the resource says at the moment it is read.
create table catalog_entries (
    id                uuid primary key default gen_random_uuid(),
    resource_id       uuid unique references catalog_resources,
    department_id     text not null references org_departments,
    state             text not null default 'DRAFT',
    revision          integer not null default 0,
    statement         jsonb,
    title             text,
    theme             text,
    share_class       text,
    search            text,
    resource_code     text unique,
    published_version integer not null default 0,
    published_on      date,
    submitted_by      text,
    changed_at        timestamptz not null,
    changed_by        text,
    check (resource_id is not null or statement is not null)
);
create index on catalog_entries (department_id);

-- What was published, for ever as it was.
create table catalog_entry_versions (
    entry_id      uuid not null references catalog_entries,
    version       integer not null,
    statement     jsonb not null,
    resource_code text not null,
    published_on  date not null,
    published_at  timestamptz not null,
    published_by  text not null,
    primary key (entry_id, version)
);
create function catalog_never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% is never changed', tg_table_name;
end $$;
create trigger catalog_entry_versions_stay before update or delete on catalog_entry_versions
    for each row execute function catalog_never_changed();

-- Who did what when. Version is the one that was published, or the newest one published before.
create table catalog_entry_events (
    id         bigint generated always as identity primary key,
    entry_id   uuid not null references catalog_entries,
    at         timestamptz not null,
    who        text not null,
    act        text not null,
    state      text not null,
    version    integer not null,
    words      text
);
create index on catalog_entry_events (entry_id, id);
create trigger catalog_entry_events_stay before update or delete on catalog_entry_events
    for each row execute function catalog_never_changed();

-- Each sequence number of a classification is given out once, whatever becomes of the entry.
create table catalog_resource_codes (
    classification text not null,
    sequence       integer not null,
    entry_id       uuid not null unique references catalog_entries,
    primary key (classification, sequence)
);

insert into catalog_entries (resource_id, department_id, changed_at)
    select id, department_id, first_seen from catalog_resources;
