-- Three of the four kinds of the city's ledger; the fourth, data, is the directory itself.
create table catalog_ledger (
    id            uuid primary key default gen_random_uuid(),
    kind          text not null,
    name          text not null,
    department_id text not null references org_departments,
    purpose       text not null,
    state         text not null,
    since         date,
    until         date,
    -- of cloud resources: what there is and what is taken
    capacity      jsonb,
    taken         jsonb,
    revision      integer not null default 0,
    changed_at    timestamptz not null,
    changed_by    text not null,
    unique (kind, department_id, name)
);

-- What a thing of the ledger uses; data are entries of the directory.
create table catalog_ledger_uses (
    item_id   uuid not null references catalog_ledger,
    uses_kind text not null,
    uses_id   uuid not null,
    primary key (item_id, uses_id)
);
create index on catalog_ledger_uses (uses_id);

-- A project as it was registered, with what the ledger said of it on that day.
create table catalog_projects (
    id            uuid primary key default gen_random_uuid(),
    name          text not null,
    department_id text not null references org_departments,
    project       jsonb not null,
    overlapping   jsonb not null,
    registered_at timestamptz not null,
    registered_by text not null
);
create trigger catalog_projects_stay before update or delete on catalog_projects
    for each row execute function catalog_never_changed();
