-- When a source's address, account or settings were last changed, so that whoever keeps a line open to it knows to open another.
alter table collect_sources add column changed_at timestamptz;
alter table collect_sources add column changed_by text;
