package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * What somebody sent, taken apart into events that can be kept and lines that are none. Checking is all that happens here; what an event
 * says is looked at when it lands.
 *
 * @param events the good ones, one a line
 * @param count of the good ones
 * @param bad the others, in their order
 */
public record EventLines(byte[] events, int count, List<Bad> bad) {
    /** The longest event. */
    public static final int LONGEST = 1 << 20;

    static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxStringLength(LONGEST)
                    .maxNumberLength(1_000)
                    .build())
            .build();

    private static final int SHOWN_RAW = 64 << 10;

    public EventLines {
        bad = List.copyOf(bad);
    }

    /**
     * Something that is no event.
     *
     * @param line from 1 on; in a JSON array the number of the element
     * @param raw the text as it came, shortened when it is very long
     */
    public record Bad(int line, CollectProblem code, String reason, String raw) {}

    /** Newline-delimited JSON: each line is an event, blank lines are nothing. */
    public static EventLines ofLines(byte[] body) {
        if (isWellFormed(body)) {
            return ofLines(body, false);
        }
        return ofLines(body, true);
    }

    /** One JSON document: an object is one event, an array holds one event an element. */
    public static EventLines ofDocument(byte[] body) {
        int start = skipBlank(body, 0, body.length);
        if (start == body.length) {
            return new EventLines(new byte[0], 0, List.of());
        }
        if (body[start] == '[' && isWellFormed(body)) {
            return ofArray(body);
        }
        Bad why = check(body, 0, body.length, 1, true);
        return why == null
                ? new EventLines(oneLine(body, 0, body.length), 1, List.of())
                : new EventLines(new byte[0], 0, List.of(why));
    }

    /** An event is one line in the log; a line break within a JSON document is nothing but white space. */
    private static byte[] oneLine(byte[] body, int from, int to) {
        byte[] line = java.util.Arrays.copyOfRange(body, from, to);
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                line[i] = ' ';
            }
        }
        return line;
    }

    /** What a broker brought as one message: a document, or lines. An empty message is none of both, and said to be so. */
    public static EventLines ofMessage(byte[] payload) {
        EventLines document = ofDocument(payload);
        if (document.count() > 0) {
            return document;
        }
        EventLines lines = ofLines(payload);
        if (lines.count() > 0) {
            return lines;
        }
        return document.bad().isEmpty()
                ? new EventLines(
                        new byte[0], 0, List.of(new Bad(1, CollectProblem.EVENT_NOT_JSON, "the message is empty", "")))
                : document;
    }

    private static EventLines ofLines(byte[] body, boolean checkText) {
        List<Bad> bad = new ArrayList<>();
        int count = 0;
        int number = 0;
        int kept = 0;
        @Nullable ByteArrayOutputStream good = null;
        for (int from = 0; from < body.length; ) {
            int to = from;
            while (to < body.length && body[to] != '\n') {
                to++;
            }
            number++;
            int next = Math.min(to + 1, body.length);
            if (skipBlank(body, from, to) == to) {
                // nothing is no event, and no mistake either
            } else {
                Bad why = check(body, from, to, number, checkText);
                if (why == null) {
                    count++;
                } else {
                    bad.add(why);
                    good = good == null ? new ByteArrayOutputStream(body.length) : good;
                    good.write(body, kept, from - kept);
                    kept = next;
                }
            }
            from = next;
        }
        if (good == null) {
            return new EventLines(body, count, bad);
        }
        good.write(body, kept, body.length - kept);
        return new EventLines(good.toByteArray(), count, bad);
    }

    private static EventLines ofArray(byte[] body) {
        ByteArrayOutputStream good = new ByteArrayOutputStream(body.length);
        List<Bad> bad = new ArrayList<>();
        int count = 0;
        int number = 0;
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), body)) {
            in.nextToken();
            for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
                number++;
                int from = Math.toIntExact(in.currentTokenLocation().getByteOffset());
                in.skipChildren();
                in.finishToken();
                int to = Math.toIntExact(in.currentLocation().getByteOffset());
                if (token != JsonToken.START_OBJECT) {
                    bad.add(new Bad(number, CollectProblem.EVENT_NOT_AN_OBJECT, kind(token), raw(body, from, to)));
                } else if (to - from > LONGEST) {
                    bad.add(tooLong(body, from, to, number));
                } else {
                    good.writeBytes(oneLine(body, from, to));
                    good.write('\n');
                    count++;
                }
            }
            if (in.nextToken() != null) {
                return notJson(body, "something follows the array");
            }
        } catch (JacksonException e) {
            // A document is taken whole or not at all: nobody can say where its next element would begin.
            return notJson(body, e.getOriginalMessage());
        }
        return new EventLines(good.toByteArray(), count, bad);
    }

    private static EventLines notJson(byte[] body, String reason) {
        return new EventLines(
                new byte[0], 0, List.of(new Bad(1, CollectProblem.EVENT_NOT_JSON, reason, raw(body, 0, body.length))));
    }

    private static @Nullable Bad check(byte[] body, int from, int to, int number, boolean checkText) {
        if (to - from > LONGEST) {
            return tooLong(body, from, to, number);
        }
        if (checkText && !isWellFormed(java.util.Arrays.copyOfRange(body, from, to))) {
            return new Bad(number, CollectProblem.EVENT_NOT_JSON, "the text is not valid UTF-8", raw(body, from, to));
        }
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), body, from, to - from)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                return new Bad(number, CollectProblem.EVENT_NOT_JSON, "the line is empty", raw(body, from, to));
            }
            in.skipChildren();
            if (in.currentToken() == null) {
                return new Bad(number, CollectProblem.EVENT_NOT_JSON, "the line ends too early", raw(body, from, to));
            }
            if (first != JsonToken.START_OBJECT) {
                in.finishToken();
                return new Bad(number, CollectProblem.EVENT_NOT_AN_OBJECT, kind(first), raw(body, from, to));
            }
            if (in.nextToken() != null) {
                return new Bad(
                        number, CollectProblem.EVENT_NOT_JSON, "something follows the object", raw(body, from, to));
            }
            return null;
        } catch (JacksonException e) {
            return new Bad(number, CollectProblem.EVENT_NOT_JSON, e.getOriginalMessage(), raw(body, from, to));
        }
    }

    private static Bad tooLong(byte[] body, int from, int to, int number) {
        return new Bad(
                number,
                CollectProblem.EVENT_TOO_LONG,
                (to - from) + " bytes; " + LONGEST + " are the limit",
                raw(body, from, to));
    }

    private static String kind(@Nullable JsonToken token) {
        return token == null
                ? "nothing"
                : token.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    /** The text with what is no UTF-8 replaced; whoever looks at a reject wants to read it. */
    private static String raw(byte[] body, int from, int to) {
        return new String(body, from, Math.min(to - from, SHOWN_RAW), UTF_8);
    }

    private static int skipBlank(byte[] body, int from, int to) {
        int at = from;
        while (at < to && (body[at] == ' ' || body[at] == '\t' || body[at] == '\r' || body[at] == '\n')) {
            at++;
        }
        return at;
    }

    /** Whether the bytes are UTF-8; almost all events are plain ASCII and cost one look. */
    static boolean isWellFormed(byte[] bytes) {
        int i = 0;
        while (i < bytes.length && bytes[i] >= 0) {
            i++;
        }
        if (i == bytes.length) {
            return true;
        }
        CharsetDecoder decoder = UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try {
            decoder.decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
