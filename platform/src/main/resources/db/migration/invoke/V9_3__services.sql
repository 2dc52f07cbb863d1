-- Data services: questions with a name, an address and parameters.
create table invoke_services (
    name          text primary key,
    -- null for the bureau's own
    department_id text references org_departments,
    created_by    text not null,
    created_at    timestamptz not null
);

create table invoke_service_versions (
    service       text not null references invoke_services,
    version       integer not null,
    state         text not null,
    definition    json not null,
    revision      integer not null default 0,
    changed_by    text not null,
    changed_at    timestamptz not null,
    published_at  timestamptz,
    deprecated_at timestamptz,
    sunset_at     timestamptz,
    retired_at    timestamptz,
    primary key (service, version)
);
-- Of a service one version is written at a time.
create unique index on invoke_service_versions (service) where state = 'DRAFT';

create function invoke_published_stays() returns trigger language plpgsql as $$
begin
    if old.state <> 'DRAFT' and (tg_op = 'DELETE' or new.definition::text <> old.definition::text or new.state = 'DRAFT') then
        raise exception 'a published version of a service is never changed';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger invoke_published_stays before update or delete on invoke_service_versions
    for each row execute function invoke_published_stays();
