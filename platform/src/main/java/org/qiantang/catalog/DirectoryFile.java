package org.qiantang.catalog;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private static final List<Column> BEGINS = List.of(Column.TITLE, Column.RESOURCE_CODE, Column.ENTRY);
    private static final List<Column> REPEATED =
            List.of(Column.TITLE, Column.PROVIDER, Column.RESOURCE_CODE, Column.ENTRY);

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

    /**
     * An entry of the form; its line is the first of it.
     *
     * @param changes the headers of what would be other than it is now
     */
    public record FormRow(
            int line,
            String title,
            FormOutcome outcome,
            @Nullable UUID entry,
            List<String> changes,
            List<FormFault> faults) {
        public FormRow {
            changes = List.copyOf(changes);
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
                List<Entry> page = entries.list(wanted, new Resources.Range(offset, PAGE));
                page.forEach(entry -> rows(entry, rows));
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
        first.put(Column.ENTRY, entry.id().toString());
        first.put(Column.REVISION, Integer.toString(entry.revision()));
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
        DirectoryForm.Filled form = DirectoryForm.read(file);
        List<List<Line>> filled = grouped(form.lines());
        return Objects.requireNonNull(transaction.execute(status -> {
            List<Department> known = departments.list();
            List<FormRow> rows = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (List<Line> lines : filled) {
                Reading reading = new Reading(form.columns(), lines);
                Optional<Statement> statement = read(reading, known, seen, who);
                rows.add(
                        statement.isEmpty() || !reading.faults.isEmpty()
                                ? reading.row(FormOutcome.WRONG, reading.id(), List.of())
                                : take(reading, statement.get(), who, dryRun));
            }
            return FormReport.of(dryRun, rows);
        }));
    }

    /** A row with a name, a code or an entry's id begins an entry; those after it that only have items belong to it. */
    private static List<List<Line>> grouped(List<Line> lines) {
        List<List<Line>> groups = new ArrayList<>();
        for (Line line : lines) {
            if (line.isBlank()) {
                continue;
            }
            boolean begins = BEGINS.stream().anyMatch(column -> !line.at(column).isEmpty());
            // A form whose every row repeats what is said of the whole is as good.
            boolean repeats = !groups.isEmpty()
                    && REPEATED.stream()
                            .allMatch(column -> line.at(column)
                                    .equals(groups.getLast().getFirst().at(column)));
            if (groups.isEmpty() || begins && !repeats) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(line);
        }
        return groups;
    }

    /** What the lines say in the end: what they say themselves, and of what they do not speak, what is stated now. */
    private Optional<Statement> read(Reading reading, List<Department> departments, Set<String> seen, Account who) {
        Line first = reading.first();
        if (first.at(Column.TITLE).isEmpty()) {
            reading.fault("title_missing", first, Column.TITLE, "缺少信息资源名称", "The name is missing");
        }
        Optional<Department> named = named(reading, departments, who);
        find(reading, named.orElse(null));
        Entry entry = reading.entry;
        Department provider = entry == null ? named.orElse(null) : entry.provider();
        if (provider != null) {
            requireTheirs(reading, provider, named.orElse(provider), who);
            reading.provider = provider;
        }
        String key = entry == null
                ? (provider == null ? "" : provider.id()) + "/" + first.at(Column.TITLE)
                : entry.id().toString();
        if (!seen.add(key)) {
            reading.fault("twice", first, Column.TITLE, "表内有两条相同的目录项", "The form has this entry twice");
        }
        return reading.statement();
    }

    /** The department that the row names, or else the officer's own. */
    private static Optional<Department> named(Reading reading, List<Department> departments, Account who) {
        String named = reading.first().at(Column.PROVIDER);
        if (named.isEmpty()) {
            return Optional.ofNullable(who.department());
        }
        Optional<Department> found = departments.stream()
                .filter(each -> each.name().equals(named)
                        || each.nameEn().equalsIgnoreCase(named)
                        || each.id().equals(named))
                .findFirst();
        if (found.isEmpty()) {
            reading.fault(
                    "no_such_department",
                    reading.first(),
                    Column.PROVIDER,
                    "没有部门“" + named + "”",
                    "There is no department \"" + named + "\"");
        }
        return found;
    }

    /** A department's officer fills in the form of that department, and an entry stays with its department. */
    private static void requireTheirs(Reading reading, Department provider, Department named, Account who) {
        Department own = who.department();
        boolean theirs = own != null && own.id().equals(provider.id());
        if (!who.has(Role.OPERATOR) && (!theirs || !named.id().equals(provider.id()))) {
            reading.fault(
                    "not_yours",
                    reading.first(),
                    Column.PROVIDER,
                    "只能导入本部门的目录项",
                    "You may bring in entries of your own department only");
        } else if (!named.id().equals(provider.id())
                && !reading.first().at(Column.PROVIDER).isEmpty()) {
            reading.fault(
                    "other_department",
                    reading.first(),
                    Column.PROVIDER,
                    "该目录项属于" + provider.name() + "，提供方不能在表内更改",
                    "The entry is of " + provider.nameEn() + "; a form does not give it to another department");
        }
    }

    /** Finds the entry that the row is of: by its id, by its code, by its name. */
    private void find(Reading reading, @Nullable Department provider) {
        Line first = reading.first();
        String id = first.at(Column.ENTRY);
        String code = first.at(Column.RESOURCE_CODE);
        if (!id.isEmpty()) {
            reading.entry = entries.find(uuid(id)).orElse(null);
            if (reading.entry == null) {
                reading.fault(
                        "no_such_entry",
                        first,
                        Column.ENTRY,
                        "目录中没有这个目录项；新目录项请留空",
                        "There is no such entry; leave it out for a new one");
            }
        } else if (!code.isEmpty()) {
            reading.entry = entries.findByCode(code).map(entries::get).orElse(null);
            if (reading.entry == null) {
                reading.fault(
                        "no_such_code",
                        first,
                        Column.RESOURCE_CODE,
                        "目录中没有代码 " + code + "；新目录项请留空，发布时编发",
                        "There is no entry with this code; leave it out for a new one, it is given at publishing");
            }
        } else if (provider == null) {
            if (reading.faults.isEmpty()) {
                reading.fault("no_such_department", first, Column.PROVIDER, "缺少信息资源提供方", "The provider is missing");
            }
        } else {
            List<UUID> called = entries.listByTitle(provider, first.at(Column.TITLE));
            if (called.size() > 1) {
                reading.fault(
                        "title_of_several",
                        first,
                        Column.TITLE,
                        "本部门有 " + called.size() + " 个同名目录项，请用带“" + Column.ENTRY.header() + "”的导出表填写",
                        "The department has " + called.size()
                                + " entries of this name; fill in an exported form, which has column \""
                                + Column.ENTRY.header() + "\"");
            } else if (!called.isEmpty()) {
                reading.entry = entries.get(called.getFirst());
            }
        }
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            return new UUID(0, 0);
        }
    }

    private FormRow take(Reading reading, Statement statement, Account who, boolean dryRun) {
        if (reading.entry != null) {
            return change(reading, dryRun ? reading.entry : entries.locked(reading.entry.id()), statement, who, dryRun);
        }
        UUID added = dryRun
                ? null
                : entries.create(Objects.requireNonNull(reading.provider), null, statement, who)
                        .id();
        return reading.row(FormOutcome.NEW, added, List.of());
    }

    private FormRow change(Reading reading, Entry entry, Statement statement, Account who, boolean dryRun) {
        if (statement.equals(entry.statement())) {
            return reading.row(FormOutcome.SAME, entry.id(), List.of());
        }
        Line first = reading.first();
        String revision = first.at(Column.REVISION);
        Entry.Act begin = entry.state() == Entry.State.PUBLISHED ? Entry.Act.CHANGE : Entry.Act.EDIT;
        if (!entry.acts(who).contains(begin)) {
            reading.fault(
                    "not_now",
                    first,
                    Column.TITLE,
                    "该目录项现为“" + entry.state().zh() + "”，或属于别的部门，不能由您修改",
                    "The entry is " + entry.state() + " or another department's, and not yours to change now");
        } else if (!revision.equals(Integer.toString(entry.revision()))
                && !(revision.isEmpty() && first.at(Column.ENTRY).isEmpty())) {
            String by = entry.changedBy() == null ? "" : entry.changedBy();
            reading.fault(
                    "revision_old",
                    first,
                    Column.REVISION,
                    "导出之后 " + by + " 改过该目录项（表中修订号“" + revision + "”，现为 " + entry.revision() + "）。请重新导出后再填写",
                    "The entry was changed by " + by + " after the form was taken out (revision \"" + revision
                            + "\", now " + entry.revision() + "). Take it out again and fill that in");
        }
        if (!reading.faults.isEmpty()) {
            return reading.row(FormOutcome.WRONG, entry.id(), List.of());
        }
        if (!dryRun) {
            Entry open =
                    begin == Entry.Act.CHANGE ? entries.change(entry.id(), entry.revision(), IMPORTED, who) : entry;
            entries.save(open.id(), open.revision(), statement, who);
        }
        return reading.row(FormOutcome.CHANGED, entry.id(), changes(entry.statement(), statement));
    }

    /** The headers of what differs, in the form's order. */
    private static List<String> changes(Statement before, Statement after) {
        Map<Column, Function<Statement, @Nullable Object>> parts = new EnumMap<>(Column.class);
        parts.put(Column.CLASSIFICATION, Statement::classification);
        parts.put(Column.TITLE, Statement::title);
        parts.put(Column.PROVIDER_USCC, Statement::providerUscc);
        parts.put(Column.SUMMARY, Statement::summary);
        parts.put(Column.THEME, Statement::theme);
        parts.put(Column.FORMAT, Statement::format);
        parts.put(
                Column.ITEM,
                each -> each.items().stream().map(Statement.Item::name).toList());
        parts.put(
                Column.ITEM_TYPE,
                each -> each.items().stream().map(Statement.Item::type).toList());
        parts.put(
                Column.ITEM_COLUMN,
                each -> each.items().stream().map(item -> text(item.column())).toList());
        parts.put(Column.SHARE_CLASS, Statement::shareClass);
        parts.put(Column.SHARE_CONDITION, Statement::shareCondition);
        parts.put(Column.SHARE_MODE, Statement::shareMode);
        parts.put(Column.OPEN_CLASS, Statement::openClass);
        parts.put(Column.OPEN_CONDITION, Statement::openCondition);
        parts.put(Column.UPDATE_CYCLE, Statement::updateCycle);
        parts.put(Column.RELATED, Statement::relatedResourceCodes);
        List<String> changes = new ArrayList<>();
        parts.forEach((column, part) -> {
            if (!Objects.equals(part.apply(before), part.apply(after))) {
                changes.add(column.header());
            }
        });
        return changes;
    }

    /** What a few lines say, and what is wrong with them. */
    private static final class Reading {
        private final Set<Column> columns;
        private final List<Line> lines;
        private final List<FormFault> faults = new ArrayList<>();
        private @Nullable Entry entry;
        private @Nullable Department provider;

        Reading(Set<Column> columns, List<Line> lines) {
            this.columns = columns;
            this.lines = lines;
        }

        Line first() {
            return lines.getFirst();
        }

        @Nullable
        UUID id() {
            return entry == null ? null : entry.id();
        }

        FormRow row(FormOutcome outcome, @Nullable UUID id, List<String> changes) {
            return new FormRow(first().number(), first().at(Column.TITLE), outcome, id, changes, faults);
        }

        void fault(String code, Line line, Column column, String zh, String en) {
            faults.add(new FormFault("directory.form_" + code, line.number(), column.header(), zh, en));
        }

        Optional<Statement> statement() {
            Line first = first();
            Statement now = entry == null ? Statement.EMPTY : entry.statement();
            try {
                return Optional.of(new Statement(
                        text(Column.CLASSIFICATION, now.classification()),
                        text(Column.TITLE, now.title()),
                        optional(Column.PROVIDER_USCC, now.providerUscc()),
                        columns.contains(Column.SUMMARY) ? first.at(Column.SUMMARY) : now.summary(),
                        word(Guide.Theme.class, Column.THEME, now.theme()),
                        word(Guide.Format.class, Column.FORMAT, now.format()),
                        items(now.items()),
                        word(Guide.ShareClass.class, Column.SHARE_CLASS, now.shareClass()),
                        optional(Column.SHARE_CONDITION, now.shareCondition()),
                        word(Guide.ShareMode.class, Column.SHARE_MODE, now.shareMode()),
                        word(Guide.OpenClass.class, Column.OPEN_CLASS, now.openClass()),
                        optional(Column.OPEN_CONDITION, now.openCondition()),
                        word(Guide.UpdateCycle.class, Column.UPDATE_CYCLE, now.updateCycle()),
                        columns.contains(Column.RELATED)
                                ? List.of(first.at(Column.RELATED).split("[,，;；\\s]+"))
                                : now.relatedResourceCodes()));
            } catch (IllegalArgumentException tooMuch) {
                fault(
                        "too_long",
                        first,
                        Column.SUMMARY,
                        "内容过长：" + tooMuch.getMessage(),
                        "It is too long: " + tooMuch.getMessage());
                return Optional.empty();
            }
        }

        private String text(Column column, String now) {
            return columns.contains(column) ? clipped(first(), column) : now;
        }

        private @Nullable String optional(Column column, @Nullable String now) {
            return columns.contains(column) ? first().at(column) : now;
        }

        private <W extends Enum<W> & Guide.Word> @Nullable W word(Class<W> list, Column column, @Nullable W now) {
            return columns.contains(column) ? find(list, first(), column) : now;
        }

        /** Items are the same as before by their names. */
        private List<Statement.Item> items(List<Statement.Item> now) {
            if (!columns.contains(Column.ITEM)) {
                return now;
            }
            Map<String, Statement.Item> known = new HashMap<>();
            now.forEach(item -> known.put(item.name(), item));
            List<Statement.Item> items = new ArrayList<>();
            for (Line line : lines) {
                if (line.at(Column.ITEM).isEmpty() && line.at(Column.ITEM_TYPE).isEmpty()) {
                    continue;
                }
                Statement.@Nullable Item before = known.get(line.at(Column.ITEM));
                boolean typed = before == null || columns.contains(Column.ITEM_TYPE);
                Guide.DataTypeCode type = before == null || typed
                        ? find(Guide.DataTypeCode.class, line, Column.ITEM_TYPE)
                        : before.type();
                if (typed && line.at(Column.ITEM_TYPE).isEmpty()) {
                    fault("type_missing", line, Column.ITEM_TYPE, "缺少数据类型", "The type is missing");
                }
                if (type != null) {
                    String column = columns.contains(Column.ITEM_COLUMN)
                            ? line.at(Column.ITEM_COLUMN)
                            : before == null ? null : before.column();
                    items.add(new Statement.Item(clipped(line, Column.ITEM), column, type));
                }
            }
            return items;
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
