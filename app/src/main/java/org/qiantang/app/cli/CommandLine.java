package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.qiantang.app.cli.Options.UsageException;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.InstallProblem;
import org.qiantang.app.install.ThisProgram;
import org.qiantang.collect.EventLocation;
import org.qiantang.collect.Receipt;
import org.qiantang.collect.ReceiptVerifier;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Understands one command line and carries it out. Results go to standard output, everything said about them to standard error.
 */
public final class CommandLine {
    /** The result is complete. */
    static final int COMPLETE = 0;

    /** Something else went wrong. */
    static final int ERROR = 1;

    /** The command line could not be understood. */
    static final int USAGE = 2;

    /** Collected, but not everything; the receipt says what is missing. */
    static final int INCOMPLETE = 3;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Map<String, String> KINDS = Map.of(
            "RESOURCE",
            "数据资源",
            "ENTRY",
            "目录",
            "APPLICATION",
            "应用",
            "COMPONENT",
            "组件",
            "CLOUD",
            "云资源",
            "DEPARTMENT",
            "部门");

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Texts texts;

    private CommandLine(PrintStream out, PrintStream err, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.texts = Texts.of(environment);
    }

    public static CommandLine of(PrintStream out, PrintStream err) {
        return new CommandLine(out, err, System.getenv());
    }

    static CommandLine of(PrintStream out, PrintStream err, Map<String, String> environment) {
        return new CommandLine(out, err, environment);
    }

    /** Returns the exit status. */
    public int run(List<String> arguments) {
        List<String> words = new ArrayList<>(arguments);
        Optional<String> home = Optional.empty();
        try {
            // The home may stand before the command, as in "qiantang --home DIR sql …".
            while (!words.isEmpty() && words.getFirst().startsWith("--home")) {
                Options leading = Options.parse(
                        words.subList(0, words.getFirst().equals("--home") ? Math.min(2, words.size()) : 1),
                        Set.of("home"),
                        Set.of());
                home = leading.value("home");
                words.subList(0, words.getFirst().equals("--home") ? 2 : 1).clear();
            }
            if (words.isEmpty()) {
                err.print(Usage.GENERAL);
                return USAGE;
            }
            String command = words.removeFirst();
            if (command.equals("--version")) {
                out.println("qiantang " + ThisProgram.version());
                return COMPLETE;
            }
            boolean help = command.equals("--help") || command.equals("help");
            if (help && words.isEmpty()) {
                out.print(Usage.GENERAL);
                return COMPLETE;
            }
            String asked = help ? words.getFirst() : command;
            if (!Usage.knows(asked)) {
                throw new UsageException("Unknown command " + asked + ".");
            }
            if (help) {
                out.print(Usage.of(asked));
                return COMPLETE;
            }
            if (words.contains("--help")) {
                out.print(Usage.of(command));
                return COMPLETE;
            }
            return switch (command) {
                case "hub" -> new HubCommand(out, err, texts).run(words, home);
                case "collect" -> collect(words, home);
                case "follow" -> followChanges(words, home);
                case "sources" -> sources(words, home);
                case "tables" -> tables(words, home);
                case "search" -> search(words, home);
                case "sql" -> sql(words, home);
                case "deliveries" -> deliveries(words, home);
                case "receipt" -> receipt(words, home);
                case "verify" -> new VerifyCommand(this, out, err, texts).run(words, home);
                case "mapping" -> new MappingCommand(out, err, texts).run(words, home);
                case "rejects" -> new RejectsCommand(this, out, err, texts).run(words, home);
                default -> throw new UsageException("Unknown command " + command + ".");
            };
        } catch (UsageException e) {
            err.println(e.getMessage() + " " + texts.of("用法见 --help。", "See --help."));
            return USAGE;
        } catch (Problem e) {
            err.println(texts.of(e));
            return ERROR;
        } catch (HubClient.Refusal | UncheckedIOException | IllegalStateException | JacksonException e) {
            err.println(message(e));
            return ERROR;
        } catch (IOException e) {
            err.println(message(e));
            return ERROR;
        }
    }

