package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.EventSettings;
import org.qiantang.lake.Batch;
import org.qiantang.lake.LakeType;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** Reads the events of one stream: first for what they are, then, when it is known that they are new, for what they say. */
final class EventReader {
    /** More digits than this may not survive as floating point. */
    private static final int SAFE_DIGITS = 15;

    private final EventSettings settings;
    private final EventColumns columns;
    private final MessageDigest digest;
    private boolean[] isSet = new boolean[0];

    // What the last event was found to be.
    private String device = "";
    private long time;
    private long most;
    private long least;

    EventReader(EventSettings settings, EventColumns columns) {
        this.settings = settings;
        this.columns = columns;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Looks at an event: whose it is, when it happened, what it is known by, and which columns it needs. */
    void look(EventRecord record, int from, int to) {
        byte[] content = record.content();
        int deviceRank = Integer.MAX_VALUE;
        int timeRank = Integer.MAX_VALUE;
        device = record.device();
        time = EventTime.NONE;
        boolean parts = !settings.ignored().isEmpty();
        try (JsonParser in = EventLines.JSON.createParser(ObjectReadContext.empty(), content, from, to - from)) {
            in.nextToken();
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String field = in.currentName();
                JsonToken token = in.nextToken();
                int rank = settings.device().indexOf(field);
                if (rank >= 0 && rank < deviceRank && token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                    deviceRank = rank;
                    device = in.getString();
                }
                rank = settings.time().indexOf(field);
                if (rank >= 0 && rank < timeRank) {
                    long micros = time(in, token);
                    if (micros != EventTime.NONE) {
                        timeRank = rank;
                        time = micros;
                    }
                }
                if (columns.position(field) < 0) {
                    learn(in, field, token);
                }
                if (parts && !settings.ignored().contains(field)) {
                    digest.update(field.getBytes(UTF_8));
                    digest.update((byte) 0);
                    digest.update(raw(in, content, from));
                    digest.update((byte) 0);
                } else {
                    in.skipChildren();
                }
            }
        }
        if (!parts) {
            digest.update(content, from, to - from);
        }
        digest.update((byte) '\n');
        digest.update(device.getBytes(UTF_8));
        ByteBuffer id = ByteBuffer.wrap(digest.digest());
        most = id.getLong();
        least = id.getLong();
    }

    String device() {
        return device;
    }

    long time() {
        return time;
    }

    long most() {
        return most;
    }

    long least() {
        return least;
    }

    private static long time(JsonParser in, JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> EventTime.micros(in.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> EventTime.micros(in.getDoubleValue());
            default -> EventTime.NONE;
        };
    }

    private void learn(JsonParser in, String field, JsonToken token) {
        switch (token) {
            case VALUE_TRUE, VALUE_FALSE -> columns.learn(field, LakeType.BOOL);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                columns.learn(field, isExact(in.getString()) ? LakeType.FLOAT64 : LakeType.TEXT);
            case VALUE_STRING, START_OBJECT, START_ARRAY -> columns.learn(field, LakeType.TEXT);
            default -> {
                // null says nothing
            }
        }
    }

    /** Whether a number is the same number as floating point. */
    private static boolean isExact(String number) {
        if (number.length() <= SAFE_DIGITS && number.indexOf('e') < 0 && number.indexOf('E') < 0) {
            return true;
        }
        double value = Double.parseDouble(number);
        return Double.isFinite(value) && new BigDecimal(Double.toString(value)).compareTo(bounded(number)) == 0;
    }

    /** A number with an exponent of a billion would take as many digits to compare. */
    private static BigDecimal bounded(String number) {
        BigDecimal exact = new BigDecimal(number);
        return Math.abs((long) exact.scale()) > 2_000 ? BigDecimal.TEN.pow(500) : exact;
    }

