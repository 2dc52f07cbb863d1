package org.qiantang.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.qiantang.app.cli.Options.UsageException;
import tools.jackson.databind.JsonNode;

/** Lists, keeps, shows and runs the mappings that make the city's own tables. */
final class MappingCommand {
    private final PrintStream out;
    private final PrintStream err;
    private final Texts texts;

    MappingCommand(PrintStream out, PrintStream err, Texts texts) {
        this.out = out;
        this.err = err;
        this.texts = texts;
    }

    int run(List<String> words, Optional<String> leadingHome) throws IOException {
        boolean plain = words.isEmpty() || words.getFirst().startsWith("--");
        String act = plain ? "list" : words.getFirst();
        if (!Set.of("list", "apply", "show", "run").contains(act)) {
            throw new UsageException("mapping list, apply, show or run, not " + act + ".");
        }
        Options options = Options.parse(plain ? words : words.subList(1, words.size()), Set.of("home"), Set.of());
        List<String> named = switch (act) {
            case "apply" -> options.manyWords("FILE");
            case "list" -> options.words();
            default -> options.words("TABLE");
        };
        try (HubSession session = HubSession.open(CommandLine.existingHome(options, leadingHome), texts, err)) {
            HubClient hub = session.client();
            return switch (act) {
                case "apply" -> apply(hub, named);
                case "show" -> show(hub, named.getFirst());
                case "run" -> {
                    hub.runMapping(named.getFirst());
                    yield report(hub.awaitMapping(named.getFirst()));
                }
                default -> list(hub);
            };
        }
    }

    /** One after the other, for what is made first may be what the next is made of. */
    private int apply(HubClient hub, List<String> files) throws IOException {
        for (String file : files) {
            String table = hub.applyMapping(Files.readString(Path.of(file)))
                    .path("state")
                    .path("table")
                    .asString("");
            int status = report(hub.awaitMapping(table));
            if (status != CommandLine.COMPLETE) {
                return status;
            }
        }
        return CommandLine.COMPLETE;
    }

    private int report(JsonNode whole) {
        JsonNode state = whole.path("state");
        JsonNode last = state.path("last");
        String table = state.path("table").asString("");
        if (state.path("state").asString("").equals("FAILED")) {
            err.println(texts.of(
                    last.path("messageZh").asString(""), last.path("messageEn").asString("")));
            return CommandLine.ERROR;
        }
        out.println(texts.of("%s 第 %d 版：%,d 行，写入 %,d，移出 %,d。", "%s version %d: %,d rows, %,d written, %,d removed.")
                .formatted(
                        table,
                        state.path("version").asInt(0),
                        last.path("rows").asLong(0),
                        last.path("added").asLong(0),
                        last.path("removed").asLong(0)));
        return CommandLine.COMPLETE;
    }

    private int show(HubClient hub, String table) {
        out.println(hub.getMapping(table)
                .path("versions")
                .path(0)
                .path("text")
                .asString("")
                .stripTrailing());
        return CommandLine.COMPLETE;
    }

    private int list(HubClient hub) {
        TextTable table = new TextTable(List.of("table", ">version", "state", ">rows", "title"));
        for (JsonNode mapping : hub.listMappings()) {
            JsonNode rows = mapping.path("last").path("rows");
            table.add(List.of(
                    mapping.path("table").asString(""),
                    mapping.path("version").asString(""),
                    mapping.path("state").asString(""),
                    rows.isNumber() ? "%,d".formatted(rows.asLong()) : "",
                    texts.of(
                            mapping.path("title").asString(""),
                            mapping.path("titleEn")
                                    .asString(mapping.path("title").asString("")))));
        }
        table.print(out);
        return CommandLine.COMPLETE;
    }
}
