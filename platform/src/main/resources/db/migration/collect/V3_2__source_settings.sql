-- What a kind of source needs beyond address and account; nothing secret.
alter table collect_sources add column settings jsonb not null default '{}';