    /** Puts an event into a row; {@link #look} has been called for it, maybe long ago. */
    void fill(Batch batch, int row, EventRecord record, int from, int to, long time, long most, long least) {
        byte[] content = record.content();
        if (isSet.length != columns.size()) {
            isSet = new boolean[columns.size()];
        } else {
            Arrays.fill(isSet, false);
        }
        @Nullable ByteArrayOutputStream more = null;
        int deviceRank = Integer.MAX_VALUE;
        String whose = record.device();
        try (JsonParser in = EventLines.JSON.createParser(ObjectReadContext.empty(), content, from, to - from)) {
            in.nextToken();
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String field = in.currentName();
                JsonToken token = in.nextToken();
                int rank = settings.device().indexOf(field);
                if (rank >= 0 && rank < deviceRank && token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                    deviceRank = rank;
                    whose = in.getString();
                }
                int column = columns.position(field);
                if (column >= 0 && set(batch, column, row, in, token, content, from)) {
                    isSet[column] = true;
                } else if (token != JsonToken.VALUE_NULL) {
                    more = more == null ? new ByteArrayOutputStream() : more;
                    more.write(more.size() == 0 ? '{' : ',');
                    more.writeBytes(quoted(field));
                    more.write(':');
                    more.writeBytes(raw(in, content, from));
                }
            }
        }
        if (time != EventTime.NONE) {
            set(batch, EventColumns.TIME, row, time);
        }
        if (!whose.isEmpty()) {
            set(batch, EventColumns.DEVICE, row, whose.getBytes(UTF_8));
        }
        if (!record.origin().isEmpty()) {
            set(batch, columns.origin(), row, record.origin().getBytes(UTF_8));
        }
        set(batch, columns.receivedAt(), row, record.receivedAtMicros());
        if (more != null) {
            more.write('}');
            set(batch, columns.more(), row, more.toByteArray());
        }
        batch.setUuid(columns.id(), row, most, least);
        isSet[columns.id()] = true;
        for (int i = 0; i < isSet.length; i++) {
            if (!isSet[i]) {
                batch.setNull(i, row);
            }
        }
    }

    private void set(Batch batch, int column, int row, long value) {
        batch.setLong(column, row, value);
        isSet[column] = true;
    }

    private void set(Batch batch, int column, int row, byte[] utf8) {
        batch.setText(column, row, utf8);
        isSet[column] = true;
    }

    /** Returns whether the value fits its column. */
    private boolean set(Batch batch, int column, int row, JsonParser in, JsonToken token, byte[] content, int from) {
        LakeType type = columns.type(column);
        switch (token) {
            case VALUE_NULL -> {
                return false;
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                if (type instanceof LakeType.Bool) {
                    batch.setBool(column, row, token == JsonToken.VALUE_TRUE);
                    return true;
                }
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                if (type instanceof LakeType.Float64) {
                    String number = in.getString();
                    if (!isExact(number)) {
                        return false;
                    }
                    batch.setDouble(column, row, Double.parseDouble(number));
                    return true;
                }
            }
            case VALUE_STRING -> {
                if (type instanceof LakeType.Text) {
                    String text = in.getString();
                    // Half of a surrogate pair is no text; its escape in _more is.
                    if (hasLoneSurrogate(text)) {
                        return false;
                    }
                    batch.setText(column, row, text);
                    return true;
                }
                return false;
            }
            default -> {
                // objects and arrays are kept as the JSON they are
            }
        }
        if (type instanceof LakeType.Text) {
            batch.setText(column, row, raw(in, content, from));
            return true;
        }
        return false;
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /** The value's own bytes; the parser is at its end afterwards. */
    private static byte[] raw(JsonParser in, byte[] content, int from) {
        int start = Math.toIntExact(in.currentTokenLocation().getByteOffset());
        in.skipChildren();
        in.finishToken();
        int end = Math.toIntExact(in.currentLocation().getByteOffset());
        return Arrays.copyOfRange(content, from + start, from + end);
    }

    private static byte[] quoted(String field) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString().getBytes(UTF_8);
    }
}
