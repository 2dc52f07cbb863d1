-- How much was read under a grant on a day of the city's: what its quota counts.
create table share_grant_days (
    grant_id uuid not null references share_grants,
    day      date not null,
    calls    bigint not null,
    rows     bigint not null,
    primary key (grant_id, day)
);
