package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * Where the records are in a JSON text.
 *
 * @param field which of the object's fields holds them, where one does
 * @param name its name
 * @param around the object's other fields, as they are written
 */
record JsonShape(Form form, int field, String name, String around) {
    /** What is written beside the records is kept with the table up to this size; more of it is data of its own. */
    private static final int MOST_AROUND = 16 << 10;

    /** How the records are laid out. */
    enum Form {
        /** One on each line. */
        LINES,
        /** The elements of a list. */
        LIST,
        /** The elements of a list that is the only one of records in an object. */
        FIELD,
        /** The text is one record, or one value. */
        ONE,
    }

    static JsonShape lines() {
        return new JsonShape(Form.LINES, -1, "", "");
    }

    String words() {
        return switch (form) {
            case LINES -> "one record on each line";
            case LIST -> "a list of records";
            case FIELD -> "a list of records in \"" + name + "\"";
            case ONE -> "one value";
        };
    }

    /** Looks for the records in a whole text. */
    static JsonShape of(JsonScanner json) throws IOException {
        int first = json.peek();
        if (first < 0) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "it holds white space only");
        }
        if (first == '[') {
            return new JsonShape(Form.LIST, -1, "", "");
        }
        if (first != '{') {
            return new JsonShape(Form.ONE, -1, "", "");
        }
        long startLine = json.lines();
        json.take('{');
        JsonShape shape = inObject(json);
        boolean oneLine = json.lines() == startLine;
        int next = json.peek();
        if (next == '{' && oneLine && json.lines() > startLine) {
            return lines();
        }
        json.requireEnd();
        return shape;
    }

    private static JsonShape inObject(JsonScanner json) throws IOException {
        StringBuilder around = new StringBuilder();
        int lists = 0;
        int listAt = -1;
        String listName = "";
        int field = 0;
        boolean more = !json.takes('}');
        while (more) {
            String name = name(json);
            StringBuilder value = new StringBuilder();
            if (list(json, value)) {
                lists++;
                listAt = field;
                byte[] text = JsonScanner.textOf(name.getBytes(StandardCharsets.UTF_8));
                listName = text == null ? name : new String(text, StandardCharsets.UTF_8);
            } else if (around.length() <= MOST_AROUND) {
                around.append(around.isEmpty() ? "" : ",")
                        .append(name)
                        .append(':')
                        .append(value);
            }
            field++;
            more = json.takes(',');
            if (!more) {
                json.take('}');
            }
        }
        return lists == 1 && around.length() <= MOST_AROUND
                ? new JsonShape(Form.FIELD, listAt, listName, around.isEmpty() ? "" : "{" + around + "}")
                : new JsonShape(Form.ONE, -1, "", "");
    }

    /** A field's name as it is written, and the colon after it. */
    static String name(JsonScanner json) throws IOException {
        if (json.peek() != '"') {
            throw json.malformed("the name of a field is missing");
        }
        json.value();
        String name = new String(json.raw(), StandardCharsets.UTF_8);
        json.take(':');
        return name;
    }

    /** Reads a value and says whether it is a list of records; {@code text} gets what is written, as far as it is short. */
    private static boolean list(JsonScanner json, StringBuilder text) throws IOException {
        if (json.peek() != '[') {
            json.value();
            append(text, json);
            return false;
        }
        json.take('[');
        text.append('[');
        boolean records = true;
        boolean more = !json.takes(']');
        boolean any = more;
        while (more) {
            json.value();
            records &= json.kind() == '{';
            append(text, json);
            more = json.takes(',');
            text.append(more ? "," : "");
            if (!more) {
                json.take(']');
            }
        }
        text.append(']');
        return any && records;
    }

    private static void append(StringBuilder text, JsonScanner json) {
        if (text.length() <= MOST_AROUND) {
            byte[] raw = json.raw();
            text.append(new String(raw, 0, Math.min(raw.length, 2 * MOST_AROUND), StandardCharsets.UTF_8));
        } else {
            text.setLength(MOST_AROUND + 1);
        }
    }
}
