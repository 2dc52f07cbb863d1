-- By which service, with what and for whom a program read: what explains the call years later.
alter table catalog_access
  add column parameters text[],
  add column service    text,
  add column called_for text,
  add column operator   text;
create index on catalog_access (service, at) where service is not null;
