-- Open data that are statistics: which columns are the dimensions of a cell and which its counts. Cells below the threshold stay in.
create table portal_statistics (
    entry_id   uuid primary key references catalog_entries,
    dimensions text[] not null,
    counts     text[] not null,
    threshold  integer not null check (threshold > 1),
    set_at     timestamptz not null,
    set_by     text not null
);

-- How often something open was looked at and taken away, by day of the city.
create table portal_open_days (
    entry_id  uuid not null references catalog_entries,
    day       date not null,
    calls     bigint not null default 0,
    downloads bigint not null default 0,
    primary key (entry_id, day)
);
