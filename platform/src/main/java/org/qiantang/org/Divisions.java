package org.qiantang.org;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The city's administrative divisions (行政区划), with what they were and what became of them. */
@Service
public final class Divisions {
    private final JdbcClient jdbc;
    private volatile @Nullable Read last;

    private record Read(long revision, DivisionTree tree) {}

    Divisions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** All of them as they are now; read again only after a change. */
    public DivisionTree tree() {
        long revision = Revision.of(jdbc);
        Read known = last;
        if (known == null || known.revision != revision) {
            known = new Read(revision, read());
            last = known;
        }
        return known.tree;
    }

    private DivisionTree read() {
        Map<String, List<String>> successors = new HashMap<>();
        jdbc.sql("select code, valid_from, successor from org_division_successors order by successor")
                .query(row -> {
                    successors
                            .computeIfAbsent(
                                    row.getString(1) + " " + row.getObject(2, LocalDate.class), k -> new ArrayList<>())
                            .add(row.getString(3));
                });
        List<Division> all = jdbc.sql("select code, name, name_en, parent, valid_from, valid_to from org_divisions")
                .query((row, n) -> {
                    LocalDate from = row.getObject("valid_from", LocalDate.class);
                    return new Division(
                            row.getString("code"),
                            row.getString("name"),
                            row.getString("name_en"),
                            row.getString("parent"),
                            Validity.stored(from, row.getObject("valid_to", LocalDate.class)),
                            successors.getOrDefault(row.getString("code") + " " + from, List.of()));
                })
                .list();
        return new DivisionTree(all);
    }

    /** Writes a period, in place of one that began on the same day. Inside the caller's transaction. */
    void put(Division division) {
        jdbc.sql("""
                        insert into org_divisions (code, name, name_en, parent, valid_from, valid_to)
                        values (:code, :name, :nameEn, :parent, :from, :to)
                        on conflict (code, valid_from) do update set name = excluded.name, name_en = excluded.name_en,
                            parent = excluded.parent, valid_to = excluded.valid_to""")
                .param("code", division.code())
                .param("name", division.name())
                .param("nameEn", division.nameEn())
                .param("parent", division.parent())
                .param("from", division.validity().begins())
                .param("to", division.validity().ends())
                .update();
        jdbc.sql("delete from org_division_successors where code = ? and valid_from = ?")
                .params(division.code(), division.validity().begins())
                .update();
        for (String successor : division.successors()) {
            jdbc.sql("insert into org_division_successors (code, valid_from, successor) values (?, ?, ?)")
                    .params(division.code(), division.validity().begins(), successor)
                    .update();
        }
    }
}
