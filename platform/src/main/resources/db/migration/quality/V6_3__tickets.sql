create sequence quality_ticket_numbers;

create table quality_tickets (
    id            uuid primary key,
    number        text not null unique,
    rule_id       uuid references quality_rules,
    resource_id   uuid not null references catalog_resources,
    about_zh      text not null,
    about_en      text not null,
    found_by      text not null,
    opened_by     text not null,
    opened_at     timestamptz not null,
    severity      text not null,
    department_id text references org_departments,
    state         text not null,
    lateness      text not null,
    due_at        timestamptz,
    -- The outcome that keeps it open: only one of a later snapshot can close it.
    failing_snapshot bigint,
    failing_at    timestamptz,
    failed        bigint,
    checked       bigint,
    closed_at     timestamptz,
    revision      integer not null
);
create unique index on quality_tickets (rule_id) where closed_at is null;
create index on quality_tickets (department_id, due_at) where closed_at is null;
create index on quality_tickets (resource_id);

-- Who did what, and when; a step is never changed.
create table quality_ticket_steps (
    id        bigint generated always as identity primary key,
    ticket_id uuid not null references quality_tickets,
    at        timestamptz not null,
    who       text not null,
    who_name  text not null,
    act       text not null,
    state     text not null,
    words     text
);
create index on quality_ticket_steps (ticket_id, id);

create function quality_never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% is never changed', tg_table_name;
end $$;
create trigger quality_ticket_steps_stay before update or delete on quality_ticket_steps
    for each row execute function quality_never_changed();
create trigger quality_rule_versions_stay before update or delete on quality_rule_versions
    for each row execute function quality_never_changed();
