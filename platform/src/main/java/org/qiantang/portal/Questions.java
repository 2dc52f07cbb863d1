package org.qiantang.portal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.AnswersOwed;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.qiantang.quality.Deadlines;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * What people ask about a read of their data (为什么查询我), and what the department that read answers within working days; the bureau answers
 * for itself and for the platform.
 */
@Service
public final class Questions implements AnswersOwed {
    private static final int MOST_SHOWN = 500;

    private static final String QUESTION = """
            select q.*, a.at read_at, a.purpose, a.scenario, a.entitlement_number, a.case_number, a.tables, d.name d_name, d.name_en d_name_en
            from portal_questions q join catalog_access a on a.id = q.access_id left join org_departments d on d.id = q.department_id
            """;

    private final JdbcClient jdbc;
    private final OwnFootprints footprints;
    private final Deadlines deadlines;
    private final CityCalendar calendar;
    private final Clock clock;

    Questions(JdbcClient jdbc, OwnFootprints footprints, Deadlines deadlines, CityCalendar calendar, Clock clock) {
        this.jdbc = jdbc;
        this.footprints = footprints;
        this.deadlines = deadlines;
        this.calendar = calendar;
        this.clock = clock;
    }

    /**
     * A question and its answer.
     *
     * @param department that answers; null for the bureau
     * @param read when what it asks about was read
     * @param overdue whether it should have been answered by now
     */
    public record Question(
            UUID id,
            String number,
            @Nullable Department department,
            Instant read,
            String purpose,
            @Nullable String scenario,
            @Nullable String grant,
            @Nullable String caseNumber,
            List<String> tables,
            String words,
            Instant asked,
            Instant due,
            boolean overdue,
            @Nullable String answer,
            @Nullable Instant answered) {
        public Question {
            tables = List.copyOf(tables);
        }
    }

    /** Asks why; the clock runs from now on. */
    public Question ask(Account who, long access, String words) {
        Optional<String> department = footprints.answerer(who, access);
        Instant now = clock.instant();
        UUID id = UUID.randomUUID();
        long next = jdbc.sql("select nextval('portal_question_numbers')")
                .query(Long.class)
                .single();
        try {
            jdbc.sql("""
                            insert into portal_questions (id, number, username, access_id, department_id, words, asked_at, due_at)
                            values (:id, :number, :who, :access, :department, :words, :now, :due)""")
                    .param("id", id)
                    .param(
                            "number",
                            "ZX%d-%06d".formatted(now.atZone(calendar.zone()).getYear(), next))
                    .param("who", who.username())
                    .param("access", access)
                    .param("department", department.orElse(null))
                    .param("words", words.strip())
                    .param("now", Timestamp.from(now))
                    .param("due", Timestamp.from(calendar.due(now, deadlines.objectionDays())))
                    .update();
        } catch (DuplicateKeyException twice) {
            throw new Problem(PortalProblem.ALREADY_ASKED);
        }
        return one(" where q.id = ?", id);
    }

    /** One's own, the newest first. */
    public List<Question> listOwn(Account who) {
        return jdbc.sql(QUESTION + " where q.username = ? order by q.asked_at desc limit " + MOST_SHOWN)
                .param(who.username())
                .query((row, n) -> question(row))
                .list();
    }

    /** What there is to answer, by deadline, and then what was answered; the bureau sees all, a department what it is asked. */
    public List<Question> list(Account who) {
        Department own = who.department();
        return jdbc.sql(QUESTION + " where :all or q.department_id = :own"
                        + " order by q.answered_at desc nulls first, q.due_at, q.number limit " + MOST_SHOWN)
                .param("all", who.has(Role.ENGINEER) || who.has(Role.AUDITOR))
                .param("own", own == null ? "" : own.id())
                .query((row, n) -> question(row))
                .list();
    }

    public Question answer(Account who, UUID id, String words) {
        Question found = one(" where q.id = ?", id);
        Department asked = found.department;
        Department own = who.department();
        boolean theirs = asked == null
                ? who.has(Role.ENGINEER)
                : who.has(Role.OFFICER) && own != null && own.id().equals(asked.id());
        if (!theirs) {
            boolean sees = who.has(Role.ENGINEER) || who.has(Role.AUDITOR);
            throw sees
                    ? new Problem(
                            PortalProblem.NOT_YOURS, "who", asked == null ? "数据局 (the data bureau)" : asked.name())
                    : new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
        }
        int answered = jdbc.sql("""
                        update portal_questions set answer = ?, answered_at = ?, answered_by = ? where id = ? and answered_at is null""")
                .params(words.strip(), Timestamp.from(clock.instant()), who.username(), id)
                .update();
        if (answered == 0) {
            throw new Problem(PortalProblem.ALREADY_ANSWERED);
        }
        return one(" where q.id = ?", id);
    }

    @Override
    public List<AnswersOwed.Owed> owed() {
        return jdbc.sql("""
                        select d.id, d.name, d.name_en, count(*) open, count(*) filter (where q.due_at < ?) overdue, min(q.due_at) due
                        from portal_questions q join org_departments d on d.id = q.department_id
                        where q.answered_at is null group by d.id order by due, d.ordinal""")
                .param(Timestamp.from(clock.instant()))
                .query((row, n) -> new AnswersOwed.Owed(
                        new Department(row.getString("id"), row.getString("name"), row.getString("name_en")),
                        row.getInt("open"),
                        row.getInt("overdue"),
                        row.getTimestamp("due").toInstant()))
                .list();
    }

    @Override
    public int waitForBureau() {
        return jdbc.sql("select count(*) from portal_questions where department_id is null and answered_at is null")
                .query(Integer.class)
                .single();
    }

    private Question one(String where, UUID id) {
        return jdbc.sql(QUESTION + where)
                .param(id)
                .query((row, n) -> question(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Question question(ResultSet row) throws SQLException {
        String department = row.getString("department_id");
        Timestamp answered = row.getTimestamp("answered_at");
        Instant due = row.getTimestamp("due_at").toInstant();
        return new Question(
                row.getObject("id", UUID.class),
                row.getString("number"),
                department == null
                        ? null
                        : new Department(department, row.getString("d_name"), row.getString("d_name_en")),
                row.getTimestamp("read_at").toInstant(),
                row.getString("purpose"),
                row.getString("scenario"),
                row.getString("entitlement_number"),
                row.getString("case_number"),
                List.of((String[]) row.getArray("tables").getArray()),
                row.getString("words"),
                row.getTimestamp("asked_at").toInstant(),
                due,
                answered == null && due.isBefore(clock.instant()),
                row.getString("answer"),
                answered == null ? null : answered.toInstant());
    }
}
