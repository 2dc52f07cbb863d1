-- Where in the evidence log of a hub it stands that somebody asked, and what they were given.
alter table catalog_access
    add column evidence_log   text,
    add column evidence_asked bigint,
    add column evidence_given bigint;
