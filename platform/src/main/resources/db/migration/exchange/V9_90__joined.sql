-- How the line to a peer is, and when it is to be asked again.
alter table exchange_peers
    add heard_at   timestamptz,
    add away_since timestamptz,
    add away       text,
    add attempts   integer not null default 0,
    add next_at    timestamptz;

-- What was copied from a peer, and by which mark it says that nothing has changed.
create table exchange_copies (
    peer  text not null references exchange_peers,
    what  text not null,
    tag   text not null,
    at    timestamptz not null,
    -- Where a piece of a directory goes on.
    next  uuid,
    primary key (peer, what)
);

-- What a peer's directory offers, so that it can be looked through while the peer is away.
create table exchange_offers (
    peer    text not null references exchange_peers,
    entry   uuid not null,
    title   text not null,
    words   text not null,
    content jsonb not null,
    primary key (peer, entry)
);

-- What our departments ask of peers. Its id is its number there too, so that what is sent twice is one.
create table exchange_applications (
    id             uuid primary key,
    peer           text not null references exchange_peers,
    department_id  text not null references org_departments,
    applicant      text not null,
    applicant_name text not null,
    state          text not null,
    asked          jsonb not null,
    revision       integer not null default 0,
    round          integer not null default 0,
    created_at     timestamptz not null,
    submitted_at   timestamptz,
    released_by    text,
    released_at    timestamptz,
    sent_at        timestamptz,
    words          text,
    refused        jsonb,
    attempts       integer not null default 0,
    next_at        timestamptz,
    remote         jsonb,
    remote_at      timestamptz
);
create index on exchange_applications (department_id);
create index on exchange_applications (peer) where state = 'RELEASED';

-- What peers have granted, as they last said.
create table exchange_grants (
    peer           text not null references exchange_peers,
    id             uuid not null,
    application_id uuid not null references exchange_applications,
    department_id  text not null references org_departments,
    number         text not null,
    in_force       boolean not null,
    content        jsonb not null,
    primary key (peer, id)
);
create index on exchange_grants (department_id);
