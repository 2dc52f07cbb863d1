-- Whether a verification puts right what differs, or only says it.
alter table collect_verifications add column aim text not null default 'REPAIR';
