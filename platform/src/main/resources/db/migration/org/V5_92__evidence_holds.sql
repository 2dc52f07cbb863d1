-- Spans of time of which the evidence stays beyond its retention, until somebody releases them.
create table org_evidence_holds (
    id          uuid primary key,
    starts      timestamptz not null,
    ends        timestamptz not null,
    reason      text not null,
    placed_by   text not null,
    placed_at   timestamptz not null,
    released_by text,
    released_at timestamptz,
    check (starts < ends),
    check ((released_by is null) = (released_at is null))
);
