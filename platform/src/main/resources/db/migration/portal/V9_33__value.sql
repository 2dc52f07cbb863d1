-- What people read of each resource on a day of the city: sums of catalog_access, made anew as long as the day may change.
create table portal_value_days (
    day           date not null,
    resource_id   uuid not null references catalog_resources,
    department_id text not null,
    scenario      text not null,
    door          text not null,
    reads         bigint not null,
    rows          bigint not null,
    forms         bigint not null,
    primary key (day, resource_id, department_id, scenario, door)
);
create index on portal_value_days (resource_id);

-- Days that are summed, and when.
create table portal_value_summed (
    day       date primary key,
    summed_at timestamptz not null
);
