package org.qiantang.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.qiantang.app.cli.Options.UsageException;
import tools.jackson.databind.JsonNode;

/** Counts, gives out and replays what a source gave that could not be taken. */
final class RejectsCommand {
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
                JsonNode run = line.follow(hub, hub.replayRejects(id, table, code), name);
                return line.report(run, name, options.has("json"));
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
