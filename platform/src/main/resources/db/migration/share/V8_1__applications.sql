create sequence share_application_numbers;
create sequence share_grant_numbers;

-- What a person wants to apply for, until they do.
create table share_carts (
    username text not null,
    entry_id uuid not null references catalog_entries,
    added_at timestamptz not null,
    primary key (username, entry_id)
);

create table share_applications (
    id             uuid primary key,
    number         text not null unique,
    applicant      text not null,
    applicant_name text not null,
    department_id  text not null references org_departments,
    state          text not null,
    asked          jsonb not null,
    renews         uuid,
    revision       integer not null default 0,
    created_at     timestamptz not null,
    submitted_at   timestamptz,
    due_at         timestamptz,
    lateness       text not null default 'IN_TIME'
);
create index on share_applications (department_id);
create index on share_applications (due_at) where state = 'SUBMITTED';

-- What one source department has to say to it. The tables are what was asked for on the day it was submitted.
create table share_parts (
    id             uuid primary key,
    application_id uuid not null references share_applications,
    department_id  text not null references org_departments,
    share_class    text not null,
    ordinal        integer not null,
    state          text not null,
    tables         jsonb not null,
    due_at         timestamptz,
    lateness       text not null default 'IN_TIME',
    grant_id       uuid,
    unique (application_id, ordinal)
);
create index on share_parts (department_id) where state in ('PROVIDER_REVIEW', 'NEGOTIATION', 'ESCALATED');

create table share_grants (
    id            uuid primary key,
    number        text not null unique,
    part_id       uuid not null unique references share_parts,
    recipient_id  text not null references org_departments,
    provider_id   text not null references org_departments,
    state         text not null,
    suspended_by  text,
    version       integer not null,
    valid_from    timestamptz not null,
    valid_to      timestamptz not null,
    granted_at    timestamptz not null
);
create index on share_grants (recipient_id);
create index on share_grants (provider_id);
create index on share_grants (valid_to) where state not in ('EXPIRED', 'REVOKED');

-- What may be read, for ever as it was granted: a change is the next version.
create table share_grant_versions (
    grant_id uuid not null references share_grants,
    version  integer not null,
    -- As text: fields keep their order.
    terms    json not null,
    at       timestamptz not null,
    who      text not null,
    primary key (grant_id, version)
);

-- Each table of a version, to find who reads it.
create table share_granted_tables (
    grant_id   uuid not null,
    version    integer not null,
    namespace  text not null,
    table_name text not null,
    primary key (grant_id, version, namespace, table_name),
    foreign key (grant_id, version) references share_grant_versions
);
create index on share_granted_tables (namespace, table_name);

-- Who did what when, and what they said; a step is never changed.
create table share_steps (
    id             bigint generated always as identity primary key,
    application_id uuid not null references share_applications,
    part_id        uuid references share_parts,
    grant_id       uuid references share_grants,
    at             timestamptz not null,
    who            text not null,
    who_name       text not null,
    side           text not null,
    act            text not null,
    before         text not null,
    after          text not null,
    words          text,
    legal_basis    text
);
create index on share_steps (application_id, id);

create function share_never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% is never changed', tg_table_name;
end $$;
create trigger share_steps_stay before update or delete on share_steps
    for each row execute function share_never_changed();
create trigger share_grant_versions_stay before update or delete on share_grant_versions
    for each row execute function share_never_changed();
create trigger share_granted_tables_stay before update or delete on share_granted_tables
    for each row execute function share_never_changed();
