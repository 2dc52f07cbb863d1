-- A datum that several departments hold (一数一源), by its name and whom or what it is of.
create table catalog_data (
    id      uuid primary key default gen_random_uuid(),
    name    text not null,
    subject text not null,
    made_at timestamptz not null,
    made_by text not null,
    unique (name, subject)
);

-- Which published items claim to be it.
create table catalog_datum_claims (
    datum_id uuid not null references catalog_data,
    entry_id uuid not null references catalog_entries,
    item     text not null,
    primary key (entry_id, item)
);
create index on catalog_datum_claims (datum_id);

-- Which of them is authoritative, and was; the newest counts.
create table catalog_datum_authorities (
    id       bigint generated always as identity primary key,
    datum_id uuid not null references catalog_data,
    entry_id uuid not null,
    item     text not null,
    since    timestamptz not null,
    named_by text not null,
    words    text not null,
    foreign key (entry_id, item) references catalog_datum_claims (entry_id, item)
);
create index on catalog_datum_authorities (datum_id, id);
create trigger catalog_datum_authorities_stay before update or delete on catalog_datum_authorities
    for each row execute function catalog_never_changed();
