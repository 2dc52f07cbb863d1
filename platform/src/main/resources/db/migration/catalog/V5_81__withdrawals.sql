-- Which items were said to be a datum and were taken back.
create table catalog_datum_withdrawals (
    id       bigint generated always as identity primary key,
    datum_id uuid not null references catalog_data,
    entry_id uuid not null references catalog_entries,
    item     text not null,
    at       timestamptz not null,
    who      text not null,
    words    text not null
);
create index on catalog_datum_withdrawals (datum_id, id);
create trigger catalog_datum_withdrawals_stay before update or delete on catalog_datum_withdrawals
    for each row execute function catalog_never_changed();

-- An item may have been the source once and be no claim any more.
alter table catalog_datum_authorities drop constraint catalog_datum_authorities_entry_id_item_fkey;
alter table catalog_datum_authorities add foreign key (entry_id) references catalog_entries;
