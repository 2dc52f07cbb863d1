-- Of whom a read was, as far as that can be told, and for which department and scenario it was on that day.
alter table catalog_access
    add column department text,
    add column scenario   text,
    -- Tables of persons by who is concerned of each: those in catalog_footprints, everybody in it in clear, everybody by numbers or masked.
    add column named      text[],
    add column everybody  text[],
    add column summary    text[];
create index catalog_access_everybody on catalog_access using gin (everybody) where everybody is not null;
create index catalog_access_summary on catalog_access using gin (summary) where summary is not null;

-- Whom a read was of: a keyed hash, never the number. The place is the table's in named, from 1.
create table catalog_footprints (
    person    bytea not null,
    access_id bigint not null references catalog_access on delete cascade,
    place     smallint not null,
    primary key (person, access_id, place)
);
create index on catalog_footprints (access_id);
