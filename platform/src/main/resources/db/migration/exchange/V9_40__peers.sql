-- The keys that sign what goes to peers; private halves are sealed by the installation's master key.
-- A key signs from a moment on, and counts until another.
create table exchange_keys (
    key_id      text primary key,
    sealed      bytea not null,
    public_key  bytea not null,
    created_at  timestamptz not null,
    signs_from  timestamptz not null,
    valid_until timestamptz
);

-- Installations that we exchange with. What is on the card is what both sides compared.
create table exchange_peers (
    name             text primary key,
    department_id    text not null unique references org_departments,
    title            text not null,
    address          text not null,
    evidence_key     text not null,
    state            text not null,
    fingerprint      text,
    proposed_by      text not null,
    proposed_at      timestamptz not null,
    confirmed_by     text,
    confirmed_at     timestamptz
);

create table exchange_peer_keys (
    key_id      text primary key,
    peer        text not null references exchange_peers,
    public_key  bytea not null,
    since       timestamptz not null,
    valid_until timestamptz
);
create index on exchange_peer_keys (peer);

-- What was said once is not believed twice.
create table exchange_nonces (
    key_id     text not null,
    nonce      text not null,
    expires_at timestamptz not null,
    primary key (key_id, nonce)
);
create index on exchange_nonces (expires_at);
