package org.qiantang.invoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.share.TestShare.CIVIL;
import static org.qiantang.share.TestShare.ENGINEER;
import static org.qiantang.share.TestShare.POLICE;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.ContestedRecords;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.KeyedReads;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Departments;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.share.AnswerDays;
import org.qiantang.share.Asked;
import org.qiantang.share.Grants;
import org.qiantang.share.TestShare;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** What is answered by key is what the planner answers, to the word and the mark; and as soon as it would not be, nothing is. */
class QuickCallTests {
    private static final Account APPLICANT = TestShare.officer("shen", CIVIL);
    private static final Account POLICEMAN = TestShare.officer("lin", POLICE);
    private static final ZoneId CITY = ZoneId.of("Asia/Shanghai");
    private static final String CLIENT = "rescue";
    private static final Account CALLER = new Account("client:" + CLIENT, CLIENT, Set.of(), CIVIL);

    /** Numbers of persons whose check digits hold, and what only looks like one. */
    private static final List<String> NUMBERS =
            List.of("11010519491231002X", "440524188001010014", "330106200001011234", "赵", "", " ", "{\"a\",\\b}", "é");

    private static final List<String> OPERATORS = List.of("窗口 3 号", "window-4", "\"\\\t\u001f");
    private static final List<String> CASES = List.of("JZ-2026-0042", "办件 7", "a".repeat(200));

    @TempDir
    static Path folder;

    private static TestShare share;
    private static Calls calls;
    private static DataServices services;
    private static QuickCalls quick;

    /** One installation for all: each test has its own table, service and grant. */
    @BeforeAll
    static void open() {
        share = new TestShare(folder, AnswerDays.Silence.ESCALATE, "invoke");
        Clients clients = new Clients(
                share.jdbc,
                share.bean(TransactionTemplate.class),
                share.bean(Departments.class),
                share.bean(AuditTrail.class),
                text -> {
                    throw new IllegalStateException("no key is read here");
                },
                share.clock);
        calls = share.bean(Calls.class);
        services = share.bean(DataServices.class);
        quick = new QuickCalls(
                calls,
                services,
                clients,
                share.grants(),
                share.bean(KeyedReads.class),
                share.bean(Pace.class),
                share.bean(Sealing.class),
                share.jdbc,
                share.bean(TransactionTemplate.class),
                share.bean(CityCalendar.class),
                share.clock);
        share.jdbc
                .sql(
                        "insert into invoke_clients (id, department_id, title, created_by, created_at) values (?, 'civil', 'x', 'x', now())")
                .param(CLIENT)
                .update();
    }

    @AfterAll
    static void close() throws Exception {
        quick.close();
        share.close();
    }

    /** A table with such rows, a grant of it and a service that looks in it; returns the service's name. */
    private String service(
            String table, String rows, String type, String showing, int callsADay, List<Asked.Rows> scope) {
        UUID entry = share.publish(POLICE, table, Guide.ShareClass.CONDITIONAL, Guide.OpenClass.FORBIDDEN);
        share.fill(new TableName("raw_police", table), rows);
        grant(entry, showing, callsADay, scope);
        Definition definition = new Definition(
                table,
                null,
                "raw_police." + table,
                null,
                List.of(parameter("number", "TEXT", "id_number"), parameter("area", type, "area")),
                List.of(),
                List.of("area", "id_number"),
                3,
                50,
                0,
                new Definition.Rate(10_000, 10_000),
                true);
        String name = "s-" + table;
        services.create(ENGINEER, name, definition);
        services.publish(ENGINEER, name, 1);
        return name;
    }

    private static Parameter parameter(String name, String type, String column) {
        return new Parameter(
                name,
                name,
                Parameter.Type.valueOf(type),
                false,
                null,
                null,
                new Parameter.Filter(column, Parameter.Operator.EQUALS));
    }

    private UUID grant(UUID entry, String showing, int callsADay, List<Asked.Rows> scope) {
        share.carts().add(APPLICANT, entry);
        UUID id = share.applications().begin(APPLICANT).application().id();
        Asked.Table table = new Asked.Table(
                entry,
                List.of(new Asked.Field("id_number", showing, "核对申请人身份"), new Asked.Field("area", "clear", null)),
                scope,
                null);
        share.applications()
                .save(
                        APPLICANT,
                        id,
                        0,
                        new Asked(
                                "低保资格核对" + id,
                                "社会救助暂行办法第十七条",
                                "核对低保申请家庭的户籍",
                                LocalDate.ofInstant(share.clock.now, CITY),
                                LocalDate.ofInstant(share.clock.now, CITY).plusDays(360),
                                callsADay,
                                1_000_000,
                                "社会救助信息系统",
                                3,
                                "0571-85000000",
                                true,
                                List.of(table)));
        share.applications().submit(APPLICANT, id);
        share.applications().pass(ENGINEER, id, null);
        UUID part = share.applications()
                .get(APPLICANT, id)
                .parts()
                .getFirst()
                .part()
                .id();
        share.applications().grantPart(POLICEMAN, part, null, null);
        return share.grants().list(APPLICANT, Grants.Of.RECEIVED).getFirst().id();
    }

