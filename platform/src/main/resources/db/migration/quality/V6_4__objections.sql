create sequence quality_objection_numbers;

create table quality_objections (
    id            uuid primary key,
    number        text not null unique,
    username      text not null references org_accounts,
    entry_id      uuid not null references catalog_entries,
    resource_id   uuid not null references catalog_resources,
    department_id text not null references org_departments,
    -- The columns that tell the record, with its values.
    keys          jsonb not null,
    item          text not null,
    item_title    text not null,
    said          text,
    should        text not null,
    reason        text not null,
    state         text not null,
    result        text,
    lateness      text not null,
    due_at        timestamptz,
    raised_at     timestamptz not null,
    -- The snapshot at which it was last looked whether the record says what it should.
    seen_snapshot bigint,
    closed_at     timestamptz
);
create index on quality_objections (username);
create index on quality_objections (department_id, due_at) where closed_at is null;

create table quality_objection_steps (
    id           bigint generated always as identity primary key,
    objection_id uuid not null references quality_objections,
    at           timestamptz not null,
    who          text not null,
    who_name     text not null,
    act          text not null,
    state        text not null,
    words        text
);
create index on quality_objection_steps (objection_id, id);
create trigger quality_objection_steps_stay before update or delete on quality_objection_steps
    for each row execute function quality_never_changed();
