create sequence zone_numbers;
create sequence zone_release_numbers;
create sequence zone_product_numbers;

-- Where an operator works with what its department was granted.
create table zone_zones (
    id            uuid primary key,
    number        text not null unique,
    department_id text not null references org_departments,
    name          text not null,
    agreement     text not null,
    scope         text not null,
    valid_from    date not null,
    valid_to      date not null,
    k             integer not null,
    most_rows     integer not null,
    runs_a_day    integer not null,
    grants        uuid[] not null,
    members       text[] not null,
    state         text not null,
    reason        text,
    revision      integer not null default 0,
    begun_at      timestamptz not null,
    begun_by      text not null
);
create unique index on zone_zones (department_id) where state = 'ACTIVE';

create table zone_runs (
    id          uuid primary key,
    zone_id     uuid not null references zone_zones,
    ordinal     bigint generated always as identity,
    who         text not null,
    who_name    text not null,
    state       text not null,
    statement   text not null,
    declared    jsonb not null,
    grants      uuid[] not null,
    numbers     text[] not null,
    columns     jsonb not null,
    -- As the data have them, with what they are.
    held_columns jsonb,
    fixed       boolean,
    begun_at    timestamptz not null,
    ended_at    timestamptz,
    failure     text,
    row_count   bigint,
    digest      text,
    level       text,
    tables      jsonb,
    evidence    jsonb,
    report      jsonb,
    purpose     text,
    submitted_at timestamptz,
    due_at      timestamptz,
    reviewer    text,
    reviewer_name text,
    reviewed_at timestamptz,
    reason      text,
    legal_basis text
);
create index on zone_runs (zone_id, ordinal);
create index on zone_runs (due_at) where state = 'SUBMITTED';

-- What has left.
create table zone_releases (
    id          uuid primary key,
    number      text not null unique,
    zone_id     uuid not null references zone_zones,
    run_id      uuid not null unique references zone_runs,
    released_at timestamptz not null,
    row_count   bigint not null,
    bytes       bigint not null,
    sha256      text not null,
    manifest    bytea not null
);
create index on zone_releases (zone_id);

-- The register of data products.
create table zone_products (
    id            uuid primary key,
    number        text not null unique,
    zone_id       uuid not null references zone_zones,
    name          text not null,
    kind          text not null,
    purpose       text not null,
    price         text not null,
    price_basis   text not null,
    releases      uuid[] not null,
    state         text not null,
    revision      integer not null default 0,
    registered_at timestamptz not null,
    registered_by text not null,
    published_at  timestamptz,
    withdrawn_at  timestamptz,
    reason        text
);
create index on zone_products (zone_id);
create index on zone_products using gin (releases);
