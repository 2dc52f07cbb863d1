package org.qiantang.app.cli;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.qiantang.app.cli.Options.UsageException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds the lake against a source and says what differs. */
final class VerifyCommand {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Set<String> OPEN = Set.of("QUEUED", "RUNNING", "CANCELLING");
    private static final int LISTED = 20;

    private final CommandLine line;
    private final PrintStream out;
    private final PrintStream err;
    private final Texts texts;

    VerifyCommand(CommandLine line, PrintStream out, PrintStream err, Texts texts) {
        this.line = line;
        this.out = out;
        this.err = err;
        this.texts = texts;
    }

    int run(List<String> words, Optional<String> leadingHome) {
        Options options = Options.parse(words, Set.of("home", "table"), Set.of("values", "look", "json"));
        String name = options.words("NAME").getFirst();
        List<String> tables = options.value("table")
                .map(given -> Arrays.stream(given.split(","))
                        .map(String::strip)
                        .filter(table -> !table.isEmpty())
                        .toList())
                .orElse(List.of());
        if (options.value("table").isPresent() && tables.isEmpty()) {
            throw new UsageException("--table names one table or several, separated by commas.");
        }
        try (HubSession session = HubSession.open(CommandLine.existingHome(options, leadingHome), texts, err)) {
            HubClient hub = session.client();
            Optional<JsonNode> source = hub.findSource(name);
            if (source.isEmpty()) {
                err.println(texts.of("没有名为 " + name + " 的来源。", "There is no source named " + name + "."));
                return CommandLine.ERROR;
            }
            String id = hub.startVerification(
                            source.get().path("id").asString(""),
                            Map.of(
                                    "values",
                                    options.has("values"),
                                    "aim",
                                    options.has("look") ? "LOOK" : "REPAIR",
                                    "tables",
                                    tables))
                    .path("id")
                    .asString("");
            JsonNode verification = HubClient.await(() -> hub.getVerification(id), node -> !OPEN.contains(state(node)));
            if (verification.path("totals").path("toBeCollected").asInt(0) > 0) {
                verification = HubClient.await(
                        () -> hub.getVerification(id),
                        node -> node.path("repairRun").isString());
                line.follow(hub, hub.getRun(verification.path("repairRun").asString("")), name);
            }
            if (options.has("json")) {
                out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(verification));
            } else {
                print(verification);
            }
            JsonNode message = verification.path("message");
            if (message.isObject()) {
                err.println(texts.of(
                        message.path("zh").asString(""), message.path("en").asString("")));
            }
            return switch (state(verification)) {
                case "EQUAL" -> CommandLine.COMPLETE;
                case "DIFFERENT" -> CommandLine.INCOMPLETE;
                default -> CommandLine.ERROR;
            };
        }
    }

    private static String state(JsonNode verification) {
        return verification.path("state").asString("");
    }

    private void print(JsonNode verification) {
        TextTable table = new TextTable(List.of(
                texts.of("表", "table"),
                texts.of("结果", "state"),
                ">" + texts.of("来源行数", "source"),
                ">" + texts.of("湖中行数", "lake"),
                ">" + texts.of("缺", "missing"),
                ">" + texts.of("多", "extra"),
                ">" + texts.of("不同", "different"),
                texts.of("处理", "repair"),
                texts.of("原因", "reason")));
        for (JsonNode each : verification.path("tables")) {
            table.add(List.of(
                    each.path("object").asString(""),
                    each.path("state").asString(""),
                    CommandLine.number(each.path("rowsAtSource")),
                    CommandLine.number(each.path("rowsInLake")),
                    CommandLine.number(each.path("missing")),
                    CommandLine.number(each.path("extra")),
                    CommandLine.number(each.path("different")),
                    each.path("repair").asString("NONE").equals("NONE")
                            ? ""
                            : each.path("repair").asString(""),
                    each.path("reasonCode").asString("")));
        }
        table.print(out);
        for (JsonNode each : verification.path("tables")) {
            rows(each);
        }
        out.println();
        JsonNode totals = verification.path("totals");
        out.println(texts.of("结论：", "Verdict: ") + state(verification).toLowerCase(Locale.ROOT) + " · "
                + CommandLine.number(totals.path("differing")) + texts.of(" 行不同 · 修复 ", " rows differ · repaired ")
                + CommandLine.number(totals.path("repaired"))
                + texts.of(" · 重新归集的表 ", " · tables collected anew ")
                + CommandLine.number(totals.path("toBeCollected"))
                + (verification.path("aim").asString("").equals("LOOK")
                        ? texts.of(" · 只查看，什么都没有改", " · only looked, nothing was changed")
                        : ""));
    }

    /** The first rows that differ; --json gives all that are listed. */
    private void rows(JsonNode table) {
        int n = 0;
        for (JsonNode row : table.path("rows")) {
            if (n++ == LISTED) {
                out.println("  …");
                return;
            }
            if (n == 1) {
                out.println();
                out.println(table.path("object").asString("") + ":");
            }
            StringBuilder text =
                    new StringBuilder("  ").append(row.path("kind").asString("").toLowerCase(Locale.ROOT));
            boolean extra = row.path("kind").asString("").equals("EXTRA");
            for (JsonNode cell : row.path("key")) {
                text.append(' ')
                        .append(cell.path("column").asString(""))
                        .append('=')
                        .append(value(cell, extra ? "lake" : "source"));
            }
            for (JsonNode cell : row.path("cells")) {
                text.append(" · ")
                        .append(cell.path("column").asString(""))
                        .append(": ")
                        .append(value(cell, "source"))
                        .append(" ≠ ")
                        .append(value(cell, "lake"));
            }
            out.println(text);
        }
    }

    private static String value(JsonNode cell, String side) {
        if (!cell.path("shown").asBoolean(false)) {
            return "***";
        }
        return cell.path(side).isString() ? cell.path(side).asString("") : "NULL";
    }
}