    private int collect(List<String> words, Optional<String> leadingHome) throws IOException {
        Options options = Options.parse(
                words,
                Set.of("home", "name", "department", "user", "password-file", "title"),
                Set.of("json"),
                Set.of("setting"));
        Map<String, String> settings = settings(options);
        Location location = Location.of(options.words("SOURCE").getFirst());
        String name = options.value("name").orElseGet(() -> SourceName.from(location.hint()));
        if (!SourceName.isValid(name)) {
            throw new UsageException(
                    "A source's name is a letter a-z followed by up to 39 of a-z, 0-9 and _: " + name + ".");
        }
        String user = options.value("user").or(location::user).orElse("");
        String password = password(options).or(location::password).orElse("");
        try (HubSession session = HubSession.open(home(options, leadingHome), texts, err)) {
            HubClient hub = session.client();
            Optional<JsonNode> known = hub.findSource(name);
            if (known.isPresent() && !known.get().path("location").asString("").equals(location.text())) {
                err.println(texts.of(
                        "来源 " + name + " 已登记为 " + known.get().path("location").asString("") + "；请用 --name 指定另一个名称。",
                        "Source " + name + " is registered as "
                                + known.get().path("location").asString("") + "; choose another name with --name."));
                return ERROR;
            }
            JsonNode source;
            if (known.isPresent()) {
                source = known.get();
                if (!settings.isEmpty()) {
                    err.println(texts.of(
                            "来源 " + name + " 已登记，未使用 --setting；请在其页面修改。",
                            "Source " + name
                                    + " is registered already; --setting was not used. Change it on its page."));
                }
            } else {
                String title = options.value("title").orElse(location.hint());
                source = hub.createSource(
                        name,
                        title,
                        department(hub, options.value("department")),
                        location.text(),
                        user,
                        password,
                        settings);
            }
            if (source.path("kind").asString("").equals("EVENTS")) {
                return registered(source, name, options.has("json"));
            }
            JsonNode run = follow(hub, hub.startRun(source.path("id").asString("")), name);
            return report(run, name, options.has("json"));
        }
    }

