-- Who is told of the changes of a table that was granted to their department, and how far that has come.
-- A position is a step and how many of its changes are behind it; where a step ends the next begins.
create table exchange_subscriptions (
    id             uuid primary key,
    grant_id       uuid not null references share_grants,
    department_id  text not null references org_departments,
    namespace      text not null,
    table_name     text not null,
    title          text not null,
    delivery       text not null,
    url            text,
    state          text not null,
    created_by     text not null,
    created_at     timestamptz not null,
    -- Up to where steps have been made of the table's changes; nothing: the next step is the whole.
    base_snapshot  bigint,
    base_shape     text,
    steps          bigint not null default 0,
    acked_step     bigint not null default 1,
    acked_offset   bigint not null default 0,
    sent_step      bigint not null default 1,
    sent_offset    bigint not null default 0,
    delivered_at   timestamptz,
    -- Why nothing goes out at the moment; it is looked at again.
    halt_code      text,
    halt_zh        text,
    halt_en        text,
    halted_at      timestamptz,
    -- Webhooks alone: the secrets (sealed), the attempts at what is next, and which hub is at it.
    secret         bytea,
    former_secret  bytea,
    former_until   timestamptz,
    attempts       integer not null default 0,
    next_at        timestamptz not null,
    failure        text,
    claimed_by     uuid,
    claimed_until  timestamptz
);
create index on exchange_subscriptions (grant_id);
create index on exchange_subscriptions (next_at) where delivery = 'WEBHOOK' and state = 'ACTIVE';

-- From one state of the table to another, as the grant said at the time; what is in a step never changes.
create table exchange_steps (
    subscription_id uuid not null references exchange_subscriptions,
    n               bigint not null,
    from_snapshot   bigint,
    to_snapshot     bigint not null,
    schema_id       integer not null,
    terms           text not null,
    key_columns     text[] not null,
    changes         bigint not null,
    at              timestamptz not null,
    primary key (subscription_id, n)
);

-- What was sent and what was received, by day of the city's calendar.
create table exchange_days (
    subscription_id uuid not null references exchange_subscriptions,
    day             date not null,
    offered         bigint not null default 0,
    delivered       bigint not null default 0,
    acknowledged    bigint not null default 0,
    withdrawn       bigint not null default 0,
    dead            bigint not null default 0,
    position_step   bigint not null default 1,
    position_offset bigint not null default 0,
    primary key (subscription_id, day)
);

-- What a receiver did not take. Not its rows, only which: they are read again when it is sent again.
create table exchange_letters (
    id              uuid primary key,
    subscription_id uuid not null references exchange_subscriptions,
    step            bigint not null,
    from_offset     bigint not null,
    to_offset       bigint not null,
    at              timestamptz not null,
    attempts        integer not null,
    failure         text not null,
    state           text not null,
    settled_by      text,
    settled_at      timestamptz,
    note            text
);
create index on exchange_letters (subscription_id, state);
