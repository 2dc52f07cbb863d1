create sequence portal_question_numbers;

-- How many records a published resource holds about somebody with an account, as of a snapshot: what tells whose a whole table's read is.
create table portal_holdings (
    username    text not null references org_accounts,
    entry_id    uuid not null references catalog_entries,
    lake_table  text not null,
    snapshot_id bigint not null,
    records     integer not null,
    looked_at   timestamptz not null,
    primary key (username, entry_id)
);

-- Reads that are not told of until a day, because a law says so: those under a grant, for a case, or both.
create table portal_delays (
    id           uuid primary key,
    grant_number text,
    case_number  text,
    until        timestamptz not null,
    legal_basis  text not null,
    reason       text not null,
    set_at       timestamptz not null,
    set_by       text not null,
    ended_at     timestamptz,
    ended_by     text,
    check (grant_number is not null or case_number is not null)
);
create index on portal_delays (until) where ended_at is null;

-- What people ask about a read of their data, and what they are told. No department: the bureau answers.
create table portal_questions (
    id            uuid primary key,
    number        text not null unique,
    username      text not null references org_accounts,
    access_id     bigint not null references catalog_access,
    department_id text references org_departments,
    words         text not null,
    asked_at      timestamptz not null,
    due_at        timestamptz not null,
    answer        text,
    answered_at   timestamptz,
    answered_by   text,
    unique (username, access_id)
);
create index on portal_questions (department_id, due_at) where answered_at is null;
