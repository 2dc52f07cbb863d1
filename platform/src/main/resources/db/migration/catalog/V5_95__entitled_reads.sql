-- Under which right somebody read, and for which case: what explains a personal access years later.
alter table catalog_access
  add column entitlement uuid,
  add column entitlement_number text,
  add column case_number text;
create index on catalog_access (entitlement, at) where entitlement is not null;
