package org.qiantang.org;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The departments of the city; every source and every resource belongs to one. */
@Service
public final class Departments {
    private final JdbcClient jdbc;

    Departments(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** All of them, in their protocol order. */
    public List<Department> list() {
        return jdbc.sql("select id, name, name_en from org_departments order by ordinal, id")
                .query((row, n) -> department(row))
                .list();
    }

    public Optional<Department> find(String id) {
        return jdbc.sql("select id, name, name_en from org_departments where id = ?")
                .param(id)
                .query((row, n) -> department(row))
                .optional();
    }

    public Department get(String id) {
        return find(id).orElseThrow(() -> new Problem(OrgProblem.NO_SUCH_DEPARTMENT, "department", id));
    }

    /** Adds those that are missing and renames those that are there; none is removed. */
    public void ensure(Collection<Department> departments) {
        for (Department department : departments) {
            jdbc.sql("""
                            insert into org_departments (id, name, name_en, ordinal)
                            values (:id, :name, :nameEn, (select coalesce(max(ordinal), 0) + 1 from org_departments))
                            on conflict (id) do update set name = excluded.name, name_en = excluded.name_en""").paramSource(department).update();
        }
        Revision.next(jdbc);
    }

    /** All that there are or ever were, with their place in the organisation, in their protocol order. */
    public List<DepartmentEntry> entries() {
        return jdbc.sql("select * from org_departments order by ordinal, id")
                .query((row, n) -> new DepartmentEntry(
                        department(row),
                        row.getString("uscc"),
                        row.getString("division"),
                        row.getString("parent"),
                        row.getInt("ordinal"),
                        Validity.stored(
                                row.getObject("valid_from", LocalDate.class),
                                row.getObject("valid_to", LocalDate.class))))
                .list();
    }

    /** Writes a department with its place. Inside the caller's transaction; what it refers to is there. */
    void put(DepartmentEntry entry) {
        jdbc.sql("""
                        insert into org_departments (id, name, name_en, uscc, division, parent, ordinal, valid_from, valid_to)
                        values (:id, :name, :nameEn, :uscc, :division, :parent, :ordinal, :from, :to)
                        on conflict (id) do update set name = excluded.name, name_en = excluded.name_en, uscc = excluded.uscc,
                            division = excluded.division, parent = excluded.parent, ordinal = excluded.ordinal,
                            valid_from = excluded.valid_from, valid_to = excluded.valid_to""")
                .param("id", entry.department().id())
                .param("name", entry.department().name())
                .param("nameEn", entry.department().nameEn())
                .param("uscc", entry.uscc())
                .param("division", entry.division())
                .param("parent", entry.parent())
                .param("ordinal", entry.ordinal())
                .param("from", entry.validity().begins())
                .param("to", entry.validity().ends())
                .update();
    }

    private static Department department(ResultSet row) throws SQLException {
        return new Department(row.getString("id"), row.getString("name"), row.getString("name_en"));
    }
}