    private static Map<String, String> settings(Options options) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String setting : options.values("setting")) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--setting is NAME=VALUE, not " + setting + ".");
            }
            if (settings.put(setting.substring(0, equals), setting.substring(equals + 1)) != null) {
                throw new UsageException("Setting " + setting.substring(0, equals) + " is given twice.");
            }
        }
        return settings;
    }

    /** A stream has nothing to be started: what is to be done next is said instead. */
    private int registered(JsonNode source, String name, boolean json) {
        if (json) {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(source));
        } else {
            out.println(texts.of(
                    "事件流 " + name + " 已登记，事件随到随入湖：raw_" + name + ".events。设备在其页面登记。",
                    "Stream " + name + " is registered; events land as they come, in raw_" + name
                            + ".events. Devices are registered on its page."));
        }
        return COMPLETE;
    }

    private int followChanges(List<String> words, Optional<String> leadingHome) {
        Options options = Options.parse(words, Set.of("home"), Set.of("stop", "json"));
        String name = options.words("NAME").getFirst();
        try (HubSession session = HubSession.open(existingHome(options, leadingHome), texts, err)) {
            HubClient hub = session.client();
            Optional<JsonNode> source = hub.findSource(name);
            if (source.isEmpty()) {
                err.println(texts.of("没有名为 " + name + " 的来源。", "There is no source named " + name + "."));
                return ERROR;
            }
            String id = source.get().path("id").asString("");
            if (!options.has("stop") && session.isForOneCommand()) {
                err.println(texts.of(
                        "没有开始：跟踪需要平台一直运行。请先用 bin/run 启动。",
                        "Not begun: following needs the platform to run on. Start it with bin/run first."));
                return ERROR;
            }
            JsonNode following = options.has("stop") ? hub.stopFollowing(id) : awaitFollowing(hub, id);
            String state = following.path("state").asString("");
            if (options.has("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(following));
            } else {
                out.println(name + ": " + state.toLowerCase(Locale.ROOT));
                for (JsonNode table : following.path("tables")) {
                    if (!table.path("state").asString("").equals("FOLLOWED")) {
                        out.println("  " + table.path("object").asString("") + ": "
                                + table.path("state").asString("").toLowerCase(Locale.ROOT) + " "
                                + table.path("reason")
                                        .path(texts == Texts.CHINESE ? "zh" : "en")
                                        .asString(""));
                    }
                }
            }
            JsonNode message = following.path("message");
            if (message.isObject()) {
                err.println(message.path(texts == Texts.CHINESE ? "zh" : "en").asString(""));
            }
            return state.equals(options.has("stop") ? "OFF" : "FOLLOWING") ? COMPLETE : ERROR;
        }
    }

    /** Asks for a source to be followed and waits until it is, or until somebody has to do something first. */
    private JsonNode awaitFollowing(HubClient hub, String source) {
        JsonNode following = hub.startFollowing(source);
        if (!isCollecting(following)) {
            return following;
        }
        err.println(texts.of("正在全量归集，完成后开始跟踪……", "Collecting everything first …"));
        return HubClient.await(() -> hub.getFollowing(source), now -> !isCollecting(now));
    }

    private static boolean isCollecting(JsonNode following) {
        return following.path("state").asString("").equals("COLLECTING");
    }

    /** Waits for the end of a run, showing how far it is. */
    JsonNode follow(HubClient hub, JsonNode started, String name) {
        String id = started.path("id").asString("");
        if (HubClient.hasEnded(started)) {
            return hub.getRun(id);
        }
        try (Progress progress = new Progress(err, environment, texts, name)) {
            HubClient.await(
                    () -> {
                        JsonNode run = hub.getRunSummary(id);
                        progress.show(run);
                        return run;
                    },
                    HubClient::hasEnded);
            return hub.getRun(id);
        }
    }

    /** Says how a run ended, and what that means for the exit status. */
    int report(JsonNode run, String name, boolean json) {
        String state = run.path("state").asString("");
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("source", name);
            result.put("runId", run.path("id").asString(""));
            result.put("verdict", state.toLowerCase(Locale.ROOT));
            result.put("tables", run.path("tables"));
            result.put("rows", run.path("rows"));
            result.put("rejected", run.path("rejected"));
            result.put("bytes", run.path("bytes"));
            result.put("objects", run.path("objects"));
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
        } else {
            Columns columns = new Columns(texts);
            TextTable table = new TextTable(List.of(
                    columns.of("table"),
                    ">" + columns.of("source"),
                    ">" + columns.of("landed"),
                    ">" + columns.of("rejected"),
                    columns.of("state"),
                    columns.of("reason")));
            for (JsonNode object : run.path("objects")) {
                JsonNode reason = object.path("reason");
                table.add(List.of(
                        object.path("lakeTable").asString(object.path("name").asString("")),
                        number(object.path("rowsAtSource")),
                        number(object.path("rowsLanded")),
                        number(object.path("rejected")),
                        object.path("state").asString(""),
                        reason.path(texts == Texts.CHINESE ? "zh" : "en")
                                .asString(reason.path("code").asString(""))));
            }
            table.print(out);
            out.println();
            out.println(texts.of("结论：", "Verdict: ") + state.toLowerCase(Locale.ROOT) + " · " + number(run.path("rows"))
                    + texts.of(" 行 · 拒收 ", " rows · rejected ") + number(run.path("rejected")));
        }
        JsonNode message = run.path("message");
        if (message.isObject()) {
            err.println(message.path(texts == Texts.CHINESE ? "zh" : "en").asString(""));
        }
        return switch (state) {
            case "COMPLETE" -> COMPLETE;
            case "INCOMPLETE", "CANCELLED" -> INCOMPLETE;
            default -> ERROR;
        };
    }

    private String department(HubClient hub, Optional<String> wanted) {
        List<JsonNode> all = hub.listDepartments();
        if (all.isEmpty()) {
            throw new UsageException(
                    texts.of(
                            "还没有部门。请由系统管理员在控制台“机构 → 导入”中导入。",
                            "There is no department yet. A system administrator imports them in the console: Organisation → Import."));
        }
        String there = all.stream()
                .map(d -> d.path("id").asString("") + " ("
                        + texts.of(d.path("name").asString(""), d.path("nameEn").asString("")) + ")")
                .collect(Collectors.joining(", "));
        if (wanted.isEmpty() && all.size() != 1) {
            throw new UsageException(texts.of(
                    "请用 --department 指明由哪个部门负责：" + there + "。",
                    "Say with --department who answers for it: " + there + "."));
        }
        return all.stream()
                .filter(d -> wanted.isEmpty()
                        || Stream.of("id", "name", "nameEn")
                                .anyMatch(key -> d.path(key).asString("").equalsIgnoreCase(wanted.get())))
                .findFirst()
                .orElseThrow(() -> new UsageException(texts.of(
                        "没有部门 " + wanted.orElse("") + "；有：" + there + "。",
                        "There is no department " + wanted.orElse("") + "; there are: " + there + ".")))
                .path("id")
                .asString("");
    }

    private Optional<String> password(Options options) throws IOException {
        Optional<String> file = options.value("password-file");
        if (file.isPresent()) {
            return Optional.of(Files.readString(Path.of(file.get()), UTF_8).strip());
        }
        return Optional.ofNullable(environment.get("QIANTANG_SOURCE_PASSWORD"));
    }

    private int sources(List<String> words, Optional<String> leadingHome) {
        Options options = Options.parse(words, Set.of("home"), Set.of("json"));
        options.words();
        try (HubSession session = HubSession.open(existingHome(options, leadingHome), texts, err)) {
            List<JsonNode> sources = session.client().listSources();
            if (options.has("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(sources));
                return COMPLETE;
            }
            Columns columns = new Columns(texts);
            TextTable table = new TextTable(List.of(
                    columns.of("name"),
                    columns.of("title"),
                    columns.of("department"),
                    columns.of("kind"),
                    ">" + columns.of("tables"),
                    ">" + columns.of("rows"),
                    columns.of("lastRun"),
                    columns.of("location")));
            for (JsonNode source : sources) {
                table.add(List.of(
                        source.path("name").asString(""),
                        source.path("title").asString(""),
                        texts.of(
                                source.path("department").path("name").asString(""),
                                source.path("department").path("nameEn").asString("")),
                        source.path("kind").asString(""),
                        number(source.path("tables")),
                        number(source.path("rows")),
                        source.path("lastRun").path("state").asString("-"),
                        source.path("location").asString("")));
            }
            table.print(out);
            return COMPLETE;
        }
    }

    private int search(List<String> words, Optional<String> leadingHome) {
        Options options = Options.parse(words, Set.of("home", "limit"), Set.of("json"));
        String text = String.join(" ", options.manyWords("WORDS"));
        int limit = options.value("limit").map(CommandLine::limit).orElse(10);
        try (HubSession session = HubSession.open(existingHome(options, leadingHome), texts, err)) {
            JsonNode page = session.client().search(text, limit);
            if (options.has("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(page));
                return COMPLETE;
            }
            if (page.path("meant").isString()) {
                String meant = page.path("meant").asString("");
                err.println(texts.of("是不是要找：" + meant, "Did you mean " + meant + "?"));
            }
            Columns columns = new Columns(texts);
            TextTable table = new TextTable(List.of(
                    columns.of("kind"),
                    columns.of("title"),
                    columns.of("name"),
                    columns.of("department"),
                    columns.of("matched")));
            for (JsonNode hit : page.path("items")) {
                JsonNode thing = hit.path("thing");
                table.add(List.of(
                        texts.of(
                                KINDS.getOrDefault(thing.path("kind").asString(""), ""),
                                thing.path("kind").asString("")),
                        thing.path("title").asString(""),
                        thing.path("name").asString(""),
                        texts.of(
                                thing.path("department").path("name").asString(""),
                                thing.path("department").path("nameEn").asString("")),
                        hit.path("matches")
                                .valueStream()
                                .filter(match ->
                                        match.path("place").asString("").equals("COLUMN"))
                                .map(match -> match.path("text").asString(""))
                                .collect(Collectors.joining(texts.of("，", ", ")))));
            }
            table.print(out);
            err.println(texts.of(
                    "共 " + page.path("total").asInt(0) + " 项",
                    page.path("total").asInt(0) + " found"));
            return COMPLETE;
        }
    }

    private static int limit(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageException("--limit is a number, not " + text + ".");
        }
    }

    private int tables(List<String> words, Optional<String> leadingHome) {
        Options options = Options.parse(words, Set.of("home"), Set.of("json"));
        options.words();
        try (HubSession session = HubSession.open(existingHome(options, leadingHome), texts, err)) {
            List<JsonNode> tables = session.client().listTables();
            if (options.has("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tables));
                return COMPLETE;
            }
            Columns columns = new Columns(texts);
            TextTable table = new TextTable(List.of(
                    columns.of("table"),
                    ">" + columns.of("rows"),
                    columns.of("completeness"),
                    columns.of("asOf"),
                    columns.of("level"),
                    columns.of("comment")));
            for (JsonNode resource : tables) {
                table.add(List.of(
                        resource.path("lakeTable").asString(""),
                        number(resource.path("rows")),
                        resource.path("completeness").asString(""),
                        resource.path("asOf").asString(""),
                        resource.path("level").asString(""),
                        resource.path("comment").asString(resource.path("title").asString(""))));
            }
            table.print(out);
            return COMPLETE;
        }
    }

    private int sql(List<String> words, Optional<String> leadingHome) throws IOException {
        Options options = Options.parse(words, Set.of("home", "format", "as-of"), Set.of());
        String sql = options.words("SQL").getFirst();
        String format = options.value("format").orElse("table");
        if (!Set.of("table", "csv", "json").contains(format)) {
            throw new UsageException("--format is table, csv or json, not " + format + ".");
        }
        Optional<String> asOf = options.value("as-of");
        try (HubSession session = HubSession.open(existingHome(options, leadingHome), texts, err)) {
            if (format.equals("csv")) {
                try (var csv = session.client().exportCsv(sql, asOf)) {
                    csv.transferTo(out);
                }
                return COMPLETE;
            }
            JsonNode result = session.client().query(sql, asOf);
            if (format.equals("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
                return COMPLETE;
            }
            List<String> heads = new ArrayList<>();
            for (JsonNode column : result.path("columns")) {
                String type = column.path("type").asString("").toUpperCase(Locale.ROOT);
                boolean numeric = type.matches("(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?\\d*|DECIMAL.*|DOUBLE|FLOAT\\d*)");
                heads.add((numeric ? ">" : "") + column.path("name").asString(""));
            }
            TextTable table = new TextTable(heads);
            for (JsonNode row : result.path("rows")) {
                List<String> cells = new ArrayList<>();
                row.forEach(cell -> cells.add(cell.isNull() ? "NULL" : cell.asString(cell.toString())));
                table.add(cells);
            }
            table.print(out);
            err.println(number(result.path("rowCount"))
                    + texts.of(" 行", result.path("rowCount").asLong() == 1 ? " row" : " rows")
                    + (result.path("truncated").asBoolean(false)
                            ? texts.of("（已截断；--format csv 给出全部）", " (cut off; --format csv gives all)")
                            : ""));
            return COMPLETE;
        }
    }

    private int deliveries(List<String> words, Optional<String> leadingHome) throws IOException {
        Options options = Options.parse(words, Set.of("home"), Set.of("json"));
        String name = options.words("NAME").getFirst();
        try (HubSession session = HubSession.open(home(options, leadingHome), texts, err)) {
            JsonNode source = session.client().findSource(name).orElse(null);
            if (source == null) {
                err.println(texts.of("没有名为 " + name + " 的来源。", "There is no source " + name + "."));
                return ERROR;
            }
            JsonNode ledger = session.client().getDeliveries(source.path("id").asString(""));
            if (options.has("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(ledger));
            } else {
                TextTable table = new TextTable(List.of(
                        texts.of("资源", "resource"),
                        texts.of("批次", "batch"),
                        ">" + texts.of("应收", "sent"),
                        ">" + texts.of("实收", "arrived"),
                        texts.of("状态", "standing"),
                        ">" + texts.of("索取次数", "asked")));
                for (JsonNode entry : ledger.path("entries")) {
                    JsonNode delivery = entry.path("delivery");
                    table.add(List.of(
                            delivery.path("resource").asString(""),
                            delivery.path("batch").asString(""),
                            number(delivery.path("rows")),
                            number(delivery.path("arrivedRows")),
                            entry.path("standing").asString(""),
                            number(entry.path("asked"))));
                }
                table.print(out);
                out.println();
                out.println(texts.of("一致：", "Equal: ") + number(ledger.path("batchesEqual")) + " / "
                        + number(ledger.path("batchesSent")));
            }
            return ledger.path("batchesDiffering").asLong() == 0 ? COMPLETE : INCOMPLETE;
        }
    }

    private int receipt(List<String> words, Optional<String> leadingHome) throws IOException {
        if (!words.isEmpty() && words.getFirst().equals("verify")) {
            return verify(words.subList(1, words.size()), leadingHome);
        }
        Options options = Options.parse(words, Set.of("home"), Set.of());
        String name = options.words("NAME").getFirst();
        try (HubSession session = HubSession.open(existingHome(options, leadingHome), texts, err)) {
            HubClient hub = session.client();
            Optional<JsonNode> source = hub.findSource(name);
            if (source.isEmpty()) {
                err.println(texts.of("没有名为 " + name + " 的来源。", "There is no source named " + name + "."));
                return ERROR;
            }
            for (JsonNode run : hub.listRuns(source.get().path("id").asString(""))) {
                if (HubClient.hasEnded(run)) {
                    try {
                        out.println(hub.getReceipt(run.path("id").asString("")).strip());
                        return COMPLETE;
                    } catch (HubClient.Refusal refusal) {
                        if (refusal.status() != 404) {
                            throw refusal;
                        }
                    }
                }
            }
            err.println(texts.of("来源 " + name + " 还没有回执。", "Source " + name + " has no receipt yet."));
            return ERROR;
        }
    }

    private int verify(List<String> words, Optional<String> leadingHome) throws IOException {
        Options options = Options.parse(words, Set.of("home", "key"), Set.of());
        Path file = Path.of(options.words("FILE").getFirst());
        Path key = options.value("key")
                .map(Path::of)
                .orElseGet(() -> home(options, leadingHome).receiptKey());
        if (!Files.isRegularFile(key)) {
            err.println(texts.of(
                    "没有可信的公钥：" + key + "。请用 --key 指定。",
                    "There is no trusted key at " + key + ". Name one with --key."));
            return ERROR;
        }
        PublicKey trusted;
        try {
            trusted = Sealing.publicKey(Files.readAllBytes(key));
        } catch (IllegalArgumentException e) {
            throw new IOException(texts.of("不是公钥：", "Not a public key: ") + key, e);
        }
        ReceiptVerifier.Result result = ReceiptVerifier.verify(Files.readAllBytes(file), trusted);
        if (!result.isValid()) {
            out.println(texts.of("无效：", "INVALID: ") + file);
            result.findings().forEach(finding -> out.println("  " + texts.of(finding.zh(), finding.en())));
            return ERROR;
        }
        Receipt receipt = result.receipt().orElseThrow();
        Receipt.Totals totals = receipt.totals();
        boolean complete = receipt.verdict() == Receipt.Verdict.complete;
        out.println(texts.of("有效：", "VALID: ")
                + String.join(
                        " · ",
                        receipt.source().name(),
                        receipt.finishedAt().toString(),
                        texts.of("%,d 张表", "%,d tables").formatted(totals.tables()),
                        texts.of("%,d 行", "%,d rows").formatted(totals.rowsLanded()),
                        complete ? texts.of("完整", "complete") : texts.of("不完整", "incomplete")));
        receipt.missing()
                .forEach(missing ->
                        out.println("  " + missing.object() + ": " + missing.reason() + " [" + missing.code() + "]"));
        return complete ? COMPLETE : INCOMPLETE;
    }

    private static Home home(Options options, Optional<String> leading) {
        return Home.at(Path.of(options.value("home").or(() -> leading).orElseGet(CommandLine::defaultHome)));
    }

    /** A question to a home that is not there is a slip of the pen, and must not make one. */
    static Home existingHome(Options options, Optional<String> leading) {
        Home home = home(options, leading);
        if (!Files.exists(home.operatorToken())) {
            throw new Problem(InstallProblem.NO_INSTALLATION, "home", home.toString());
        }
        return home;
    }

    static String defaultHome() {
        return System.getProperty("qiantang.home", "var");
    }

    static String number(JsonNode node) {
        return node.isNumber() ? String.format(Locale.ROOT, "%,d", node.asLong()) : node.asString("");
    }

    private String message(Exception e) {
        if (e instanceof UncheckedIOException wrapped && wrapped.getCause() instanceof FileSystemException file) {
            return message(file);
        }
        switch (e) {
            case NoSuchFileException missing -> {
                return texts.of(
                        "没有文件或文件夹 " + missing.getFile() + "。", "There is no file or folder " + missing.getFile() + ".");
            }
            case AccessDeniedException closed -> {
                return texts.of(
                        "无权读取 " + closed.getFile() + "。", "Cannot read " + closed.getFile() + ": permission denied.");
            }
            default -> {}
        }
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String own = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        String deepest = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return own.contains(deepest) ? own : own + ": " + deepest;
    }

    /** The columns' heads in the reader's language. */
    private record Columns(Texts texts) {
        private static final Map<String, String> CHINESE = Map.ofEntries(
                Map.entry("table", "表"),
                Map.entry("matched", "匹配"),
                Map.entry("source", "来源行数"),
                Map.entry("landed", "入湖行数"),
                Map.entry("rejected", "拒收"),
                Map.entry("state", "状态"),
                Map.entry("reason", "原因"),
                Map.entry("name", "名称"),
                Map.entry("title", "标题"),
                Map.entry("department", "部门"),
                Map.entry("kind", "类型"),
                Map.entry("tables", "表"),
                Map.entry("rows", "行"),
                Map.entry("lastRun", "最近归集"),
                Map.entry("location", "位置"),
                Map.entry("completeness", "完整性"),
                Map.entry("asOf", "截至"),
                Map.entry("level", "级别"),
                Map.entry("comment", "说明"));
        private static final Map<String, String> ENGLISH = Map.of("lastRun", "last run", "asOf", "as of");

        String of(String key) {
            return texts == Texts.CHINESE ? CHINESE.getOrDefault(key, key) : ENGLISH.getOrDefault(key, key);
        }
    }

    /**
     * Where a source is, taken apart so that a password in a URL is neither kept with it nor shown.
     *
     * @param hint the words a name can be made from
     */
    private record Location(String text, String hint, Optional<String> user, Optional<String> password) {
        private static final Pattern REMOTE = Pattern.compile("(?i)^(sftp|webdavs?|s3|https?|platform\\+https?)://");
        private static final Pattern ACCOUNT = Pattern.compile("^(?:[A-Za-z0-9+]+)://([^/@:]*)(?::([^/@]*))?@");

        private static String withoutAccount(String argument) {
            return ACCOUNT.matcher(argument).find() ? argument.replaceFirst("://[^/@]*@", "://") : argument;
        }

        private static Optional<String> account(String argument, int part) {
            Matcher matcher = ACCOUNT.matcher(argument);
            return matcher.find()
                    ? Optional.ofNullable(matcher.group(part)).map(text -> URLDecoder.decode(text, UTF_8))
                    : Optional.empty();
        }

        static Location of(String argument) {
            Optional<Location> event = EventLocation.find(withoutAccount(argument))
                    .map(stream -> new Location(
                            stream.text(),
                            switch (stream) {
                                case EventLocation.Push ignored -> "events";
                                case EventLocation.Hj212 ignored -> "instruments";
                                case EventLocation.Mqtt mqtt -> mqtt.host();
                                case EventLocation.Kafka kafka ->
                                    kafka.servers().replaceAll(":.*", "");
                            },
                            account(argument, 1),
                            account(argument, 2)));
            if (event.isPresent()) {
                return event.get();
            }
            if (REMOTE.matcher(argument).find()) {
                String plain = withoutAccount(argument);
                String path = plain.replaceFirst("[?#].*$", "").replaceFirst("/+$", "");
                return new Location(
                        plain, path.substring(path.lastIndexOf('/') + 1), account(argument, 1), account(argument, 2));
            }
            if (!argument.startsWith("jdbc:")) {
                Path path = Path.of(argument).toAbsolutePath().normalize();
                if (!Files.exists(path)) {
                    throw new UncheckedIOException(new NoSuchFileException(path.toString()));
                }
                String file = String.valueOf(path.getFileName());
                String stem = Files.isRegularFile(path) ? file.replaceFirst("\\.[^.]+$", "") : file;
                return new Location(path.toString(), stem, Optional.empty(), Optional.empty());
            }
            int question = argument.indexOf('?');
            String base = question < 0 ? argument : argument.substring(0, question);
            List<String> kept = new ArrayList<>();
            Optional<String> user = Optional.empty();
            Optional<String> password = Optional.empty();
            for (String pair : question < 0
                    ? new String[0]
                    : argument.substring(question + 1).split("&")) {
                if (pair.startsWith("user=")) {
                    user = Optional.of(URLDecoder.decode(pair.substring(5), UTF_8));
                } else if (pair.startsWith("password=")) {
                    password = Optional.of(URLDecoder.decode(pair.substring(9), UTF_8));
                } else if (!pair.isEmpty()) {
                    kept.add(pair);
                }
            }
            String path = Optional.ofNullable(
                            URI.create(base.substring("jdbc:".length()).replace(' ', '_'))
                                    .getPath())
                    .orElse("");
            return new Location(
                    base + (kept.isEmpty() ? "" : "?" + String.join("&", kept)),
                    URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1), UTF_8),
                    user,
                    password);
        }
    }
}
