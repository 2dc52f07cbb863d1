create table org_departments (
    id      text primary key,
    name    text not null,
    name_en text not null,
    ordinal integer not null
);

create table org_accounts (
    username      text primary key,
    display_name  text not null,
    password_hash text not null,
    department_id text references org_departments,
    created_at    timestamptz not null default now()
);

create table org_account_roles (
    username text not null references org_accounts,
    role     text not null,
    primary key (username, role)
);
