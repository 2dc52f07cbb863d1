package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/**
 * The directory of a city of ten thousand resources: how long searches and pages of lists take over HTTP, and a refresh of the metadata of
 * thousands of tables while people go on reading, who must never see less than before.
 */
public final class DirectoryBench {
    private static final Map<String, String> DEFAULTS = Map.of("resources", "10000", "tables", "5000", "rounds", "5");
    private static final String USAGE = "bin/bench directory [--resources N] [--tables N] [--rounds N]";
    private static final int COLUMNS = 20;
    private static final String QUESTIONS = "app/src/test/resources/org/qiantang/app/search/questions.tsv";
    private static final String SOURCE = "city";

    private static final String SUBJECTS =
            "居民 企业 学生 教师 患者 医师 车辆 驾驶人 房屋 小区 社区 道路 桥梁 公交 地铁 停车场 景区 图书馆 体育馆 养老机构 托育机构 社会组织 个体工商户 药店 医院"
                    + " 排污单位 河流 水库 空气站点 噪声点位 工单 诉求 合同 证照 许可 处罚 信用 税收 补贴 项目";
    private static final String ACTS = "登记 备案 核查 监测 发放 缴费 结算 检验 巡查 审批 变更 注销 年报 评价 处罚 申请 派单 回访 统计 预警 公示 抽检 维修 租赁 采购";
    private static final String FORMS = "信息 记录 明细 台账 名录 档案 汇总 结果 清单 日志";
    private static final String FIELDS =
            "编号 姓名 身份证号 联系电话 统一社会信用代码 名称 地址 区县代码 街道 社区代码 登记日期 有效期至 状态 金额 数量 类别 等级 备注 经办人 经办机构 更新时间"
                    + " 经度 纬度 面积 单价 合同编号 批次号 开始时间 结束时间 审核意见 来源渠道 处理结果 车牌号 证件类型 出生日期 性别";

    private final Arguments arguments;
    private final Log log;
    private final Hub hub;

    private DirectoryBench(Arguments arguments, Log log, Hub hub) {
        this.arguments = arguments;
        this.log = log;
        this.hub = hub;
    }

