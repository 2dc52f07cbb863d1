package org.qiantang.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Grading;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.SearchWords;
import org.qiantang.catalog.TableCollected;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.core.WorkingDays;
import org.qiantang.evidence.Ed25519Suite;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Queries;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;
import org.qiantang.org.Account;
import org.qiantang.org.Enclosures;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.Role;
import org.qiantang.quality.Requirement;
import org.qiantang.quality.Rule;
import org.qiantang.quality.Rules;
import org.qiantang.quality.Severity;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.core.type.filter.RegexPatternTypeFilter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The faults that were planted in the demo city are found by rules that nobody had to write, and by a few that an officer writes in a minute. */
class PlantedFaultsTests {
    private static final Account ENGINEER = new Account("engineer", "engineer", Set.of(Role.ENGINEER), null);
    private static final int MOST_ROWS = 100_000;

    @TempDir
    static Path folder;

    private static final AnnotationConfigApplicationContext CONTEXT = new AnnotationConfigApplicationContext();
    private static Lake lake;
    private static Truth truth;
    private static final Map<String, UUID> RESOURCES = new LinkedHashMap<>();

    /** A table while its rows are written. */
    private static final class Landed {
        private static final int SAMPLES = 512;
        private final SourceSystem source;
        private final Table table;
        private final List<List<String>> rows = new ArrayList<>();

        private Landed(SourceSystem source, Table table) {
            this.source = source;
            this.table = table;
        }

        private void land(Resources resources) throws Exception {
            TableName name = new TableName("raw_" + source.name(), table.name());
            try (TableWrite write = lake.replace(
                    name,
                    table.columns().stream()
                            .map(column ->
                                    new org.qiantang.lake.Column(column.name(), LakeType.TEXT, column.type(), null))
                            .toList())) {
                int[] at = {0};
                write.write(batch -> {
                    int n = 0;
                    for (; n < batch.capacity() && at[0] < rows.size(); n++) {
                        List<String> row = rows.get(at[0]++);
                        for (int c = 0; c < row.size(); c++) {
                            if (row.get(c) == null) {
                                batch.setNull(c, n);
                            } else {
                                batch.setText(c, n, row.get(c));
                            }
                        }
                    }
                    return n;
                });
                write.commit(Map.of());
            }
            boolean file = table.file() != null;
            resources.record(new TableCollected(
                    UUID.randomUUID(),
                    UUID.nameUUIDFromBytes(source.name().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    source.name(),
                    source.departmentId(),
                    name,
                    file ? "FILE" : "TABLE",
                    table.name(),
                    table.comment(),
                    Completeness.COMPLETE,
                    Instant.now(),
                    null,
                    new TableCollected.Landed(lake.state(name).orElseThrow().snapshotId(), rows.size(), 1),
                    fields(file),
                    Map.of()));
            RESOURCES.put(
                    source.name() + "/" + Truth.qualified(table),
                    resources.find(name).map(Resource::id).orElseThrow());
            rows.clear();
        }

        private List<TableCollected.Field> fields(boolean file) {
            List<TableCollected.Field> fields = new ArrayList<>();
            for (int c = 0; c < table.columns().size(); c++) {
                Column column = table.columns().get(c);
                int place = c;
                Set<String> samples = new LinkedHashSet<>();
                rows.stream()
                        .map(row -> row.get(place))
                        .filter(value -> value != null)
                        .limit(4L * SAMPLES)
                        .forEach(samples::add);
                fields.add(new TableCollected.Field(
                        column.name(),
                        column.name(),
                        "string",
                        column.type(),
                        file ? null : column.comment(),
                        !column.required(),
                        column.key() && !file ? table.keyColumns().indexOf(column.name()) + 1 : 0,
                        0L,
                        null,
                        null,
                        Classifier.look(
                                "string", samples.stream().limit(SAMPLES).toList())));
            }
            return fields;
        }
    }

