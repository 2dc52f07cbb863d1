-- What was granted to a department inside a zone opens nothing outside of it, so programs that called before stop at once.
create or replace function share_standing(a_department text, a_moment timestamptz) returns text language plpgsql stable as $$
begin
    return (select string_agg(concat_ws(':', g.id, g.version), ',' order by g.id) from share_grants g
        where g.recipient_id = a_department and g.state in ('GRANTED', 'IN_USE')
            and g.valid_from <= a_moment and g.valid_to > a_moment
            and not exists (select from org_enclosures e where e.department_id = a_department));
end $$;
