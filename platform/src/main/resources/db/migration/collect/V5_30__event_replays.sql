-- Rejects that were read again and have become events; what they are is in ops_collect.replays.
alter table collect_event_totals add column replayed bigint not null default 0;