    @BeforeAll
    static void landTheCity() throws Exception {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("planted_faults"));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        Flyway.configure()
                .dataSource(database)
                .locations(
                        "classpath:db/migration/org",
                        "classpath:db/migration/catalog",
                        "classpath:db/migration/quality")
                .load()
                .migrate();
        JdbcClient jdbc = JdbcClient.create(database);
        lake = Lakes.open(folder);
        CONTEXT.registerBean(JdbcClient.class, () -> jdbc);
        CONTEXT.registerBean(
                TransactionTemplate.class, () -> new TransactionTemplate(new JdbcTransactionManager(database)));
        CONTEXT.registerBean(
                Clock.class,
                () -> Clock.fixed(
                        LocalDate.ofEpochDay(Days.TODAY).atTime(12, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC));
        CONTEXT.registerBean(Queries.class, () -> lake);
        CONTEXT.registerBean(Site.class, () -> new Site("演示", Site.Kind.TRIAL));
        CONTEXT.registerBean(Sealing.class, () -> new Sealing(new byte[32], Sealing.newKeyPair()));
        CONTEXT.registerBean(
                EvidenceRecords.class,
                () -> new EvidenceRecords(
                        folder.resolve("evidence"),
                        CONTEXT.getBean(Site.class),
                        new Ed25519Suite(),
                        CONTEXT.getBean(Sealing.class),
                        jdbc));
        CONTEXT.registerBean(Enclosures.class);
        CONTEXT.registerBean(Grading.class, () -> new Grading(1_000_000));
        CONTEXT.registerBean(SearchWords.class, () -> new SearchWords(null));
        CONTEXT.registerBean(CityCalendar.class, () -> new CityCalendar() {
            @Override
            public WorkingDays workingDays() {
                return new WorkingDays(Map.of());
            }

            @Override
            public ZoneId zone() {
                return ZoneId.of("Asia/Shanghai");
            }
        });
        ClassPathBeanDefinitionScanner parts = new ClassPathBeanDefinitionScanner(CONTEXT);
        parts.addExcludeFilter(new RegexPatternTypeFilter(
                java.util.regex.Pattern.compile(".*(Loop|AccessRetention|\\.web\\..*|OpenLineage.*)")));
        parts.scan("org.qiantang.catalog", "org.qiantang.quality");
        CONTEXT.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
        CONTEXT.refresh();
        for (DemoDepartment each : CityFolder.builtIn().departments()) {
            jdbc.sql("insert into org_departments (id, name, name_en, ordinal) values (?, ?, ?, 1)")
                    .params(each.id(), each.name(), each.nameEn())
                    .update();
        }
        List<Landed> tables = new ArrayList<>();
        truth = new DemoCity(42, 0.02).write((source, table) -> {
            Landed landed = new Landed(source, table);
            tables.add(landed);
            return row -> {
                if (row.raw() == null && landed.rows.size() < MOST_ROWS) {
                    List<String> values = new ArrayList<>();
                    table.columns().forEach(column -> values.add(row.value(column.name())));
                    landed.rows.add(values);
                }
            };
        });
        for (Landed each : tables) {
            each.land(CONTEXT.getBean(Resources.class));
        }
    }

    @AfterAll
    static void close() {
        CONTEXT.close();
        lake.close();
    }

    /** Some faults of a table, and the columns whose values tell their rows from others. */
    private record Fault(Plant plant, String place, List<String> keys) {}

    /** What a rule is to find, what it found, and how many of those it should have. */
    private record Judged(String what, int planted, int found, int right) {
        double recall() {
            return planted == 0 ? 1 : (double) right / planted;
        }

        double precision() {
            return found == 0 ? 1 : (double) right / found;
        }

        @Override
        public String toString() {
            return "%-46s planted %4d  found %4d  recall %.3f  precision %.3f"
                    .formatted(what, planted, found, recall(), precision());
        }
    }

    private static Set<String> planted(Set<Plant> plants, String place, List<String> keys) {
        Set<String> rows = new HashSet<>();
        for (Truth.Entry entry : truth.entries(CityFolder.builtIn())) {
            if (plants.contains(entry.plant())) {
                for (Truth.Place each : entry.places()) {
                    // Of two ways of writing a number the register of residents has the right one.
                    boolean right = entry.plant() == Plant.FULL_WIDTH_ID
                            && each.source().equals("police");
                    if (each.part() == Truth.Part.SHOWS
                            && !right
                            && (each.source() + "/" + each.table()).equals(place)) {
                        Map<String, String> values = new HashMap<>(each.key());
                        values.putAll(each.values());
                        rows.add(keys.stream().map(values::get).collect(Collectors.joining("|")));
                    }
                }
            }
        }
        return rows;
    }

    private static Set<String> failing(UUID resource, Requirement requirement, List<String> keys) {
        Rules.Trial trial = CONTEXT.getBean(Rules.class)
                .attempt(
                        ENGINEER,
                        resource,
                        new Rule.Wanted(requirement.kind().characteristic(), requirement, "", 0, Severity.MEDIUM),
                        MOST_ROWS);
        Set<String> rows = new HashSet<>();
        if (trial.sample() != null) {
            // What is masked on a screen is told apart in the lake itself.
            String names = keys.stream()
                    .map(key -> "CAST(" + org.qiantang.lake.Sql.name(key) + " AS VARCHAR)")
                    .collect(Collectors.joining(", "));
            Lakes.rows(lake, "SELECT " + names + " FROM (" + trial.sql() + ") AS f")
                    .forEach(row -> rows.add(row.stream().map(String::valueOf).collect(Collectors.joining("|"))));
        }
        return rows;
    }

    private static Judged judge(String what, Set<String> planted, Set<String> found) {
        Set<String> right = new HashSet<>(planted);
        right.retainAll(found);
        return new Judged(what, planted.size(), found.size(), right.size());
    }

