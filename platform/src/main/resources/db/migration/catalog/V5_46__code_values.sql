-- What a code list says, so that the search finds it by its values. Empty for whatever holds data.
alter table catalog_resources add column code_values text[] not null default '{}';
