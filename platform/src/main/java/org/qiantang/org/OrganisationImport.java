package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Csv;
import org.qiantang.core.Problem;
import org.qiantang.core.UnifiedSocialCreditCode;
import org.qiantang.org.ImportPlan.Outcome;
import org.qiantang.org.ImportPlan.Severity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes the organisation from spreadsheets, which is how every city keeps it. First a dry run says what would become of each line; then
 * just that is applied, whole or not at all. A file names what is new or different; what it leaves out stays, line by
 * line and column by column: only an empty cell takes a value away.
 */
@Service
public final class OrganisationImport {
    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9_]{0,39}");
    private static final Pattern LIST = Pattern.compile("[\\s,;，；、]+");
    private static final Pattern DATE = Pattern.compile("(\\d{4})[-/.年](\\d{1,2})[-/.月](\\d{1,2})日?");

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Divisions divisions;
    private final Departments departments;
    private final Posts posts;
    private final AuditTrail audit;

    OrganisationImport(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Divisions divisions,
            Departments departments,
            Posts posts,
            AuditTrail audit) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.divisions = divisions;
        this.departments = departments;
        this.posts = posts;
        this.audit = audit;
    }

    /** The dry run: reads and compares, writes nothing. */
    public ImportPlan plan(ImportKind kind, byte[] file) {
        return requireNonNull(transaction.execute(status -> draft(kind, file, Revision.of(jdbc)).plan));
    }

    /** Does what a dry run said, in one transaction. Refused when the file has errors, or it or the organisation changed since. */
    public ImportPlan apply(Actor who, ImportKind kind, byte[] file, String token) {
        return requireNonNull(transaction.execute(status -> {
            Draft draft = draft(kind, file, Revision.hold(jdbc));
            if (!draft.plan.token().equals(token)) {
                throw new Problem(OrgProblem.IMPORT_STALE);
            }
            write(who, draft);
            return draft.plan;
        }));
    }

    /** Brings the organisation that comes with an installation; what is there already stays as it is. */
    public void ensure(ImportKind kind, byte[] file) {
        transaction.executeWithoutResult(status -> {
            Draft draft = draft(kind, file, Revision.hold(jdbc));
            if (draft.plan.counts().added()
                            + draft.plan.counts().changed()
                            + draft.plan.counts().ended()
                    > 0) {
                write(Actor.INSTALLATION, draft);
            }
        });
    }

    private void write(Actor who, Draft draft) {
        ImportPlan plan = draft.plan;
        int errors = plan.counts().errors();
        if (errors > 0) {
            throw new Problem(OrgProblem.IMPORT_HAS_FAULTS, "count", Integer.toString(errors));
        }
        draft.writes.forEach(Runnable::run);
        Revision.next(jdbc);
        audit.record(
                who,
                Act.ORGANISATION_IMPORTED,
                plan.kind().name(),
                Map.of(),
                Map.of(
                        "added", plan.counts().added(),
                        "changed", plan.counts().changed(),
                        "ended", plan.counts().ended()));
    }

    /** What there is, in the form a file has; of people only the header, for their contacts are not given away in bulk. */
    public String export(ImportKind kind) {
        List<Map<String, String>> rows = switch (kind) {
            case DIVISIONS ->
                divisions.tree().all().stream().map(OrganisationImport::cells).toList();
            case DEPARTMENTS ->
                departments.entries().stream().map(OrganisationImport::cells).toList();
            case POSTS -> posts.list().stream().map(OrganisationImport::cells).toList();
            case PEOPLE -> List.of();
        };
        StringBuilder text = new StringBuilder(Csv.Form.SPREADSHEET.beginning());
        text.append(
                Csv.line(kind.columns().stream().map(ImportKind.Column::title).toList(), Csv.Form.SPREADSHEET));
        for (Map<String, String> row : rows) {
            List<@Nullable String> line = new ArrayList<>();
            for (ImportKind.Column column : kind.columns()) {
                String value = row.getOrDefault(column.key(), "");
                line.add(value.isEmpty() ? null : value);
            }
            text.append(Csv.line(line, Csv.Form.SPREADSHEET));
        }
        return text.toString();
    }

    /** An empty workbook to fill in: a sheet that explains, then one for each kind with its header. */
    public void writeTemplate(OutputStream out) throws IOException {
        Workbook workbook = new Workbook(out, "Qiantang", "1.0");
        Worksheet words = workbook.newWorksheet("说明 Read me");
        int line = 0;
        for (String each : List.of(
                "按 行政区划、部门、岗位、人员 的顺序填写并依次导入；不改的工作表留空即可。",
                "Fill in and import the sheets in their order; leave out what you do not change.",
                "第一行是列名，请勿改动；列可以调换顺序。日期写成 2021-04-09；失效日期是不再有效的第一天。",
                "The first row names the columns; they may change places. Days are written 2021-04-09; the end is the first day it no longer holds.",
                "已有的行：没有的列保持原值，空单元格清除原值。",
                "Of what is there already, a column you leave out keeps its values; an empty cell clears one.",
                "继承代码、管辖区划可填多个，用逗号隔开。",
                "Several successors or divisions are separated by commas.")) {
            words.value(line++, 0, each);
        }
        line++;
        List<String> titles = List.of("工作表 Sheet", "列 Column", "程序名 Key", "必填 Needed");
        for (int at = 0; at < titles.size(); at++) {
            words.value(line, at, titles.get(at));
        }
        words.range(line, 0, line, 3).style().bold().set();
        for (ImportKind kind : ImportKind.values()) {
            for (ImportKind.Column column : kind.columns()) {
                line++;
                words.value(line, 0, kind.title());
                words.value(line, 1, column.title());
                words.value(line, 2, column.key());
                words.value(line, 3, column.need() == ImportKind.Column.Need.NEEDED ? "是 yes" : "");
            }
        }
        words.width(0, 24);
        words.width(1, 20);
        words.width(2, 16);
        words.finish();
        for (ImportKind kind : ImportKind.values()) {
            Worksheet sheet = workbook.newWorksheet(kind.title());
            for (int at = 0; at < kind.columns().size(); at++) {
                sheet.value(0, at, kind.columns().get(at).title());
                sheet.width(at, 20);
            }
            sheet.range(0, 0, 0, kind.columns().size() - 1).style().bold().set();
            // Codes are names made of digits: kept as text they keep their zeros.
            sheet.range(1, 0, 1_000, kind.columns().size() - 1)
                    .style()
                    .format("@")
                    .set();
            sheet.freezePane(0, 1);
            sheet.finish();
        }
        workbook.finish();
    }

    /** A plan and what it takes to do it. */
    private record Draft(ImportPlan plan, List<Runnable> writes) {}

    private Draft draft(ImportKind kind, byte[] file, long revision) {
        Sheet sheet = Sheet.of(file, kind);
        Reading reading = new Reading(kind);
        switch (kind) {
            case DIVISIONS -> readDivisions(sheet, reading);
            case DEPARTMENTS -> readDepartments(sheet, reading);
            case POSTS -> readPosts(sheet, reading);
            case PEOPLE -> readPeople(sheet, reading);
        }
        return new Draft(reading.plan(sheet.name(), token(kind, file, revision)), reading.writes);
    }

    private static String token(ImportKind kind, byte[] file, long revision) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((kind.name() + " " + revision + " ").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(file));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    // --- the kinds

    private record PeriodKey(String code, LocalDate begins) {}

    private void readDivisions(Sheet sheet, Reading reading) {
        Map<PeriodKey, Division> before = new LinkedHashMap<>();
        for (Division division : divisions.tree().all()) {
            before.put(new PeriodKey(division.code(), division.validity().begins()), division);
        }
        Set<String> codes =
                before.keySet().stream().map(PeriodKey::code).collect(Collectors.toCollection(HashSet::new));
        sheet.rows().forEach(row -> codes.add(row.get("code")));
        Map<String, List<Division>> periods = before.values().stream().collect(Collectors.groupingBy(Division::code));
        Map<PeriodKey, Division> after = new LinkedHashMap<>(before);
        Map<PeriodKey, Sheet.Row> read = new LinkedHashMap<>();
        for (Sheet.Row line : sheet.rows()) {
            String code = line.get("code");
            Sheet.Row row = sheet.completed(line, present(line, sheet, periods.getOrDefault(code, List.of())));
            @Nullable Validity validity = reading.validity(row);
            if (!reading.complete(row) || validity == null) {
                continue;
            }
            if (!Division.isCode(code)) {
                reading.fault(row, "code", OrgProblem.LINE_BAD_CODE, "value", code);
                continue;
            }
            @Nullable String above = Division.codeAbove(code);
            @Nullable String parent = row.find("parent");
            if (parent == null && above != null && codes.contains(above)) {
                parent = above;
            }
            List<String> successors = list(row.get("successors"));
            PeriodKey key = new PeriodKey(code, validity.begins());
            Sheet.Row twin = read.putIfAbsent(key, row);
            if (twin != null) {
                reading.fault(row, "code", OrgProblem.LINE_TWICE, "line", Integer.toString(twin.line()));
                continue;
            }
            after.put(key, new Division(code, row.get("name"), row.find("name_en"), parent, validity, successors));
        }
        DivisionTree tree = new DivisionTree(after.values());
        noDivisionInItself(after.values(), tree, read, reading);
        read.forEach((key, row) -> {
            Division division = requireNonNull(after.get(key));
            checkDivision(division, row, tree, reading);
            Division was = before.get(key);
            reading.line(
                    row,
                    division.code(),
                    division.name(),
                    was == null ? null : cells(was),
                    cells(division),
                    () -> divisions.put(division));
        });
    }

    /** What there is of the period that a line is about; a sheet without days means the only one there is. */
    private static Map<String, String> present(Sheet.Row line, Sheet sheet, List<Division> periods) {
        @Nullable LocalDate from = day(line.get("valid_from"));
        List<Division> meant = periods.stream()
                .filter(each -> !sheet.columns().contains("valid_from")
                        || Objects.equals(each.validity().from(), from))
                .toList();
        return meant.size() == 1 ? cells(meant.getFirst()) : Map.of();
    }

    /**
     * Divisions that lie in each other do so on the day on which the last of them begins to, so looking at every first day of a period
     * finds them all. Said once at each line of the file that has a part in it.
     */
    private static void noDivisionInItself(
            Collection<Division> all, DivisionTree tree, Map<PeriodKey, Sheet.Row> read, Reading reading) {
        Set<PeriodKey> told = new HashSet<>();
        for (Division division : all) {
            LocalDate day = division.validity().begins();
            Map<String, Division> path = new LinkedHashMap<>();
            Optional<Division> next = Optional.of(division);
            while (next.isPresent() && path.putIfAbsent(next.get().code(), next.get()) == null) {
                String parent = next.get().parent();
                next = parent == null ? Optional.empty() : tree.find(parent, day);
            }
            if (next.filter(each -> each.code().equals(division.code())).isEmpty()) {
                continue;
            }
            String around = String.join(" → ", path.keySet()) + " → " + division.code();
            for (Division each : path.values()) {
                PeriodKey key = new PeriodKey(each.code(), each.validity().begins());
                Sheet.Row row = read.get(key);
                if (row != null && told.add(key)) {
                    reading.fault(row, "parent", OrgProblem.LINE_CYCLE, "value", around);
                }
            }
        }
    }

    private static void checkDivision(Division division, Sheet.Row row, DivisionTree tree, Reading reading) {
        Validity validity = division.validity();
        String parent = division.parent();
        if (parent != null && tree.find(parent, validity.begins()).isEmpty()) {
            reading.fault(row, "parent", OrgProblem.LINE_NO_SUCH, "value", parent);
        }
        if (tree.periods(division.code()).stream()
                .anyMatch(other -> other != division && other.validity().overlaps(validity))) {
            reading.fault(row, "valid_from", OrgProblem.LINE_OVERLAPS);
        }
        LocalDate to = validity.to();
        if (to == null) {
            if (!division.successors().isEmpty()) {
                reading.fault(row, "successors", OrgProblem.LINE_SUCCESSOR_WITHOUT_END);
            }
            return;
        }
        for (String successor : division.successors()) {
            if (tree.find(successor, to).isEmpty()) {
                reading.fault(row, "successors", OrgProblem.LINE_NO_SUCH, "value", successor);
            }
        }
        if (tree.find(division.code(), to).isEmpty()) {
            tree.children(division.code(), to).stream()
                    .findFirst()
                    .ifPresent(child -> reading.fault(
                            row, "valid_to", OrgProblem.LINE_STILL_USED, "value", child.code() + " " + child.name()));
        }
    }

    private void readDepartments(Sheet sheet, Reading reading) {
        Map<String, DepartmentEntry> before = new LinkedHashMap<>();
        departments.entries().forEach(entry -> before.put(entry.department().id(), entry));
        int last = before.values().stream()
                .mapToInt(DepartmentEntry::ordinal)
                .max()
                .orElse(0);
        Map<String, DepartmentEntry> after = new LinkedHashMap<>(before);
        Map<String, Sheet.Row> read = new LinkedHashMap<>();
        for (Sheet.Row line : sheet.rows()) {
            String id = line.get("id");
            DepartmentEntry was = before.get(id);
            Sheet.Row row = was == null ? line : sheet.completed(line, cells(was));
            @Nullable Validity validity = reading.validity(row);
            int ordinal = reading.number(row, "ordinal", was == null ? ++last : was.ordinal());
            if (!reading.complete(row) || validity == null || !reading.id(row, read)) {
                continue;
            }
            after.put(
                    id,
                    new DepartmentEntry(
                            new Department(id, row.get("name"), row.get("name_en")),
                            row.find("uscc"),
                            row.find("division"),
                            row.find("parent"),
                            ordinal,
                            validity));
        }
        DivisionTree tree = divisions.tree();
        read.forEach((id, row) -> {
            DepartmentEntry entry = requireNonNull(after.get(id));
            String uscc = entry.uscc();
            if (uscc != null && UnifiedSocialCreditCode.find(uscc).isEmpty()) {
                // Some real ones have a wrong check digit.
                reading.warning(row, "uscc", OrgProblem.LINE_BAD_CREDIT_CODE, "value", uscc);
            }
            reading.known(
                    row,
                    "division",
                    entry.division(),
                    code -> !tree.periods(code).isEmpty());
            reading.known(row, "parent", entry.parent(), after::containsKey);
            reading.noCycle(row, "parent", id, each -> {
                DepartmentEntry above = after.get(each);
                return above == null ? null : above.parent();
            });
            DepartmentEntry was = before.get(id);
            reading.line(
                    row,
                    id,
                    entry.department().name(),
                    was == null ? null : cells(was),
                    cells(entry),
                    () -> departments.put(entry));
        });
    }

    private void readPosts(Sheet sheet, Reading reading) {
        Map<String, Post> before = new LinkedHashMap<>();
        posts.list().forEach(post -> before.put(post.id(), post));
        int last = before.values().stream().mapToInt(Post::ordinal).max().orElse(0);
        Map<String, Post> after = new LinkedHashMap<>(before);
        Map<String, Sheet.Row> read = new LinkedHashMap<>();
        for (Sheet.Row line : sheet.rows()) {
            String id = line.get("id");
            Post was = before.get(id);
            Sheet.Row row = was == null ? line : sheet.completed(line, cells(was));
            @Nullable Validity validity = reading.validity(row);
            int ordinal = reading.number(row, "ordinal", was == null ? ++last : was.ordinal());
            if (!reading.complete(row) || validity == null || !reading.id(row, read)) {
                continue;
            }
            after.put(
                    id,
                    new Post(
                            id,
                            row.get("department"),
                            row.get("name"),
                            row.find("name_en"),
                            row.find("reports_to"),
                            list(row.get("divisions")),
                            ordinal,
                            validity));
        }
        DivisionTree tree = divisions.tree();
        Set<String> known = departments.list().stream().map(Department::id).collect(Collectors.toSet());
        read.forEach((id, row) -> {
            Post post = requireNonNull(after.get(id));
            reading.known(row, "department", post.departmentId(), known::contains);
            reading.known(row, "reports_to", post.reportsTo(), after::containsKey);
            post.divisions()
                    .forEach(code -> reading.known(
                            row, "divisions", code, each -> !tree.periods(each).isEmpty()));
            reading.noCycle(row, "reports_to", id, each -> {
                Post above = after.get(each);
                return above == null ? null : above.reportsTo();
            });
            Post was = before.get(id);
            reading.line(row, id, post.name(), was == null ? null : cells(was), cells(post), () -> posts.put(post));
        });
    }

    private record AppointmentKey(String person, String post, LocalDate begins) {}

    private void readPeople(Sheet sheet, Reading reading) {
        Map<String, Person> before = new LinkedHashMap<>();
        posts.people().forEach(person -> before.put(person.id(), person));
        Map<AppointmentKey, Appointment> held = new LinkedHashMap<>();
        posts.appointments().forEach(each -> held.put(key(each), each));
        Map<String, List<Appointment>> heldBy =
                held.values().stream().collect(Collectors.groupingBy(Appointment::personId));
        Map<AppointmentKey, Appointment> after = new LinkedHashMap<>(held);
        Map<String, Sheet.Row> first = new HashMap<>();
        Map<String, Person> people = new LinkedHashMap<>(before);
        Map<Sheet.Row, AppointmentKey> read = new LinkedHashMap<>();
        Map<AppointmentKey, Sheet.Row> lines = new HashMap<>();
        Set<String> known = posts.list().stream().map(Post::id).collect(Collectors.toSet());
        Set<String> accounts = new HashSet<>(jdbc.sql("select username from org_accounts")
                .query(String.class)
                .list());
        for (Sheet.Row line : sheet.rows()) {
            String id = line.get("id");
            Sheet.Row row =
                    sheet.completed(line, present(line, sheet, before.get(id), heldBy.getOrDefault(id, List.of())));
            @Nullable Validity validity = reading.validity(row);
            if (!reading.complete(row) || validity == null) {
                continue;
            }
            if (!ID.matcher(id).matches()) {
                reading.fault(row, "id", OrgProblem.LINE_BAD_CODE, "value", id);
                continue;
            }
            Person person = new Person(id, row.get("name"), row.find("phone"), row.find("email"), row.find("account"));
            Sheet.Row twin = first.putIfAbsent(id, row);
            if (twin != null && !person.equals(people.get(id))) {
                reading.fault(row, "name", OrgProblem.LINE_DIFFERS, "line", Integer.toString(twin.line()));
                continue;
            }
            people.put(id, person);
            reading.known(row, "account", person.username(), accounts::contains);
            @Nullable String post = row.find("post");
            reading.known(row, "post", post, known::contains);
            AppointmentKey key = new AppointmentKey(id, post == null ? "" : post, validity.begins());
            Sheet.Row same = lines.putIfAbsent(key, row);
            if (same != null) {
                reading.fault(row, "post", OrgProblem.LINE_TWICE, "line", Integer.toString(same.line()));
                continue;
            }
            if (post != null) {
                after.put(key, new Appointment(id, post, validity));
            }
            read.put(row, key);
        }
        read.forEach((row, key) -> {
            Person person = requireNonNull(people.get(key.person));
            String username = person.username();
            if (username != null
                    && people.values().stream()
                            .anyMatch(other -> !other.id().equals(person.id()) && username.equals(other.username()))) {
                reading.fault(row, "account", OrgProblem.LINE_TAKEN, "value", username);
            }
            Appointment appointment = after.get(key);
            if (appointment != null
                    && after.values().stream()
                            .anyMatch(other -> other != appointment
                                    && other.personId().equals(appointment.personId())
                                    && other.postId().equals(appointment.postId())
                                    && other.validity().overlaps(appointment.validity()))) {
                reading.fault(row, "valid_from", OrgProblem.LINE_OVERLAPS);
            }
            Person was = before.get(person.id());
            Appointment had = held.get(key);
            boolean fresh = appointment == null ? was == null : had == null;
            reading.line(
                    row,
                    person.id(),
                    person.displayName(),
                    fresh ? null : cells(was == null ? person : was, had),
                    cells(person, appointment),
                    () -> {
                        posts.put(person);
                        if (appointment != null) {
                            posts.put(appointment);
                        }
                    });
        });
    }

    /** What there is of the person, and of the appointment that a line is about; without days it is the only one to that post. */
    private static Map<String, String> present(
            Sheet.Row line, Sheet sheet, @Nullable Person person, List<Appointment> held) {
        if (person == null) {
            return Map.of();
        }
        @Nullable LocalDate from = day(line.get("valid_from"));
        String post = line.get("post");
        List<Appointment> meant = held.stream()
                .filter(each -> each.postId().equals(post))
                .filter(each -> !sheet.columns().contains("valid_from")
                        || Objects.equals(each.validity().from(), from))
                .toList();
        Map<String, String> cells = cells(person, meant.size() == 1 ? meant.getFirst() : null);
        // A sheet without posts says nothing of appointments.
        cells.remove("post");
        return cells;
    }

    private static AppointmentKey key(Appointment each) {
        return new AppointmentKey(
                each.personId(), each.postId(), each.validity().begins());
    }

    // --- as a line has it

    private static Map<String, String> cells(Division division) {
        return cells(
                division.validity(),
                "code",
                division.code(),
                "name",
                division.name(),
                "name_en",
                division.nameEn(),
                "parent",
                division.parent(),
                "successors",
                String.join(" ", division.successors().stream().sorted().toList()));
    }

    private static Map<String, String> cells(DepartmentEntry entry) {
        return cells(
                entry.validity(),
                "id",
                entry.department().id(),
                "name",
                entry.department().name(),
                "name_en",
                entry.department().nameEn(),
                "uscc",
                entry.uscc(),
                "division",
                entry.division(),
                "parent",
                entry.parent(),
                "ordinal",
                Integer.toString(entry.ordinal()));
    }

    private static Map<String, String> cells(Post post) {
        return cells(
                post.validity(),
                "id",
                post.id(),
                "department",
                post.departmentId(),
                "name",
                post.name(),
                "name_en",
                post.nameEn(),
                "reports_to",
                post.reportsTo(),
                "divisions",
                String.join(" ", post.divisions().stream().sorted().toList()),
                "ordinal",
                Integer.toString(post.ordinal()));
    }

    /** What is shown of a person is masked, in a dry run too. */
    private static Map<String, String> cells(Person person, @Nullable Appointment appointment) {
        return cells(
                appointment == null ? Validity.ALWAYS : appointment.validity(),
                "id",
                person.id(),
                "name",
                person.displayName(),
                "phone",
                person.phone(),
                "email",
                person.email(),
                "account",
                person.username(),
                "post",
                appointment == null ? null : appointment.postId());
    }

    private static Map<String, String> cells(Validity validity, @Nullable String... pairs) {
        Map<String, String> cells = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            String value = pairs[i + 1];
            if (value != null && !value.isEmpty()) {
                cells.put(requireNonNull(pairs[i]), value);
            }
        }
        LocalDate from = validity.from();
        LocalDate to = validity.to();
        if (from != null) {
            cells.put("valid_from", from.toString());
        }
        if (to != null) {
            cells.put("valid_to", to.toString());
        }
        return cells;
    }

    /** Null for what is no day. */
    private static @Nullable LocalDate day(String text) {
        Matcher matcher = DATE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        try {
            return LocalDate.of(
                    Integer.parseInt(matcher.group(1)),
                    Integer.parseInt(matcher.group(2)),
                    Integer.parseInt(matcher.group(3)));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static List<String> list(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(LIST.split(text.strip())).distinct().sorted().toList();
    }

    /** What has been made out of a file so far. */
    private static final class Reading {
        private static final Set<String> PERSONAL = Set.of("phone", "email");

        private final ImportKind kind;
        private final List<ImportPlan.Fault> faults = new ArrayList<>();
        private final Map<Integer, ImportPlan.Line> lines = new TreeMap<>();
        private final List<Runnable> writes = new ArrayList<>();

        Reading(ImportKind kind) {
            this.kind = kind;
        }

        ImportPlan plan(@Nullable String sheet, String token) {
            Set<Integer> wrong = faults.stream()
                    .filter(fault -> fault.severity() == Severity.ERROR)
                    .map(ImportPlan.Fault::line)
                    .collect(Collectors.toSet());
            List<ImportPlan.Line> all = lines.values().stream()
                    .map(line -> wrong.contains(line.line())
                            ? new ImportPlan.Line(line.line(), Outcome.WRONG, line.key(), line.name(), List.of())
                            : line)
                    .toList();
            Function<Outcome, Integer> count = outcome ->
                    (int) all.stream().filter(line -> line.outcome() == outcome).count();
            int errors = (int) faults.stream()
                    .filter(fault -> fault.severity() == Severity.ERROR)
                    .count();
            return new ImportPlan(
                    kind,
                    sheet,
                    token,
                    new ImportPlan.Counts(
                            count.apply(Outcome.ADDED),
                            count.apply(Outcome.CHANGED),
                            count.apply(Outcome.ENDED),
                            count.apply(Outcome.SAME),
                            errors,
                            faults.size() - errors),
                    all,
                    faults.stream()
                            .sorted(java.util.Comparator.comparingInt(ImportPlan.Fault::line))
                            .toList());
        }

        void line(
                Sheet.Row row,
                String key,
                String name,
                @Nullable Map<String, String> before,
                Map<String, String> after,
                Runnable write) {
            List<ImportPlan.Change> changes = new ArrayList<>();
            for (ImportKind.Column column : kind.columns()) {
                String was = before == null ? null : before.get(column.key());
                String is = after.get(column.key());
                if (before != null && !java.util.Objects.equals(was, is)) {
                    boolean personal = PERSONAL.contains(column.key());
                    changes.add(new ImportPlan.Change(
                            column.key(), personal ? masked(was) : was, personal ? masked(is) : is));
                }
            }
            Outcome outcome = before == null
                    ? Outcome.ADDED
                    : changes.isEmpty()
                            ? Outcome.SAME
                            : !before.containsKey("valid_to") && after.containsKey("valid_to")
                                    ? Outcome.ENDED
                                    : Outcome.CHANGED;
            lines.put(row.line(), new ImportPlan.Line(row.line(), outcome, key, name, changes));
            if (outcome != Outcome.SAME) {
                writes.add(write);
            }
        }

        private static @Nullable String masked(@Nullable String value) {
            return value == null ? null : "***";
        }

        /** Whether every needed value is there. */
        boolean complete(Sheet.Row row) {
            boolean complete = true;
            for (ImportKind.Column column : kind.columns()) {
                if (column.need() == ImportKind.Column.Need.NEEDED && row.find(column.key()) == null) {
                    fault(row, column.key(), OrgProblem.LINE_MISSING);
                    complete = false;
                }
            }
            return complete;
        }

        boolean id(Sheet.Row row, Map<String, Sheet.Row> read) {
            String id = row.get("id");
            if (!ID.matcher(id).matches()) {
                fault(row, "id", OrgProblem.LINE_BAD_CODE, "value", id);
                return false;
            }
            Sheet.Row twin = read.putIfAbsent(id, row);
            if (twin != null) {
                fault(row, "id", OrgProblem.LINE_TWICE, "line", Integer.toString(twin.line()));
            }
            return twin == null;
        }

        @Nullable
        Validity validity(Sheet.Row row) {
            int before = faults.size();
            @Nullable LocalDate from = date(row, "valid_from");
            @Nullable LocalDate to = date(row, "valid_to");
            if (from != null && to != null && !from.isBefore(to)) {
                fault(row, "valid_to", OrgProblem.LINE_REVERSED);
            }
            return faults.size() > before ? null : new Validity(from, to);
        }

        private @Nullable LocalDate date(Sheet.Row row, String column) {
            @Nullable String value = row.find(column);
            @Nullable LocalDate date = value == null ? null : day(value);
            if (value != null && date == null) {
                fault(row, column, OrgProblem.LINE_BAD_DATE, "value", value);
            }
            return date;
        }

        int number(Sheet.Row row, String column, int otherwise) {
            @Nullable String value = row.find(column);
            if (value == null) {
                return otherwise;
            }
            if (!value.matches("\\d{1,6}")) {
                fault(row, column, OrgProblem.LINE_BAD_NUMBER, "value", value);
                return otherwise;
            }
            return Integer.parseInt(value);
        }

        void known(Sheet.Row row, String column, @Nullable String value, java.util.function.Predicate<String> known) {
            if (value != null && !known.test(value)) {
                fault(row, column, OrgProblem.LINE_NO_SUCH, "value", value);
            }
        }

        void noCycle(Sheet.Row row, String column, String id, Function<String, @Nullable String> above) {
            Set<String> path = new java.util.LinkedHashSet<>();
            for (@Nullable String each = id; each != null; each = above.apply(each)) {
                if (!path.add(each)) {
                    fault(row, column, OrgProblem.LINE_CYCLE, "value", String.join(" → ", path) + " → " + each);
                    return;
                }
            }
        }

        void fault(Sheet.Row row, String column, OrgProblem code, String... arguments) {
            add(row, column, Severity.ERROR, new Problem(code, arguments));
        }

        void warning(Sheet.Row row, String column, OrgProblem code, String... arguments) {
            add(row, column, Severity.WARNING, new Problem(code, arguments));
        }

        private void add(Sheet.Row row, String column, Severity severity, Problem problem) {
            faults.add(new ImportPlan.Fault(
                    row.line(), column, severity, problem.code().id(), problem.zh(), problem.en()));
            lines.putIfAbsent(
                    row.line(),
                    new ImportPlan.Line(
                            row.line(),
                            Outcome.WRONG,
                            row.get(kind == ImportKind.DIVISIONS ? "code" : "id"),
                            row.get("name"),
                            List.of()));
        }
    }
}
