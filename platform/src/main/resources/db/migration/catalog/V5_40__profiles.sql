-- What a table looked like when it was collected: counts only, so that what became sensitive since needs nothing taken out of it.
create table catalog_profiles (
    resource_id uuid not null references catalog_resources,
    snapshot_id bigint not null,
    at          timestamptz not null,
    rows        bigint not null,
    columns     jsonb not null,
    primary key (resource_id, snapshot_id)
);
create index on catalog_profiles (resource_id, at desc);

-- The newest profile of each column whole. What shows single values stands apart and is never kept of a sensitive column.
create table catalog_profile_columns (
    resource_id uuid not null references catalog_resources,
    field       text not null,
    ordinal     integer not null,
    profile     jsonb not null,
    shown       jsonb,
    -- the newest time in it at each of the latest profiles
    moments     jsonb,
    primary key (resource_id, field)
);

-- What changed more than it should; one at a time is open of a kind and column.
create table catalog_profile_alarms (
    id          bigint generated always as identity primary key,
    resource_id uuid not null references catalog_resources,
    -- empty for the table as a whole
    field       text not null,
    kind        text not null,
    state       text not null default 'OPEN',
    raised_at   timestamptz not null,
    snapshot_id bigint not null,
    before      text[] not null,
    now         text[] not null,
    seen_at     timestamptz,
    seen_by     text,
    settled_at  timestamptz,
    -- null when it settled by itself
    settled_by  text,
    note        text
);
create unique index on catalog_profile_alarms (resource_id, field, kind) where state <> 'SETTLED';
create index on catalog_profile_alarms (resource_id, raised_at desc);

create function catalog_profile_forget() returns trigger language plpgsql as $$
begin
    update catalog_profile_columns set shown = null, moments = null where resource_id = new.resource_id and field = new.name;
    update catalog_profile_alarms set before = '{}', now = '{}'
    where resource_id = new.resource_id and field = new.name and kind in ('RANGE', 'LATE');
    return null;
end $$;
create trigger catalog_profile_forget after update of level on catalog_fields
    for each row when (new.level in ('L3', 'L4') and old.level not in ('L3', 'L4')) execute function catalog_profile_forget();
