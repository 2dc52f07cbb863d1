-- What was retired stays, and the resource may be stated anew.
alter table catalog_entries drop constraint catalog_entries_resource_id_key;
create unique index catalog_entries_in_force on catalog_entries (resource_id) where state <> 'RETIRED';
create index on catalog_entries (resource_id);
