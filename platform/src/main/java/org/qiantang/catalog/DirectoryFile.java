package org.qiantang.catalog;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.DirectoryForm.Column;
import org.qiantang.catalog.DirectoryForm.Line;
import org.qiantang.catalog.Entry.Statement;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes the directory out to the guide's form and back in, for departments that fill it in as a spreadsheet. */
@Service
public final class DirectoryFile {
    private static final int PAGE = 200;
    private static final String IMPORTED = "按编制表导入";

    private final Entries entries;
    private final Departments departments;
    private final TransactionTemplate transaction;

    DirectoryFile(Entries entries, Departments departments, TransactionTemplate transaction) {
        this.entries = entries;
        this.departments = departments;
        this.transaction = transaction;
    }

    /** What becomes of an entry of the form. */
    public enum FormOutcome {
        NEW,
        CHANGED,
        SAME,
        WRONG,
    }

    /**
     * Why an entry of the form is not taken.
     *
     * @param column its header in the form
     */
    public record FormFault(String code, int line, String column, String zh, String en) {}

    /** An entry of the form; its line is the first of it. */
    public record FormRow(
            int line,
            String title,
            FormOutcome outcome,
            @Nullable UUID entry,
            List<FormFault> faults) {
        public FormRow {
            faults = List.copyOf(faults);
        }
    }

    /** @param dryRun nothing was changed */
    public record FormReport(boolean dryRun, int added, int changed, int same, int wrong, List<FormRow> rows) {
        public FormReport {
            rows = List.copyOf(rows);
        }

        static FormReport of(boolean dryRun, List<FormRow> rows) {
            int[] counts = new int[FormOutcome.values().length];
            rows.forEach(row -> counts[row.outcome.ordinal()]++);
            return new FormReport(dryRun, counts[0], counts[1], counts[2], counts[3], rows);
        }
    }

    /** Writes all entries that are wanted, each with what its department states now. */
    public void write(DirectoryForm form, Entries.Wanted wanted, OutputStream out) throws IOException {
        form.write(out, rows -> {
            for (long offset = 0; ; offset += PAGE) {
                List<Entry.Brief> page = entries.list(wanted, new Resources.Range(offset, PAGE));
                page.forEach(brief -> rows(entries.get(brief.id()), rows));
                if (page.size() < PAGE) {
                    return;
                }
            }
        });
    }