    private static Calls.Wanted wanted(Map<String, String> query) {
        return wanted(query, Set.of());
    }

    private static Calls.Wanted wanted(Map<String, String> query, Set<String> known) {
        return new Calls.Wanted(query, null, "check", OPERATORS.getFirst(), CASES.getFirst(), known);
    }

    /** By somebody, for some case. */
    private static Calls.Wanted wanted(Map<String, String> query, Random random) {
        return new Calls.Wanted(
                query,
                null,
                random.nextBoolean() ? null : "check",
                pick(random, OPERATORS),
                pick(random, CASES),
                Set.of());
    }

    /** Asks until it is answered by key. */
    private Calls.Page prepared(String service, Map<String, String> query) {
        Calls.Wanted wanted = wanted(query);
        share.clock.now = share.clock.now.plus(Duration.ofMinutes(20));
        for (int i = 0; i < 3; i++) {
            quick.heard(CALLER, service, 1, wanted);
        }
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> quick.answer(CLIENT, service, 1, wanted), Optional::isPresent)
                .orElseThrow();
    }

    private boolean isQuick(String service, Map<String, String> query) {
        return quick.answer(CLIENT, service, 1, wanted(query)).isPresent();
    }

    private static String said(Calls.Page page) {
        LakeReader.SqlAnswer answer = page.answer();
        return page.state() + "\n" + page.next() + "\n" + page.cut() + "\n"
                + (answer == null
                        ? "unchanged"
                        : answer.columns() + "\n" + answer.rows() + "\n" + answer.contestedRows() + answer.contested()
                                + answer.truncated() + answer.rowCount() + answer.asOf() + answer.grant());
    }

    /** What was written down of the newest read by either way, its own numbers left out. */
    private String written(boolean byKey) {
        return share.jdbc.sql("""
                        select concat_ws('|', who, purpose, sql, tables, unmasked, rows, entitlement_number, case_number, scenario, department,
                            named, everybody, summary, parameters, service, called_for, operator, ended_at is null,
                            (select string_agg(encode(person, 'hex') || place, ',' order by person) from catalog_footprints f
                                where f.access_id = a.id))
                        from catalog_access a where service is not null and (evidence_asked = evidence_given) = ?
                        order by evidence_given desc limit 1""").param(byKey).query(String.class).single();
    }

    @Test
    void answersByKeyAreThePlannersOwnWhateverTheTableTheMaskTheScopeAndTheValue() {
        Random random = new Random(20261128);
        List<String> types =
                List.of("TEXT:VARCHAR", "INTEGER:INTEGER", "INTEGER:BIGINT", "DATE:DATE", "BOOLEAN:BOOLEAN");
        int compared = 0;
        for (int i = 0; i < 10; i++) {
            String[] type = types.get(i % types.size()).split(":");
            List<String> areas = values(type[0]);
            String rows = IntStream.range(0, 60)
                    .mapToObj(any -> "(" + literal(pick(random, NUMBERS), "VARCHAR") + ", "
                            + literal(pick(random, areas), type[1]) + ")")
                    .collect(Collectors.joining(", ", "SELECT * FROM (VALUES ", ") AS r(id_number, area)"));
            String showing = pick(random, List.of("clear", "keep(1,0)", "hide", "pseudonym"));
            boolean scoped = type[1].equals("VARCHAR") && random.nextBoolean();
            String service = service(
                    "t" + i,
                    rows,
                    type[0],
                    showing,
                    1_000_000,
                    scoped
                            ? List.of(new Asked.Rows("area", Asked.Rows.Kind.IN, List.of(areas.get(0), areas.get(1))))
                            : List.of());
            if (i == 0) {
                share.bean(ContestedRecords.class)
                        .mark(new Contested(
                                UUID.randomUUID(),
                                new TableName("raw_police", "t0"),
                                Map.of("area", areas.getFirst()),
                                share.clock.now));
            }
            for (Map<String, String> shape : List.of(
                    Map.of("area", areas.getFirst()),
                    Map.of("number", NUMBERS.getFirst()),
                    Map.of("number", "", "area", areas.getFirst(), "sort", "-area", "fields", "area,id_number"))) {
                prepared(service, with(shape, "limit", "2"));
                for (int n = 0; n < 12; n++) {
                    Map<String, String> query = with(shape, "limit", Integer.toString(1 + random.nextInt(12)));
                    if (shape.containsKey("area")) {
                        query = with(query, "area", pick(random, areas));
                    }
                    if (shape.containsKey("number")) {
                        query = with(query, "number", pick(random, NUMBERS));
                    }
                    Calls.Wanted wanted = wanted(query, random);
                    Calls.Page byKey = quick.answer(CLIENT, service, 1, wanted)
                            .orElseThrow(() -> new AssertionError("not by key any more"));
                    Calls.Page planned = calls.call(CALLER, service, 1, wanted);

                    assertThat(said(byKey)).as(query + " of " + rows).isEqualTo(said(planned));
                    assertThat(written(true)).as(query.toString()).isEqualTo(written(false));
                    Calls.Wanted again = wanted(query, Set.of(byKey.state()));
                    assertThat(said(quick.answer(CLIENT, service, 1, again).orElseThrow()))
                            .isEqualTo(said(calls.call(CALLER, service, 1, again)))
                            .contains("unchanged");
                    assertThat(written(true)).as(query.toString()).isEqualTo(written(false));
                    compared++;
                }
            }
        }
        assertThat(compared).isEqualTo(360);
    }

    private static Map<String, String> with(Map<String, String> query, String name, String value) {
        Map<String, String> more = new HashMap<>(query);
        more.put(name, value);
        return more;
    }

    private static List<String> values(String type) {
        return switch (type) {
            case "INTEGER" -> List.of("0", "-7", "42", "2147483647", "007");
            case "DATE" -> List.of("2026-02-28", "0001-01-01", "9999-12-31", "1970-01-01");
            case "BOOLEAN" -> List.of("true", "false");
            default -> List.of("330106001", "330106002", "a", "A", "a ", "'", "é", "\u00e9");
        };
    }

    private static String literal(@Nullable String value, String type) {
        return "CAST(" + (value == null ? "NULL" : "'" + value.replace("'", "''") + "'") + " AS " + type + ")";
    }

    private static <T> T pick(Random random, List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static final String ROWS = """
            SELECT * FROM (VALUES ('11010519491231002X', '330106001'), ('440524188001010014', '330106002'),
                (NULL, '330106001'), ('330106200001011234', NULL)) AS r(id_number, area)""";

    @Test
    void whateverTheAnswerDependsOnEndsItAtOnce() {
        String service = service("ended", ROWS, "TEXT", "clear", 100_000, List.of());
        Map<String, String> query = Map.of("area", "330106001");
        List<Runnable> changes = List.of(
                () -> share.jdbc
                        .sql("update catalog_resources set snapshot_id = snapshot_id + 1")
                        .update(),
                () -> share.jdbc
                        .sql(
                                "update catalog_fields set level = case level when 'L4' then 'L1' else 'L4' end where name = 'area'")
                        .update(),
                () -> share.bean(ContestedRecords.class)
                        .mark(new Contested(
                                UUID.randomUUID(),
                                new TableName("raw_police", "ended"),
                                Map.of("area", "330106001"),
                                share.clock.now)),
                () -> share.jdbc
                        .sql("update share_grants set version = version + 1")
                        .update(),
                () -> services.deprecate(ENGINEER, service, 1, share.clock.now.plus(Duration.ofDays(1_000))));
        for (int i = 0; i < changes.size(); i++) {
            assertThat(prepared(service, query).answer()).isNotNull();

            changes.get(i).run();

            assertThat(isQuick(service, query)).as("change %d", i).isFalse();
            // A version that is not there opens nothing: put back what the others need.
            share.jdbc.sql("update share_grants set version = 1").update();
        }
        for (String end : List.of(
                "update share_grants set valid_to = '2026-11-23'",
                "update share_grants set state = 'SUSPENDED'",
                "update invoke_clients set revoked_at = now()")) {
            assertThat(prepared(service, query).answer()).isNotNull();

            share.jdbc.sql(end).update();

            assertThat(isQuick(service, query)).isFalse();
            share.jdbc
                    .sql("update share_grants set valid_to = '2028-01-01', state = 'IN_USE'")
                    .update();
            share.jdbc.sql("update invoke_clients set revoked_at = null").update();
        }
    }

    @Test
    void aSecondGrantThatFitsIsAskedForAgain() {
        String service = service("twice", ROWS, "TEXT", "clear", 100_000, List.of());
        prepared(service, Map.of("area", "330106001"));

        UUID entry = share.jdbc
                .sql("select e.id from catalog_entries e join catalog_resources r on r.id = e.resource_id"
                        + " where r.table_name = 'twice'")
                .query(UUID.class)
                .single();
        grant(entry, "hide", 10, List.of());

        assertThat(isQuick(service, Map.of("area", "330106001"))).isFalse();
        assertThatThrownBy(() -> calls.call(CALLER, service, 1, wanted(Map.of("area", "330106001"))))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(InvokeProblem.WHICH_GRANT));
    }

    @Test
    void theDayHasAsManyCallsAsTheGrantHoweverManyCallAtOnce() throws Exception {
        long others = used();
        String service = service("counted", ROWS, "TEXT", "clear", 200, List.of());
        Map<String, String> query = Map.of("area", "330106001");
        prepared(service, query);
        long before = used() - others;
        List<Future<Integer>> callers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 16; i++) {
                callers.add(threads.submit(() -> {
                    int answered = 0;
                    for (int n = 0; n < 40; n++) {
                        Optional<Calls.Page> page = quick.answer(CLIENT, service, 1, wanted(query));
                        try {
                            answered += page.isPresent()
                                            || calls.call(CALLER, service, 1, wanted(query))
                                                            .answer()
                                                    != null
                                    ? 1
                                    : 0;
                        } catch (Problem used) {
                            assertThat(used.code().toString()).contains("QUOTA_USED");
                        }
                    }
                    return answered;
                }));
            }
        }
        long answered = 0;
        for (Future<Integer> caller : callers) {
            answered += caller.get();
        }

        assertThat(before + answered).isEqualTo(200);
        assertThat(used() - others).isEqualTo(200);
        assertThat(share.jdbc
                        .sql("select count(*) from catalog_access where service = ? and evidence_given is not null")
                        .param(service + "/v1")
                        .query(Long.class)
                        .single())
                .isEqualTo(200);
    }

    private long used() {
        return share.jdbc
                .sql("select coalesce(sum(calls), 0) from share_grant_days")
                .query(Long.class)
                .single();
    }

    @Test
    void oneEntryOfTheEvidenceSaysWhoAskedAndWhatWasGiven() {
        String service = service("proved", ROWS, "TEXT", "keep(1,0)", 100, List.of());
        Calls.Page page = prepared(service, Map.of("area", "330106001", "limit", "1"));
        EvidenceRecords evidence = share.bean(EvidenceRecords.class);

        byte[] entry = Awaitility.await()
                .until(() -> evidence.prove(page.evidence().index()), Optional::isPresent)
                .orElseThrow()
                .entry();

        Map<?, ?> said = JsonMapper.shared().readValue(entry, Map.class);
        assertThat(said.get("kind")).isEqualTo("served");
        assertThat(said.get("who")).isEqualTo("client:rescue");
        assertThat(said.get("case")).isEqualTo("JZ-2026-0042");
        assertThat(said.get("rows")).isEqualTo(1);
        assertThat(said.get("ended")).isEqualTo("cut");
        assertThat(said.get("service")).isEqualTo(service + "/v1");
        assertThat(new String(entry, java.nio.charset.StandardCharsets.UTF_8)).doesNotContain("330106001");
    }

    @Test
    void whatIsNotPlainlyByKeyIsNotAnsweredSo() {
        String service = service("plain", ROWS, "TEXT", "clear", 100_000, List.of());
        prepared(service, Map.of("area", "330106001"));
        prepared(service, Map.of("area", "330106001", "limit", "2"));

        for (Map<String, String> other : Arrays.<Map<String, String>>asList(
                Map.of(),
                Map.of("area", "330106001", "after", "x"),
                Map.of("area", "330106001", "limit", "0"),
                Map.of("area", "330106001", "limit", "51"),
                Map.of("area", "330106001", "areas", "1"),
                Map.of("area", "330106001", "number", "1"))) {
            assertThat(isQuick(service, other)).as(other.toString()).isFalse();
        }
        assertThat(quick.answer("stranger", service, 1, wanted(Map.of("area", "330106001"))))
                .isEmpty();
        assertThat(quick.answer(CLIENT, service, 2, wanted(Map.of("area", "330106001"))))
                .isEmpty();
        Calls.Wanted unexplained = new Calls.Wanted(Map.of("area", "330106001"), null, null, null, null, Set.of());
        assertThat(quick.answer(CLIENT, service, 1, unexplained)).isEmpty();
        assertThat(isQuick(service, Map.of("area", "330106001"))).isTrue();
    }
}