    @Test
    void rulesThatNobodyHadToWriteFindWhatWasPlanted() {
        Map<Requirement.Kind, Set<Plant>> finds = Map.of(
                Requirement.Kind.CHECK_DIGIT,
                Set.of(
                        Plant.BAD_ID_CHECK,
                        Plant.IMPOSSIBLE_ID_DATE,
                        Plant.FULL_WIDTH_ID,
                        Plant.BAD_USCC_CHECK,
                        Plant.BAD_LICENCE_CHECK),
                Requirement.Kind.UNIQUE,
                Set.of(Plant.DUPLICATE_ROW));
        Map<String, Judged> judged = new TreeMap<>();
        for (Map.Entry<String, UUID> table : RESOURCES.entrySet()) {
            for (Rules.Proposal proposal : CONTEXT.getBean(Rules.class).propose(table.getValue())) {
                Requirement requirement = proposal.requirement();
                Set<Plant> plants = finds.get(requirement.kind());
                if (plants == null) {
                    continue;
                }
                List<String> keys = requirement.kind() == Requirement.Kind.CHECK_DIGIT
                        ? requirement.columns()
                        : CONTEXT.getBean(Resources.class).getWhole(table.getValue()).columns().stream()
                                .map(Resource.Field::name)
                                .limit(3)
                                .toList();
                Set<String> planted = withValue(planted(plants, table.getKey(), keys));
                Set<String> found = failing(table.getValue(), requirement, keys);
                if (!planted.isEmpty() || !found.isEmpty()) {
                    String what = table.getKey() + " " + requirement.kind() + " " + requirement.columns();
                    judged.put(what, judge(what, planted, found));
                }
            }
        }
        judged.values().forEach(System.out::println);
        Judged all = sum(judged.values());
        System.out.println(all);

        assertThat(all.planted()).isGreaterThanOrEqualTo(18);
        assertThat(all.recall()).isGreaterThanOrEqualTo(0.98);
        assertThat(all.precision()).isGreaterThanOrEqualTo(0.95);
    }

    /** A planted row may not say the value of the column in question, when it is another column that is at fault. */
    private static Set<String> withValue(Set<String> rows) {
        return rows.stream().filter(row -> !row.contains("null")).collect(Collectors.toSet());
    }

    @Test
    void rulesThatAnOfficerWritesInAMinuteFindTheRest() {
        List<Judged> judged = new ArrayList<>();
        judged.add(written(
                new Fault(Plant.NEGATIVE_STOCK, "medical_insurance/public.pharmacy_stock", List.of("stock_qty")),
                Requirement.within("stock_qty", "0", null)));
        judged.add(written(
                new Fault(Plant.SENSOR_FAULT, "environment/public.air_hourly", List.of("pm25")),
                Requirement.within("pm25", "0", "1000")));
        judged.add(written(
                new Fault(Plant.UNIT_ERROR, "environment/public.air_hourly", List.of("co")),
                Requirement.within("co", "0", "50")));
        judged.add(written(
                new Fault(Plant.IMPOSSIBLE_DATE, "civil_affairs/public.marriage_registration", List.of("reg_date")),
                Requirement.readsAs("reg_date", Requirement.ReadsAs.DAY)));
        judged.add(written(
                new Fault(Plant.FUTURE_DATE, "hotline/public.work_order", List.of("due_at")),
                Requirement.within("due_at", null, "2027-12-31")));
        judged.add(written(
                new Fault(Plant.ABOLISHED_DIVISION, "market/reg.enterprise", List.of("uscc")),
                Requirement.codes(
                        "district_code",
                        CityFolder.builtIn().districts().stream()
                                .map(CityFolder.District::code)
                                .toList())));
        judged.forEach(System.out::println);

        assertThat(judged).allSatisfy(each -> {
            assertThat(each.planted()).as(each.what()).isPositive();
            assertThat(each.recall()).as(each.what()).isGreaterThanOrEqualTo(0.98);
            assertThat(each.precision()).as(each.what()).isGreaterThanOrEqualTo(0.95);
        });
    }

    private static Judged written(Fault fault, Requirement requirement) {
        UUID resource = RESOURCES.get(fault.place());
        assertThat(resource).as(fault.place() + " of " + RESOURCES.keySet()).isNotNull();
        return judge(
                fault.plant() + " " + fault.place(),
                planted(Set.of(fault.plant()), fault.place(), fault.keys()),
                failing(resource, requirement, fault.keys()));
    }

    private static Judged sum(java.util.Collection<Judged> judged) {
        return new Judged(
                "all",
                judged.stream().mapToInt(Judged::planted).sum(),
                judged.stream().mapToInt(Judged::found).sum(),
                judged.stream().mapToInt(Judged::right).sum());
    }
}
