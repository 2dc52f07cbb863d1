-- Under which grants a department reads at a moment, as one text.
create function share_standing(a_department text, a_moment timestamptz) returns text language plpgsql stable as $$
begin
    return (select string_agg(concat_ws(':', g.id, g.version), ',' order by g.id) from share_grants g
        where g.recipient_id = a_department and g.state in ('GRANTED', 'IN_USE')
            and g.valid_from <= a_moment and g.valid_to > a_moment);
end $$;

-- Counts calls and their rows on a day of a grant: all of them, or none where they are more than it has left.
create function share_count(a_grant uuid, a_day date, some_calls bigint, some_rows bigint, most_calls bigint, most_rows bigint)
    returns boolean language plpgsql volatile as $$
begin
    if some_calls > most_calls or some_rows > most_rows then
        return false;
    end if;
    insert into share_grant_days as d (grant_id, day, calls, rows) values (a_grant, a_day, some_calls, some_rows)
    on conflict (grant_id, day) do update set calls = d.calls + some_calls, rows = d.rows + some_rows
        where d.calls + some_calls <= most_calls and d.rows + some_rows <= most_rows and d.rows < most_rows;
    return found;
end $$;
