package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.RowCondition;

/**
 * What a department asks for (共享申请内容), as far as it is written.
 *
 * @param scenario 应用场景
 * @param legalBasis the law or duty it is needed by
 * @param from first day
 * @param to last day
 * @param system the system that receives it
 * @param systemLevel its security level, 1 to 5 (等保); 0 while none is said
 * @param contact whom to ask
 * @param undertaken whether confidentiality is undertaken
 */
public record Asked(
        String scenario,
        String legalBasis,
        String purpose,
        @Nullable LocalDate from,
        @Nullable LocalDate to,
        long callsADay,
        long rowsADay,
        String system,
        int systemLevel,
        String contact,
        boolean undertaken,
        List<Table> tables) {
    private static final int MOST_TABLES = 50;
    private static final int MOST_FIELDS = 2_000;
    private static final int MOST_ROWS = 50;
    private static final int MOST_VALUES = 500;
    private static final int LONGEST = 2_000;

    public Asked {
        scenario = text(scenario, "scenario");
        legalBasis = text(legalBasis, "legalBasis");
        purpose = text(purpose, "purpose");
        system = text(system, "system");
        contact = text(contact, "contact");
        tables = List.copyOf(tables);
        few(tables.size(), MOST_TABLES, "tables");
        if (tables.stream().map(Table::entry).distinct().count() != tables.size()) {
            throw new IllegalArgumentException("A resource is asked for once");
        }
    }

    /** What is asked for before anything is written. */
    public static Asked of(List<Table> tables) {
        return new Asked("", "", "", null, null, 1_000, 100_000, "", 0, "", false, tables);
    }

    private static String text(String text, String what) {
        String stripped = requireNonNull(text, what + " is null").strip();
        few(stripped.length(), LONGEST, what);
        return stripped;
    }

    private static void few(int count, int most, String what) {
        if (count > most) {
            throw new IllegalArgumentException(what + " has more than " + most);
        }
    }

    /**
     * A resource, by its entry in the directory.
     *
     * @param rows conditions that all hold
     * @param despite why it is needed although its department says that it is not shared
     */
    public record Table(
            UUID entry,
            List<Field> fields,
            List<Rows> rows,
            @Nullable String despite) {
        public Table {
            requireNonNull(entry, "entry is null");
            fields = List.copyOf(fields);
            rows = List.copyOf(rows);
            despite = despite == null || despite.isBlank() ? null : text(despite, "despite");
            few(fields.size(), MOST_FIELDS, "fields");
            few(rows.size(), MOST_ROWS, "rows");
            if (fields.stream().map(Field::name).distinct().count() != fields.size()) {
                throw new IllegalArgumentException("A field is asked for once");
            }
        }
    }

    /**
     * A field.
     *
     * @param showing as {@link Showing} writes it
     * @param reason why it is needed; a sensitive one is not asked for without
     */
    public record Field(
            String name, String showing, @Nullable String reason) {
        public Field {
            requireNonNull(name, "name is null");
            Showing.of(showing);
            reason = reason == null || reason.isBlank() ? null : text(reason, "reason");
        }
    }

    /** Which rows, by one column. */
    public record Rows(String column, Kind kind, List<String> values) {
        public Rows {
            requireNonNull(column, "column is null");
            requireNonNull(kind, "kind is null");
            values = List.copyOf(values);
            few(values.size(), MOST_VALUES, "values");
            values.forEach(value -> text(value, "value"));
            if (kind == Kind.WITHIN_JURISDICTION && !values.isEmpty()) {
                throw new IllegalArgumentException("The jurisdiction says the values");
            }
        }

        /** How rows are chosen. */
        public enum Kind {
            IN,
            STARTS_WITH,
            FROM,
            BEFORE,
            /** The column is a division's code that lies in what the applicant answers for, as that is on the day of the grant. */
            WITHIN_JURISDICTION,
        }

        /** Whether it can be a condition as it is written. */
        boolean isComplete() {
            return switch (kind) {
                case WITHIN_JURISDICTION -> true;
                case IN, STARTS_WITH -> !values.isEmpty();
                case FROM, BEFORE -> values.size() == 1;
            };
        }

        RowCondition condition(List<String> jurisdiction) {
            return kind == Kind.WITHIN_JURISDICTION
                    ? new RowCondition(column, RowCondition.Operator.STARTS_WITH, jurisdiction)
                    : new RowCondition(column, RowCondition.Operator.valueOf(kind.name()), values);
        }
    }
}
