-- A run may be of some tables only; the others are then carried over from the run before.
alter table collect_runs add column only_tables text[];
-- The name under which the source is followed from a run's state on; null when nobody follows.
alter table collect_runs add column follower text;

create table collect_followings (
    source_id    uuid primary key references collect_sources,
    wanted       boolean not null,
    wanted_by    text not null,
    generation   integer not null,
    state        text not null,
    since        timestamptz not null,
    position     text,
    source_at    timestamptz,
    heard_at     timestamptz,
    bytes_behind bigint,
    bytes_kept   bigint,
    message_zh   text,
    message_en   text
);

create table collect_followed_tables (
    source_id    uuid not null references collect_followings,
    lake_name    text not null,
    object       text not null,
    state        text not null,
    reason_code  text,
    reason       text,
    changes      bigint not null default 0,
    rows         bigint,
    snapshot_id  bigint,
    applied_at   timestamptz,
    requested_at timestamptz,
    primary key (source_id, lake_name)
);
