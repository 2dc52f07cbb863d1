-- As the keys that sign for peers are kept, so that one part of the program looks after both.
alter table invoke_signing_keys rename column kid to key_id;
alter table invoke_signing_keys add column signs_from timestamptz;
update invoke_signing_keys set signs_from = created_at;
alter table invoke_signing_keys alter column signs_from set not null;
