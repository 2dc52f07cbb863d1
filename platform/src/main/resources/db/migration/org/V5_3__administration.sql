alter table org_accounts
    add column enabled           boolean not null default true,
    add column must_change       boolean not null default false,
    add column sign_ins          integer not null default 0,
    add column last_sign_in      timestamptz,
    -- Grows with everything that decides what a session may do; sessions from before the password's revision have ended.
    add column revision          bigint not null default 0,
    add column password_revision bigint not null default 0;

-- The address '*' counts an account's failures wherever they come from.
create table org_sign_in_failures (
    username      text not null,
    address       text not null,
    failures      integer not null,
    blocked_until timestamptz not null,
    primary key (username, address)
);

create index org_sign_in_failures_end on org_sign_in_failures (blocked_until);

create table org_second_factors (
    username     text primary key references org_accounts,
    secret       bytea not null,
    confirmed_at timestamptz,
    -- The last step of time whose code was taken: no code counts twice.
    last_step    bigint not null default 0
);

create table org_recovery_codes (
    username text not null references org_accounts,
    hash     text not null,
    used_at  timestamptz,
    primary key (username, hash)
);

-- Append-only: nothing the platform does can change or remove a row, and each row's hash is over the one before.
create table org_audit (
    id       bigint generated always as identity primary key,
    at       timestamptz not null,
    actor    text not null,
    address  text not null,
    act      text not null,
    subject  text not null,
    before   text not null,
    after    text not null,
    previous text not null,
    hash     text not null
);

create index org_audit_actor on org_audit (actor, id);
create index org_audit_subject on org_audit (subject, id);

create function org_audit_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'org_audit only grows';
end $$;

create trigger org_audit_rows before update or delete on org_audit for each row execute function org_audit_is_kept();
create trigger org_audit_whole before truncate on org_audit for each statement execute function org_audit_is_kept();