    /** Measures as the options say and writes a log; ends with 1 when somebody saw less than before. */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args), DEFAULTS);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        Path checkout = Path.of("").toAbsolutePath();
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "directory-");
        boolean published = arguments.number("resources") >= 10_000 && arguments.number("tables") >= 5_000;
        boolean never;
        try (Log log = Log.begin(
                        checkout.resolve(published ? "bench/results" : "bench/target"),
                        "directory",
                        "Search and directory of a whole city");
                Source source = Source.startInstalled(work);
                Hub hub = Hub.start(work, checkout)) {
            log.say("software  JDK %s, %s; load %.2f", Runtime.version(), Hub.VERSION, Machine.load());
            never = new DirectoryBench(arguments, log, hub).measure(source);
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(never ? 0 : 1);
    }

    private boolean measure(Source source) throws Exception {
        int tables = arguments.number("tables");
        TablesBench.make(source, TablesBench.tiny(tables));
        double first = collect(source);
        fill(arguments.number("resources") - tables);
        try (Connection database = hub.database();
                Statement statement = database.createStatement()) {
            statement.execute("vacuum analyze");
        }
        JsonNode all = hub.get("api/search?limit=1");
        log.say(
                "data      %,d resources with %,d columns, %,d entries, %,d things of the ledger; %,d things in the search",
                number("select count(*) from catalog_resources"),
                number("select count(*) from catalog_fields where present"),
                number("select count(*) from catalog_entries"),
                number("select count(*) from catalog_ledger"),
                all.get("total").asLong());
        log.say("first     collection of %,d tables: %.1f s", tables, first);
        List<String> questions = questions();
        lists(questions);
        boolean never = refresh(source, tables);
        log.say("load      %.2f at the end", Machine.load());
        return never;
    }

    private double collect(Source source) throws IOException, InterruptedException {
        Commands.Finished finished = hub.command(
                "collect",
                source.url() + "?user=" + Source.USER + "&password=" + Source.PASSWORD,
                "--name",
                SOURCE,
                "--department",
                "transport");
        return finished.wallSeconds();
    }

    /** Resources as collections leave them, with the names that a city's tables have. */
    private void fill(int resources) throws IOException, SQLException {
        try (Connection database = hub.database();
                Statement statement = database.createStatement()) {
            database.setAutoCommit(false);
            statement.execute(
                    "create temporary table subject as select row_number() over () - 1 i, w from unnest(string_to_array('"
                            + SUBJECTS + "', ' ')) w");
            statement.execute(
                    "create temporary table act as select row_number() over () - 1 i, w from unnest(string_to_array('"
                            + ACTS + "', ' ')) w");
            statement.execute(
                    "create temporary table form as select row_number() over () - 1 i, w from unnest(string_to_array('"
                            + FORMS + "', ' ')) w");
            statement.execute(
                    "create temporary table field as select row_number() over () - 1 i, w from unnest(string_to_array('"
                            + FIELDS + "', ' ')) w");
            statement.execute(
                    "create temporary table office as select row_number() over (order by id) - 1 i, id from org_departments");
            statement.execute("""
                    create temporary table made as select gen_random_uuid() id, g,
                        s.w || a.w || f.w title, o.id office
                    from generate_series(0, %d) g
                        join subject s on s.i = g %% (select count(*) from subject)
                        join act a on a.i = g / 7 %% (select count(*) from act)
                        join form f on f.i = g / 3 %% (select count(*) from form)
                        join office o on o.i = g %% (select count(*) from office)""".formatted(resources - 1));
            statement.execute("""
                    insert into catalog_resources (id, namespace, table_name, name, title, comment, department_id, source_id, source_name,
                        kind, rows, bytes, as_of, completeness, level, snapshot_id, details, search_names, search_titles, search_fields,
                        first_seen)
                    select id, 'raw_made_' || g % 40, 't' || g, 'public.t' || g, title, title || '（' || g || '）', office,
                        md5('made' || g % 40)::uuid, '业务库' || g % 40, 'TABLE', g * 37, g * 4096, now() - g % 60 * interval '1 day',
                        'COMPLETE', 'L' || 1 + g % 4, g, '{}', '', '', '', now() from made""");
            // The same number of columns for the whole city, however many the collected tables have.
            statement.execute("""
                    insert into catalog_fields (resource_id, name, ordinal, present, source_name, type, source_type, comment, nullable,
                        key_position, level, proposed_level, found_level)
                    select m.id, 'c' || n || '_' || f.i, n, true, 'c' || n || '_' || f.i, 'varchar', 'varchar', f.w, true, 0, 'L1', 'L1', 'L1'
                    from made m cross join generate_series(0, %d) n
                        join field f on f.i = (m.g * 13 + n * 7) %% (select count(*) from field)""".formatted(columns(resources) - 1));
            statement.execute(
                    "insert into catalog_entries (resource_id, department_id, changed_at) select id, office, now() from made");
            statement.execute("""
                    insert into catalog_ledger (kind, name, department_id, purpose, state, changed_at, changed_by)
                    select (array['APPLICATION', 'COMPONENT', 'CLOUD'])[1 + g % 3], title || '系统' || g, office, '用于' || title, 'RUNNING', now(), 'bench'
                    from made where g < 2000""");
            database.commit();
        }
    }

    private int columns(int resources) throws IOException, SQLException {
        long wanted = (long) arguments.number("resources") * COLUMNS;
        return (int) Math.ceilDiv(wanted - number("select count(*) from catalog_fields where present"), resources);
    }

    private long number(String sql) throws IOException, SQLException {
        try (Connection database = hub.database();
                Statement statement = database.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** What people ask, and as many again put together by chance. */
    private static List<String> questions() throws IOException {
        List<String> questions = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(QUESTIONS))) {
            if (!line.startsWith("#")) {
                questions.add(line.split("\t")[2]);
            }
        }
        Random random = new Random(20261128);
        for (int i = questions.size(); i > 0; i--) {
            questions.add(any(SUBJECTS, random) + (i % 2 == 0 ? " " : "") + any(i % 3 == 0 ? FIELDS : ACTS, random));
        }
        return questions;
    }

    private static String any(String words, Random random) {
        String[] all = words.split(" ");
        return all[random.nextInt(all.length)];
    }

    private void lists(List<String> questions) throws Exception {
        List<String> searches = questions.stream()
                .map(each -> "api/search?q=" + URLEncoder.encode(each, UTF_8))
                .toList();
        int resources = arguments.number("resources");
        say("search, questions and random words (≤ 100 ms)", searches);
        say(
                "search, everything (≤ 100 ms)",
                List.of("api/search", "api/search?kind=RESOURCE&offset=" + (resources - 100)));
        say("list of resources, first page (≤ 150 ms)", List.of("api/resources"));
        say("list of resources, last page (≤ 150 ms)", List.of("api/resources?offset=" + (resources - 50)));
        say("list of resources, a department (≤ 150 ms)", List.of("api/resources?department=transport&level=L1"));
        say(
                "list of resources, asked (≤ 150 ms)",
                questions.stream()
                        .map(each -> "api/resources?q=" + URLEncoder.encode(each, UTF_8))
                        .toList());
        say("directory, first page (≤ 150 ms)", List.of("api/directory"));
        say("directory, last page (≤ 150 ms)", List.of("api/directory?offset=" + (resources - 50)));
        say(
                "directory, asked (≤ 150 ms)",
                questions.stream()
                        .map(each -> "api/directory?q=" + URLEncoder.encode(each, UTF_8))
                        .toList());
        say(
                "ledger (≤ 150 ms)",
                List.of("api/ledger", "api/ledger?kind=COMPONENT", "api/ledger?q=" + URLEncoder.encode("停车", UTF_8)));
    }

    private void say(String what, List<String> paths) throws Exception {
        int rounds = arguments.number("rounds");
        int times = Math.max(200, paths.size() * rounds);
        for (int i = 0; i < Math.min(100, times); i++) {
            hub.get(paths.get(i % paths.size()));
        }
        double[] millis = new double[times];
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            hub.get(paths.get(i % paths.size()));
            millis[i] = (System.nanoTime() - began) / 1e6;
        }
        Arrays.sort(millis);
        log.say(
                "%-48s p50 %6.1f ms   p99 %6.1f ms   most %6.1f ms   of %,d",
                what, millis[times / 2], millis[(int) (times * 0.99)], millis[times - 1], times);
    }

    /** Everything of the source is looked at again, while somebody goes on reading the lists. */
    private boolean refresh(Source source, int tables) throws Exception {
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < tables; i++) {
                statement.execute("comment on table t%04d is '交通运行%d'".formatted(i, i));
                statement.execute("alter table t%04d add column added_later text".formatted(i));
                if (i % 200 == 0) {
                    connection.commit();
                }
            }
            connection.commit();
        }
        long before = hub.get("api/resources?limit=1").get("total").asLong();
        long found = hub.get("api/search?limit=1&kind=RESOURCE").get("total").asLong();
        List<Double> millis = new ArrayList<>();
        List<String> fewer = new ArrayList<>();
        double seconds;
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Double> collecting = other.submit(() -> collect(source));
            while (!collecting.isDone()) {
                long began = System.nanoTime();
                long now = hub.get("api/resources?limit=50").get("total").asLong();
                millis.add((System.nanoTime() - began) / 1e6);
                began = System.nanoTime();
                long still = hub.get("api/search?limit=20&kind=RESOURCE")
                        .get("total")
                        .asLong();
                millis.add((System.nanoTime() - began) / 1e6);
                if (now < before || still < found) {
                    fewer.add(now + " and " + still);
                }
            }
            seconds = collecting.get();
        }
        millis.sort(null);
        log.say("refresh   %,d tables with a new column and a new comment: %.1f s (≤ 600 s)", tables, seconds);
        log.say(
                "meanwhile %,d lists and searches, p50 %.1f ms, p99 %.1f ms; fewer than %,d seen %d times",
                millis.size(),
                millis.get(millis.size() / 2),
                millis.get((int) (millis.size() * 0.99)),
                before,
                fewer.size());
        long renamed = hub.get("api/search?limit=1&q=" + URLEncoder.encode("交通运行" + (tables - 1), UTF_8))
                .get("total")
                .asLong();
        log.say("after     the newest comment is found: %s", renamed > 0 ? "yes" : "no");
        return fewer.isEmpty() && renamed > 0;
    }
}
