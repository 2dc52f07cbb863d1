-- What answers out of a table depend on here: its newest snapshot, what its fields are and what is contested; null where there is none.
create function catalog_standing(a_namespace text, a_table text) returns text language plpgsql stable as $$
declare
    known text;
begin
    known := (select concat_ws('|', r.snapshot_id, (
            select md5(string_agg(concat_ws(':', f.name, f.level, f.mask, f.detected_kind, f.decided_kind), ',' order by f.name))
            from catalog_fields f where f.resource_id = r.id))
        from catalog_resources r where r.namespace = a_namespace and r.table_name = a_table and r.snapshot_id is not null);
    -- Marks arrive by lineage, too: where nothing is contested nobody has to look.
    if exists (select from catalog_contested) then
        known := known || '|' || (select md5(string_agg(c::text, ',' order by c.objection, c.key_column)) from catalog_contested c)
            || '|' || (select coalesce(sum(d.id), 0) from catalog_derivations d where d.current);
    end if;
    return known;
end $$;
