-- A peer is no client: its door has seen that it counts, message by message, and its department is what share looks at.
create or replace function invoke_standing(a_client text, a_service text, a_version integer) returns text language plpgsql stable as $$
begin
    return (select concat_ws('|', c.department_id, v.state, v.revision, v.deprecated_at, v.sunset_at)
        from (select id, department_id from invoke_clients where id = a_client and revoked_at is null and 'SERVICES' = any (scopes)
            union all select a_client, a_client where a_client like 'peer:%') c, invoke_service_versions v
        where v.service = a_service and v.version = a_version and v.state in ('PUBLISHED', 'DEPRECATED'));
end $$;
