-- Signed roots of the hubs' evidence logs, the last of each minute: whoever takes the log's folder back to an earlier state, or puts
-- another in its place, is told by these.
create table org_checkpoints (
    log    text not null,
    minute timestamptz not null,
    size   bigint not null,
    note   text not null,
    primary key (log, minute)
);
