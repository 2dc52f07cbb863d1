package org.qiantang.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.qiantang.app.cli.Options.UsageException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Counts, gives out and replays what a source gave that could not be taken. */
final class RejectsCommand {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final CommandLine line;
    private final PrintStream out;
    private final PrintStream err;
    private final Texts texts;

    RejectsCommand(CommandLine line, PrintStream out, PrintStream err, Texts texts) {
        this.line = line;
        this.out = out;
        this.err = err;
        this.texts = texts;
    }

    int run(List<String> words, Optional<String> leadingHome) throws IOException {
        boolean replay = !words.isEmpty() && words.getFirst().equals("replay");
        Options options = replay
                ? Options.parse(words.subList(1, words.size()), Set.of("home", "table", "code"), Set.of("json"))
                : Options.parse(words, Set.of("home", "table", "code", "format"), Set.of());
        String name = options.words("NAME").getFirst();
        Optional<String> format = options.value("format");
        if (format.isPresent() && !Set.of("csv", "ndjson").contains(format.get())) {
            throw new UsageException("--format is csv or ndjson, not " + format.get() + ".");
        }
        String table = options.value("table").orElse("");
        String code = options.value("code").orElse("");
        try (HubSession session = HubSession.open(CommandLine.existingHome(options, leadingHome), texts, err)) {
            HubClient hub = session.client();
            Optional<JsonNode> source = hub.findSource(name);
            if (source.isEmpty()) {
                err.println(texts.of("没有名为 " + name + " 的来源。", "There is no source named " + name + "."));
                return CommandLine.ERROR;
            }
            String id = source.get().path("id").asString("");
            if (replay) {
                JsonNode replaying = hub.replayRejects(id, table, code);
                JsonNode messages = replaying.path("messages");
                return messages.isObject()
                        ? report(messages, options.has("json"))
                        : line.report(line.follow(hub, replaying.path("run"), name), name, options.has("json"));
            }
            if (format.isPresent()) {
                try (InputStream file = hub.exportRejects(id, table, code, format.get())) {
                    file.transferTo(out);
                }
                return CommandLine.COMPLETE;
            }
            counts(hub.countRejects(id), table, code);
            return CommandLine.COMPLETE;
        }
    }

    /** What became of messages, of which no run tells. */
    private int report(JsonNode messages, boolean json) {
        long read = messages.path("read").asLong(0);
        long taken = messages.path("taken").asLong(0);
        if (json) {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(messages));
        } else {
            out.println(texts.of(
                    "重读 " + read + " 条消息：" + taken + " 条现在是事件，几秒内入湖；" + (read - taken) + " 条仍被拒收。",
                    "Read " + read + " messages again: " + taken + " are events now, in the lake within seconds; "
                            + (read - taken) + " are still refused."));
        }
        return taken == read ? CommandLine.COMPLETE : CommandLine.INCOMPLETE;
    }

    private void counts(List<JsonNode> counts, String table, String code) {
        TextTable text = new TextTable(List.of(
                texts.of("表", "table"),
                texts.of("原因", "code"),
                ">" + texts.of("未处理", "open"),
                ">" + texts.of("已处理", "settled")));
        for (JsonNode count : counts) {
            String object = count.path("object").asString("");
            String why = count.path("code").asString("");
            if ((table.isEmpty() || table.equals(object)) && (code.isEmpty() || code.equals(why))) {
                text.add(List.of(
                        object,
                        why,
                        CommandLine.number(count.path("open")),
                        CommandLine.number(count.path("settled"))));
            }
        }
        text.print(out);
    }
}
