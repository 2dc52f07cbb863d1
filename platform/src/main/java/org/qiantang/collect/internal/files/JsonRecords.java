package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.RejectedRow;

/**
 * The records of a JSON text. A text that is not JSON throughout is refused as a whole; where each line is a record, a line that is not
 * is rejected alone.
 */
final class JsonRecords implements Records {
    private final JsonShape shape;
    private final FileBytes.Counting file;
    private final JsonScanner json;
    private final boolean dirty;
    /** The field whose kind and value are at hand; -1 for none. */
    private int looked = -1;

    private Kind kind = Kind.NULL;
    private byte[] value = {};
    private long number;
    private boolean inList;
    private boolean ended;
    private @Nullable RejectedRow fault;

    private JsonRecords(FileBytes.Counting file, InputStream utf8, JsonShape shape, boolean dirty) {
        this.file = file;
        json = new JsonScanner(utf8);
        this.shape = shape;
        this.dirty = dirty;
    }

    /** Reads the file and says what it holds; {@code lines} says that its name promises a record on each line. */
    static RecordTable table(FileBytes file, boolean lines) throws IOException {
        TextEncoding encoding = TextEncoding.detect(file::open);
        JsonShape shape;
        if (lines) {
            shape = JsonShape.lines();
        } else {
            try (JsonScanner json = new JsonScanner(encoding.toUtf8(file.open()))) {
                shape = JsonShape.of(json);
            }
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("format", "JSON");
        details.putAll(encoding.details());
        details.put("records", shape.words());
        if (!shape.around().isEmpty()) {
            details.put("around", shape.around());
        }
        return RecordTable.survey(
                file,
                () -> {
                    FileBytes.Counting raw = file.open();
                    return new JsonRecords(raw, encoding.toUtf8(raw), shape, encoding.isDirty());
                },
                details);
    }

    @Override
    public boolean next() throws IOException {
        fault = null;
        looked = -1;
        if (ended || !advance()) {
            ended = true;
            return false;
        }
        number++;
        if (fault != null) {
            return true;
        }
        if (json.isTooLong()) {
            fault = reject(CollectProblem.ROW_TOO_LONG, "more than " + JsonScanner.LONGEST + " bytes");
        } else if (dirty && !json.isUtf8()) {
            fault = reject(CollectProblem.INVALID_ENCODING, "bytes that are not UTF-8");
        }
        return true;
    }

    private boolean advance() throws IOException {
        return switch (shape.form()) {
            case LINES -> json.line() && line();
            case LIST -> element(0);
            case FIELD -> element(shape.field());
            case ONE -> {
                if (number > 0) {
                    json.requireEnd();
                    yield false;
                }
                json.value();
                yield true;
            }
        };
    }

    private boolean line() {
        if (json.isTooLong()) {
            return true;
        }
        try {
            json.value();
            json.requireEnd();
        } catch (IOException e) {
            json.wholeLine();
            fault = RecordTable.reject(
                    "line " + (json.lines() + 1),
                    CollectProblem.MALFORMED_RECORD,
                    String.valueOf(e.getMessage()),
                    json.raw());
        }
        return true;
    }

    private boolean element(int field) throws IOException {
        if (!inList) {
            inList = true;
            enter(field);
            if (!json.takes(']')) {
                json.value();
                return true;
            }
        } else if (json.takes(',')) {
            json.value();
            return true;
        } else {
            json.take(']');
        }
        leave();
        return false;
    }

    private void enter(int field) throws IOException {
        if (shape.form() == JsonShape.Form.FIELD) {
            json.take('{');
            for (int i = 0; i < field; i++) {
                JsonShape.name(json);
                json.value();
                json.take(',');
            }
            JsonShape.name(json);
        }
        json.take('[');
    }

    private void leave() throws IOException {
        if (shape.form() == JsonShape.Form.FIELD) {
            while (json.takes(',')) {
                JsonShape.name(json);
                json.value();
            }
            json.take('}');
        }
        json.requireEnd();
    }

    private RejectedRow reject(CollectProblem code, String reason) {
        return RecordTable.reject(where(), code, reason, json.raw());
    }

    @Override
    public @Nullable RejectedRow fault() {
        return fault;
    }

    @Override
    public String where() {
        return shape.form() == JsonShape.Form.LINES ? "line " + (json.lines() + 1) : "record " + number;
    }

    @Override
    public boolean isBare() {
        return json.kind() != '{';
    }

    @Override
    public int fields() {
        return json.fields();
    }

    @Override
    public String name(int field) {
        return json.name(field);
    }

    @Override
    public boolean isName(int field, byte[] utf8) {
        return json.isName(field, utf8);
    }

    @Override
    public Kind kind(int field) {
        look(field);
        return kind;
    }

    @Override
    public byte[] value(int field) {
        look(field);
        return value;
    }

    private void look(int field) {
        if (looked == field) {
            return;
        }
        looked = field;
        value = isBare() ? json.raw() : json.fieldRaw(field);
        kind = switch (value[0]) {
            case '"' -> Kind.TEXT;
            case '{', '[' -> Kind.NESTED;
            case 't', 'f' -> Kind.BOOL;
            case 'n' -> Kind.NULL;
            default -> Kind.NUMBER;
        };
        if (kind == Kind.TEXT) {
            byte[] text = JsonScanner.textOf(value);
            kind = text == null ? Kind.BROKEN : Kind.TEXT;
            value = text == null ? value : text;
        }
    }

    @Override
    public byte[] raw() {
        return json.raw();
    }

    @Override
    public long bytesRead() {
        return file.count();
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
