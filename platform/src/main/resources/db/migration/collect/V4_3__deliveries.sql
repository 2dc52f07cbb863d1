-- What another platform says it has sent, against what arrived: one line a batch, as of the newest run.
create table collect_deliveries (
    source_id      uuid not null references collect_sources,
    resource       text not null,
    batch          text not null,
    sent_at        timestamptz,
    rows           bigint not null,
    sha256         text not null,
    arrived_rows   bigint,
    arrived_sha256 text,
    reason         text,
    standing       text not null,
    asked          int not null default 1,
    first_asked_at timestamptz not null,
    asked_at       timestamptz not null,
    settled_at     timestamptz,
    run_id         uuid not null references collect_runs,
    primary key (source_id, resource, batch)
);

create index collect_deliveries_open on collect_deliveries (source_id) where standing in ('MISSING', 'DIFFERENT');
