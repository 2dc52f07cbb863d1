-- A record that somebody says is wrong about them, by the columns that together tell it from all others.
create table catalog_contested (
    objection  uuid not null,
    namespace  text not null,
    table_name text not null,
    key_column text not null,
    key_value  text not null,
    since      timestamptz not null,
    primary key (objection, key_column)
);
create index on catalog_contested (namespace, table_name);

-- Asked for by every page that says what is late; a statement is long.
alter table catalog_entries add column update_cycle text generated always as (statement ->> 'updateCycle') stored;
