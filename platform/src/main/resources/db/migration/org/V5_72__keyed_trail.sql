-- From here on entries have their place in the chain, and their hash has a key that is not in the database. Entries from before have no
-- ordinal: nobody can say any more that they are as they were written; the first keyed entry holds on to them as they are now.
alter table org_audit add column ordinal bigint unique;
