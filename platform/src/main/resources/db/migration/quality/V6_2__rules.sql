create table quality_rules (
    id           uuid primary key,
    resource_id  uuid not null references catalog_resources,
    version      integer not null,
    retired_at   timestamptz,
    retired_by   text,
    -- What it was looked at last: whatever differs from now is due.
    seen_version integer,
    seen_snapshot bigint,
    seen_at      timestamptz,
    asked        boolean not null default false,
    not_before   timestamptz not null,
    -- The newest outcome.
    newest       bigint,
    -- Rows of the table at the newest outcome that was not an error.
    rows         bigint
);
create index on quality_rules (resource_id);

-- Each version stays, and with it who wrote it.
create table quality_rule_versions (
    rule_id        uuid not null references quality_rules,
    version        integer not null,
    characteristic text not null,
    requirement    jsonb not null,
    note           text not null,
    tolerance      double precision not null check (tolerance between 0 and 1),
    severity       text not null,
    author         text not null,
    at             timestamptz not null,
    primary key (rule_id, version)
);

create table quality_outcomes (
    id          bigint generated always as identity primary key,
    rule_id     uuid not null references quality_rules,
    version     integer not null,
    snapshot_id bigint,
    at          timestamptz not null,
    checked     bigint not null,
    failed      bigint not null,
    millis      bigint not null,
    error_zh    text,
    error_en    text
);
create index on quality_outcomes (rule_id, id desc);
create index on quality_outcomes (at);

-- How a resource stood after its rules were looked at; a row for each time that it changed.
create table quality_scores (
    resource_id uuid not null references catalog_resources,
    at          timestamptz not null,
    overall     double precision not null,
    scores      jsonb not null,
    primary key (resource_id, at)
);
create index on quality_scores (at);

-- How a department stood at the end of each day.
create table quality_days (
    day           date not null,
    department_id text not null references org_departments,
    overall       double precision not null,
    scores        jsonb not null,
    primary key (day, department_id)
);
