-- What a client may do with its tokens; to call data services is what every one could before.
alter table invoke_clients add column scopes text[] not null default '{SERVICES}' check (cardinality(scopes) > 0);

create or replace function invoke_standing(a_client text, a_service text, a_version integer) returns text language plpgsql stable as $$
begin
    return (select concat_ws('|', c.department_id, v.state, v.revision, v.deprecated_at, v.sunset_at)
        from invoke_clients c, invoke_service_versions v
        where c.id = a_client and c.revoked_at is null and 'SERVICES' = any (c.scopes)
            and v.service = a_service and v.version = a_version and v.state in ('PUBLISHED', 'DEPRECATED'));
end $$;
