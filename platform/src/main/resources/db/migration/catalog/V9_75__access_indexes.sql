-- Accesses are written far more often than looked for, in the order of their time: nothing asks for those of one grant or service, and
-- those of a day lie side by side.
drop index catalog_access_at_idx, catalog_access_entitlement_at_idx, catalog_access_service_at_idx;
create index catalog_access_at on catalog_access using brin (at) with (pages_per_range = 32, autosummarize = on);
