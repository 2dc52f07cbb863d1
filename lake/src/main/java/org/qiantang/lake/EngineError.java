package org.qiantang.lake;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the engine says went wrong: as JSON where {@code errors_as_json} is set, else in one text.
 *
 * @param type the first words of what it is, such as {@code Binder} or {@code Out of Memory}
 * @param position the byte of the statement it is about, or -1
 */
record EngineError(String type, String words, int position) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** From here on come all the functions of that name: pages of them. */
    private static final String CANDIDATES = "\n\tCandidate functions";

    static EngineError of(SQLException e) {
        String message = e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getMessage().strip();
        // Of a statement that is prepared the kind stands before the JSON once more.
        String said = message.replaceFirst("^[A-Za-z ]+: (?=\\{)", "");
        if (said.startsWith("{")) {
            try {
                JsonNode error = JSON.readTree(said);
                String words = error.path("exception_message").asString("");
                int end = words.indexOf(CANDIDATES);
                return new EngineError(
                        error.path("exception_type").asString(""),
                        (end < 0 ? words : words.substring(0, end)).strip(),
                        error.path("position").asInt(-1));
            } catch (JacksonException notJson) {
                return new EngineError(message, message, -1);
            }
        }
        return new EngineError(message, message, -1);
    }

    LakeException.Kind kind() {
        Optional<DiskFault> fault = DiskFault.ofWriting(words);
        if (fault.isPresent()) {
            return fault.get().kind();
        }
        String kind = type.toLowerCase(Locale.ROOT);
        if (kind.startsWith("out of memory")) {
            return LakeException.Kind.OUT_OF_MEMORY;
        } else if (kind.startsWith("interrupt")) {
            return LakeException.Kind.CANCELLED;
        } else if (kind.startsWith("io")) {
            return LakeException.Kind.STORAGE;
        }
        return LakeException.Kind.BAD_STATEMENT;
    }

    /** Which character of a text a byte of it belongs to. */
    static int character(String text, int position) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return position < 0 || position > bytes.length
                ? -1
                : new String(bytes, 0, position, StandardCharsets.UTF_8).length();
    }
}
