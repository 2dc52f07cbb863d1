-- What has changed and in which transaction, so that each hub can bring its own index up to what is committed: whoever looks from the
-- oldest transaction that was still under way at the last look misses nothing, in whatever order transactions end.
create table catalog_search_changes (
    kind text not null,
    id   text not null,
    tx   xid8 not null default pg_current_xact_id(),
    primary key (kind, id)
);
create index on catalog_search_changes (tx);

create function catalog_search_note() returns trigger language plpgsql as $$
begin
    execute format(
        'insert into catalog_search_changes (kind, id) select distinct %L, %I::text from changed order by 2'
            || ' on conflict (kind, id) do update set tx = excluded.tx where catalog_search_changes.tx <> excluded.tx',
        tg_argv[0], tg_argv[1]);
    return null;
end $$;

do $$
declare
    each record;
begin
    for each in
        select t.name, t.kind, t.id, e.event, e.rows
        from (values ('catalog_resources', 'RESOURCE', 'id'), ('catalog_fields', 'RESOURCE', 'resource_id'),
                ('catalog_entries', 'ENTRY', 'id'), ('catalog_ledger', 'LEDGER', 'id'), ('org_departments', 'DEPARTMENT', 'id'))
                as t(name, kind, id)
            cross join (values ('insert', 'new'), ('update', 'new'), ('delete', 'old')) as e(event, rows)
    loop
        execute format(
            'create trigger %I after %s on %I referencing %s table as changed for each statement'
                || ' execute function catalog_search_note(%L, %L)',
            each.name || '_search_' || each.event, each.event, each.name, each.rows, each.kind, each.id);
    end loop;
end $$;
