-- Who a provider of identities says somebody is, and whose account that is. Kept by issuer: a provider's name in the configuration may
-- come to mean another.
create table org_identities (
    issuer       text not null,
    subject      text not null,
    username     text not null references org_accounts,
    name         text not null,
    bound_by     text not null,
    bound_at     timestamptz not null,
    -- When the account's own second factor was shown with it: only then does it open an administrator's account.
    confirmed_at timestamptz,
    last_used    timestamptz,
    primary key (issuer, subject)
);

create index org_identities_account on org_identities (username);

-- People a provider vouches for and who have no account here yet, for the administrator who binds them.
create table org_newcomers (
    issuer   text not null,
    subject  text not null,
    name     text not null,
    attempts integer not null,
    last_at  timestamptz not null,
    primary key (issuer, subject)
);

create index org_newcomers_time on org_newcomers (last_at);
