-- Tables of peers that are followed into our lake, and how far each is.
create table exchange_mirrors (
    id            uuid primary key,
    peer          text not null,
    subscription  uuid not null,
    remote_grant  uuid not null,
    object        text not null,
    title         text not null,
    source_id     uuid not null,
    source_name   text not null,
    lake_name     text not null,
    department_id text not null references org_departments,
    state         text not null,
    created_by    text not null,
    created_at    timestamptz not null,
    -- The peer's position behind what is safe here, and behind what the peer knows to be.
    position      text,
    acknowledged  text,
    unacknowledged bigint not null default 0,
    -- Of the step that is coming: batches and events that are safe; whether it is the whole.
    batches       bigint not null default 0,
    events        bigint not null default 0,
    whole         boolean not null default false,
    -- The whole was asked for and has not begun to come.
    asked_whole   boolean not null default false,
    -- A step that is whole and may not be handed over yet.
    handing_over  bigint,
    caught_up_at  timestamptz,
    heard_at      timestamptz,
    halt_state    text,
    halt_code     text,
    halt_zh       text,
    halt_en       text,
    halted_at     timestamptz,
    attempts      integer not null default 0,
    next_at       timestamptz not null,
    stated_at     timestamptz
);
create unique index on exchange_mirrors (source_id, lake_name) where state <> 'ENDED';

-- Steps that are whole, until they are seen to have landed.
create table exchange_mirror_steps (
    mirror_id  uuid not null references exchange_mirrors,
    source_id  uuid not null,
    sequence   bigint not null,
    events     bigint not null,
    landed_at  timestamptz,
    primary key (source_id, sequence)
);
create index on exchange_mirror_steps (mirror_id) where landed_at is null;

-- What was received, by day of the city's calendar, and what the peer says of its day.
create table exchange_mirror_days (
    mirror_id           uuid not null references exchange_mirrors,
    day                 date not null,
    received            bigint not null default 0,
    acknowledged        bigint not null default 0,
    superseded          bigint not null default 0,
    landed              bigint not null default 0,
    stated_offered      bigint,
    stated_delivered    bigint,
    stated_acknowledged bigint,
    stated_withdrawn    bigint,
    primary key (mirror_id, day)
);
