-- Whom a resident's account is about. The number is sealed with the installation's master key.
create table org_residents (
    username text primary key references org_accounts,
    subject  text not null,
    number   bytea not null,
    bound_at timestamptz not null,
    bound_by text not null
);
