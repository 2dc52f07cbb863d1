-- A batch that is not taken is halved until the change is found that is in the way: of which step, and up to where it must be.
alter table exchange_subscriptions
    add column narrow_step bigint,
    add column narrow_to   bigint;
