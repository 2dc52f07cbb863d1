-- The systems of departments that call by themselves.
create table invoke_clients (
    id            text primary key,
    department_id text not null references org_departments,
    title         text not null,
    created_by    text not null,
    created_at    timestamptz not null,
    revoked_by    text,
    revoked_at    timestamptz
);
create index on invoke_clients (department_id);

-- What a client proves itself by: a public key, or the slow hash of a secret that was shown once.
create table invoke_credentials (
    id          uuid primary key,
    client_id   text not null references invoke_clients,
    kind        text not null,
    public_key  text,
    secret_hash text,
    fingerprint text not null,
    created_by  text not null,
    created_at  timestamptz not null,
    expires_at  timestamptz,
    revoked_by  text,
    revoked_at  timestamptz,
    check ((kind = 'KEY') = (public_key is not null)),
    check ((kind = 'SECRET') = (secret_hash is not null))
);
create index on invoke_credentials (client_id);

-- Assertions that were shown already: each counts once, whichever hub it is shown to.
create table invoke_assertions (
    client_id  text not null references invoke_clients,
    jti        text not null,
    expires_at timestamptz not null,
    primary key (client_id, jti)
);
create index on invoke_assertions (expires_at);

-- The keys that sign access tokens, the newest of which signs; private halves are sealed by the installation's master key.
create table invoke_signing_keys (
    kid         text primary key,
    sealed      bytea not null,
    public_key  bytea not null,
    created_at  timestamptz not null,
    valid_until timestamptz
);
create unique index on invoke_signing_keys ((true)) where valid_until is null;
