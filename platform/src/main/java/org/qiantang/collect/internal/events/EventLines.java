package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
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

    /** How something has to be read, the first time and again. */
    public enum Form {
        /** Newline-delimited JSON: each line is an event, blank lines are nothing. */
        LINES,
        /** One JSON document: an object is one event, an array holds one event an element. */
        DOCUMENT,
        /** What a broker brought as one message: a document, or lines. An empty one is none of both, and said to be so. */
        MESSAGE,
        /** A packet of HJ 212, which {@link Hj212Packet} takes apart. */
        PACKET,
    }

    /**
     * Something that is no event.
     *
     * @param line from 1 on; in a JSON array the number of the element
     * @param raw the text as it came, shortened when it is very long
     * @param form how it was read; an element of an array is read like a line
     * @param exact the bytes in Base64 where {@code raw} does not say them all; empty when even they are too many, null when it does
     */
    public record Bad(
            int line,
            CollectProblem code,
            String reason,
            String raw,
            Form form,
            @Nullable String exact) {}

    /** @param otherwise how a line is read that is no UTF-8 */
    public static EventLines of(Form form, byte[] body, Charset otherwise) {
        byte[] utf8 = otherwise.equals(UTF_8) || isWellFormed(body) ? body : utf8(body, otherwise);
        return switch (form) {
            case LINES -> ofLines(utf8);
            case DOCUMENT -> ofDocument(utf8);
            case MESSAGE -> ofMessage(utf8);
            case PACKET -> throw new IllegalArgumentException("A packet is no JSON");
        };
    }

    /** Line by line, for what a device says and what a gateway adds may differ; what is neither stays as it is, and is refused. */
    private static byte[] utf8(byte[] body, Charset otherwise) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(body.length + body.length / 2);
        for (int from = 0; from < body.length; ) {
            int to = from;
            while (to < body.length && body[to] != '\n') {
                to++;
            }
            to = Math.min(to + 1, body.length);
            byte[] line = Arrays.copyOfRange(body, from, to);
            if (!isWellFormed(line)) {
                try {
                    CharBuffer text = otherwise
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(line));
                    line = text.toString().getBytes(UTF_8);
                } catch (CharacterCodingException neither) {
                    // said when the line is checked
                }
            }
            all.writeBytes(line);
            from = to;
        }
        return all.toByteArray();
    }

    static EventLines ofLines(byte[] body) {
        if (isWellFormed(body)) {
            return ofLines(body, false);
        }
        return ofLines(body, true);
    }

    static EventLines ofDocument(byte[] body) {
        int start = skipBlank(body, 0, body.length);
        if (start == body.length) {
            return new EventLines(new byte[0], 0, List.of());
        }
        if (body[start] == '[' && isWellFormed(body)) {
            return ofArray(body);
        }
        Bad why = check(body, 0, body.length, 1, true, Form.DOCUMENT);
        return why == null
                ? new EventLines(oneLine(body, 0, body.length), 1, List.of())
                : new EventLines(new byte[0], 0, List.of(why));
    }

    /** An event is one line in the log; a line break within a JSON document is nothing but white space. */
    private static byte[] oneLine(byte[] body, int from, int to) {
        byte[] line = Arrays.copyOfRange(body, from, to);
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                line[i] = ' ';
            }
        }
        return line;
    }

    private static EventLines ofMessage(byte[] payload) {
        EventLines document = ofDocument(payload);
        if (document.count() > 0) {
            return document;
        }
        EventLines lines = ofLines(payload);
        if (lines.count() > 0) {
            return lines;
        }
        List<Bad> bad = document.bad().isEmpty()
                ? List.of(bad(CollectProblem.EVENT_NOT_JSON, "the message is empty", payload, 0, 0, 1, Form.MESSAGE))
                : document.bad().stream()
                        .map(each -> new Bad(
                                each.line,
                                each.code,
                                each.reason,
                                each.raw,
                                each.form == Form.DOCUMENT ? Form.MESSAGE : each.form,
                                each.exact))
                        .toList();
        return new EventLines(new byte[0], 0, bad);
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
                Bad why = check(body, from, to, number, checkText, Form.LINES);
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
                    bad.add(bad(CollectProblem.EVENT_NOT_AN_OBJECT, kind(token), body, from, to, number, Form.LINES));
                } else if (to - from > LONGEST) {
                    bad.add(tooLong(body, from, to, number, Form.LINES));
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
                new byte[0],
                0,
                List.of(bad(CollectProblem.EVENT_NOT_JSON, reason, body, 0, body.length, 1, Form.DOCUMENT)));
    }

    private static @Nullable Bad check(byte[] body, int from, int to, int number, boolean checkText, Form form) {
        if (to - from > LONGEST) {
            return tooLong(body, from, to, number, form);
        }
        if (checkText && !isWellFormed(Arrays.copyOfRange(body, from, to))) {
            return bad(CollectProblem.EVENT_NOT_JSON, "the text is not valid UTF-8", body, from, to, number, form);
        }
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), body, from, to - from)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                return bad(CollectProblem.EVENT_NOT_JSON, "the line is empty", body, from, to, number, form);
            }
            in.skipChildren();
            if (in.currentToken() == null) {
                return bad(CollectProblem.EVENT_NOT_JSON, "the line ends too early", body, from, to, number, form);
            }
            if (first != JsonToken.START_OBJECT) {
                in.finishToken();
                return bad(CollectProblem.EVENT_NOT_AN_OBJECT, kind(first), body, from, to, number, form);
            }
            if (in.nextToken() != null) {
                return bad(CollectProblem.EVENT_NOT_JSON, "something follows the object", body, from, to, number, form);
            }
            return null;
        } catch (JacksonException e) {
            return bad(CollectProblem.EVENT_NOT_JSON, e.getOriginalMessage(), body, from, to, number, form);
        }
    }

    private static Bad tooLong(byte[] body, int from, int to, int number, Form form) {
        return bad(
                CollectProblem.EVENT_TOO_LONG,
                (to - from) + " bytes; " + LONGEST + " are the limit",
                body,
                from,
                to,
                number,
                form);
    }

    private static Bad bad(CollectProblem code, String reason, byte[] body, int from, int to, int number, Form form) {
        byte[] exact = Arrays.copyOfRange(body, from, to);
        String raw = raw(body, from, to);
        boolean isWhole = exact.length <= SHOWN_RAW && Arrays.equals(raw.getBytes(UTF_8), exact);
        return new Bad(
                number,
                code,
                reason,
                raw,
                form,
                isWhole
                        ? null
                        : exact.length > LONGEST ? "" : Base64.getEncoder().encodeToString(exact));
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