    private static void rows(Entry entry, Consumer<List<String>> rows) {
        Statement statement = entry.statement();
        Map<Column, String> first = new HashMap<>();
        first.put(Column.CLASSIFICATION, statement.classification());
        first.put(Column.TITLE, statement.title());
        first.put(Column.RESOURCE_CODE, text(entry.resourceCode()));
        first.put(Column.PROVIDER, entry.provider().name());
        first.put(Column.PROVIDER_USCC, text(statement.providerUscc()));
        first.put(Column.SUMMARY, statement.summary());
        first.put(Column.THEME, word(statement.theme()));
        first.put(Column.FORMAT, word(statement.format()));
        first.put(Column.SHARE_CLASS, word(statement.shareClass()));
        first.put(Column.SHARE_CONDITION, text(statement.shareCondition()));
        first.put(Column.SHARE_MODE, word(statement.shareMode()));
        first.put(Column.OPEN_CLASS, word(statement.openClass()));
        first.put(Column.OPEN_CONDITION, text(statement.openCondition()));
        first.put(Column.UPDATE_CYCLE, word(statement.updateCycle()));
        first.put(
                Column.PUBLISHED_ON,
                entry.publishedOn() == null ? "" : entry.publishedOn().toString());
        first.put(Column.RELATED, String.join(",", statement.relatedResourceCodes()));
        for (int i = 0; i < Math.max(1, statement.items().size()); i++) {
            Map<Column, String> row = i == 0 ? first : new HashMap<>();
            if (i < statement.items().size()) {
                Statement.Item item = statement.items().get(i);
                row.put(Column.ITEM, item.name());
                row.put(Column.ITEM_TYPE, word(item.type()));
                row.put(Column.ITEM_COLUMN, text(item.column()));
            }
            List<String> cells = new ArrayList<>();
            for (Column column : Column.values()) {
                cells.add(row.getOrDefault(column, ""));
            }
            rows.accept(cells);
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String word(Guide.@Nullable Word word) {
        return word == null ? "" : word.zh();
    }

    /** Says what a filled form would change. */
    public FormReport tryOut(byte[] file, Account who) {
        return run(file, who, true);
    }

    /** Takes a filled form in: what is right is taken, what is wrong is said and left as it was. */
    public FormReport take(byte[] file, Account who) {
        return run(file, who, false);
    }

    private FormReport run(byte[] file, Account who, boolean dryRun) {
        List<List<Line>> filled = grouped(DirectoryForm.read(file));
        return Objects.requireNonNull(transaction.execute(status -> {
            List<FormRow> rows = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (List<Line> lines : filled) {
                rows.add(one(lines, seen, who, dryRun));
            }
            return FormReport.of(dryRun, rows);
        }));
    }

    /** A row with a name or a code begins an entry; those after it that only have items belong to it. */
    private static List<List<Line>> grouped(List<Line> lines) {
        List<List<Line>> groups = new ArrayList<>();
        for (Line line : lines) {
            if (line.isBlank()) {
                continue;
            }
            boolean begins = !line.at(Column.TITLE).isEmpty()
                    || !line.at(Column.RESOURCE_CODE).isEmpty();
            // A form whose every row repeats what is said of the whole is as good.
            boolean repeats = !groups.isEmpty()
                    && line.at(Column.TITLE).equals(groups.getLast().getFirst().at(Column.TITLE))
                    && line.at(Column.PROVIDER)
                            .equals(groups.getLast().getFirst().at(Column.PROVIDER))
                    && line.at(Column.RESOURCE_CODE)
                            .equals(groups.getLast().getFirst().at(Column.RESOURCE_CODE));
            if (groups.isEmpty() || begins && !repeats) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(line);
        }
        return groups;
    }

    private FormRow one(List<Line> lines, Set<String> seen, Account who, boolean dryRun) {
        Reading reading = new Reading(lines);
        Line first = lines.getFirst();
        Statement statement = reading.statement();
        String title = first.at(Column.TITLE);
        Department provider = provider(reading, who);
        if (title.isEmpty()) {
            reading.fault("title_missing", first, Column.TITLE, "缺少信息资源名称", "The name is missing");
        }
        String key = first.at(Column.RESOURCE_CODE).isEmpty()
                ? (provider == null ? "" : provider.id()) + "/" + title
                : first.at(Column.RESOURCE_CODE);
        if (!seen.add(key)) {
            reading.fault("twice", first, Column.TITLE, "表内有两条相同的目录项", "The form has this entry twice");
        }
        if (!reading.faults.isEmpty() || statement == null || provider == null) {
            return new FormRow(first.number(), title, FormOutcome.WRONG, null, reading.faults);
        }
        Optional<Entry> known = known(first, provider, title);
        if (known.isEmpty() && !first.at(Column.RESOURCE_CODE).isEmpty()) {
            reading.fault(
                    "no_such_code",
                    first,
                    Column.RESOURCE_CODE,
                    "目录中没有代码 " + first.at(Column.RESOURCE_CODE) + "；新目录项请留空，发布时编发",
                    "There is no entry with this code; leave it out for a new one, it is given at publishing");
            return new FormRow(first.number(), title, FormOutcome.WRONG, null, reading.faults);
        }
        return known.map(entry -> apply(first, entry, statement, reading, who, dryRun))
                .orElseGet(() -> new FormRow(
                        first.number(),
                        title,
                        FormOutcome.NEW,
                        dryRun ? null : entries.create(provider, statement, who).id(),
                        List.of()));
    }

    private FormRow apply(Line first, Entry entry, Statement statement, Reading reading, Account who, boolean dryRun) {
        String title = statement.title();
        if (statement.equals(entry.statement())) {
            return new FormRow(first.number(), title, FormOutcome.SAME, entry.id(), List.of());
        }
        Entry.Act begin = entry.state() == Entry.State.PUBLISHED ? Entry.Act.CHANGE : Entry.Act.EDIT;
        if (!entry.acts(who).contains(begin)) {
            reading.fault(
                    "not_now",
                    first,
                    Column.TITLE,
                    "该目录项现为“" + entry.state().zh() + "”，或属于别的部门，不能由您修改",
                    "The entry is " + entry.state() + " or another department's, and not yours to change now");
            return new FormRow(first.number(), title, FormOutcome.WRONG, entry.id(), reading.faults);
        }
        if (!dryRun) {
            Entry open =
                    begin == Entry.Act.CHANGE ? entries.change(entry.id(), entry.revision(), IMPORTED, who) : entry;
            entries.save(open.id(), open.revision(), statement, who);
        }
        return new FormRow(first.number(), title, FormOutcome.CHANGED, entry.id(), List.of());
    }

    private Optional<Entry> known(Line first, Department provider, String title) {
        String code = first.at(Column.RESOURCE_CODE);
        return (code.isEmpty() ? entries.findByTitle(provider, title) : entries.findByCode(code)).map(entries::get);
    }

    /** A department's officer fills in the form of that department. */
    private @Nullable Department provider(Reading reading, Account who) {
        String named = reading.lines.getFirst().at(Column.PROVIDER);
        Department own = who.department();
        Optional<Department> found = named.isEmpty()
                ? Optional.ofNullable(own)
                : departments.list().stream()
                        .filter(each -> each.name().equals(named)
                                || each.nameEn().equalsIgnoreCase(named)
                                || each.id().equals(named))
                        .findFirst();
        if (found.isEmpty()) {
            reading.fault(
                    "no_such_department",
                    reading.lines.getFirst(),
                    Column.PROVIDER,
                    named.isEmpty() ? "缺少信息资源提供方" : "没有部门“" + named + "”",
                    named.isEmpty() ? "The provider is missing" : "There is no department \"" + named + "\"");
            return null;
        }
        if (!who.has(Role.OPERATOR)
                && (own == null || !own.id().equals(found.get().id()))) {
            reading.fault(
                    "not_yours",
                    reading.lines.getFirst(),
                    Column.PROVIDER,
                    "只能导入本部门的目录项",
                    "You may bring in entries of your own department only");
        }
        return found.get();
    }

    /** What a few lines say, and what is wrong with them. */
    private static final class Reading {
        private final List<Line> lines;
        private final List<FormFault> faults = new ArrayList<>();

        Reading(List<Line> lines) {
            this.lines = lines;
        }

        void fault(String code, Line line, Column column, String zh, String en) {
            faults.add(new FormFault("directory.form_" + code, line.number(), column.header(), zh, en));
        }

        @Nullable
        Statement statement() {
            Line first = lines.getFirst();
            List<Statement.Item> items = new ArrayList<>();
            for (Line line : lines) {
                if (line.at(Column.ITEM).isEmpty() && line.at(Column.ITEM_TYPE).isEmpty()) {
                    continue;
                }
                Guide.DataTypeCode type = find(Guide.DataTypeCode.class, line, Column.ITEM_TYPE);
                if (line.at(Column.ITEM_TYPE).isEmpty()) {
                    fault("type_missing", line, Column.ITEM_TYPE, "缺少数据类型", "The type is missing");
                }
                if (type != null) {
                    items.add(new Statement.Item(
                            clipped(line, Column.ITEM),
                            line.at(Column.ITEM_COLUMN).isEmpty() ? null : line.at(Column.ITEM_COLUMN),
                            type));
                }
            }
            try {
                return new Statement(
                        clipped(first, Column.CLASSIFICATION),
                        clipped(first, Column.TITLE),
                        first.at(Column.PROVIDER_USCC),
                        first.at(Column.SUMMARY),
                        find(Guide.Theme.class, first, Column.THEME),
                        find(Guide.Format.class, first, Column.FORMAT),
                        items,
                        find(Guide.ShareClass.class, first, Column.SHARE_CLASS),
                        first.at(Column.SHARE_CONDITION),
                        find(Guide.ShareMode.class, first, Column.SHARE_MODE),
                        find(Guide.OpenClass.class, first, Column.OPEN_CLASS),
                        first.at(Column.OPEN_CONDITION),
                        find(Guide.UpdateCycle.class, first, Column.UPDATE_CYCLE),
                        List.of(first.at(Column.RELATED).split("[,，;；\\s]+")));
            } catch (IllegalArgumentException tooMuch) {
                fault(
                        "too_long",
                        first,
                        Column.SUMMARY,
                        "内容过长：" + tooMuch.getMessage(),
                        "It is too long: " + tooMuch.getMessage());
                return null;
            }
        }

        private String clipped(Line line, Column column) {
            String text = line.at(column);
            if (text.length() > 200) {
                fault("too_long", line, column, "超过 200 字", "More than 200 characters");
                return text.substring(0, 200);
            }
            return text;
        }

        private <W extends Enum<W> & Guide.Word> @Nullable W find(Class<W> list, Line line, Column column) {
            String cell = line.at(column);
            if (cell.isEmpty()) {
                return null;
            }
            Optional<W> found = Guide.find(list, cell);
            if (found.isEmpty()) {
                List<String> words = new ArrayList<>();
                for (W each : list.getEnumConstants()) {
                    words.add(each.zh());
                }
                fault(
                        "word_unknown",
                        line,
                        column,
                        "“" + cell + "”不在可填范围内：" + String.join("、", words),
                        "\"" + cell + "\" is none of: " + String.join(", ", words));
            }
            return found.orElse(null);
        }
    }
}
