package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.qiantang.collect.CollectProblem;
import org.qiantang.testing.SharedData;

class EventLinesTest {
    @Test
    void goodLinesAreTakenAndBadOnesAreNamed() {
        EventLines lines = EventLines.ofLines(utf8("""
                {"device":"a","value":1}

                not json
                {"device":"b"
                [1,2]
                {"device":"c","value":"值"}
                {"device":"d"} {"device":"e"}
                {"a":1,"a":2}
                "text"
                 {"device":"f"}"""));

        assertThat(text(lines))
                .containsExactly(
                        "{\"device\":\"a\",\"value\":1}", "{\"device\":\"c\",\"value\":\"值\"}", "{\"device\":\"f\"}");
        assertThat(lines.count()).isEqualTo(3);
        assertThat(lines.bad()).extracting(EventLines.Bad::line).containsExactly(3, 4, 5, 7, 8, 9);
        assertThat(lines.bad())
                .extracting(EventLines.Bad::code)
                .containsExactly(
                        CollectProblem.EVENT_NOT_JSON,
                        CollectProblem.EVENT_NOT_JSON,
                        CollectProblem.EVENT_NOT_AN_OBJECT,
                        CollectProblem.EVENT_NOT_JSON,
                        CollectProblem.EVENT_NOT_JSON,
                        CollectProblem.EVENT_NOT_AN_OBJECT);
        assertThat(lines.bad().getFirst().raw()).isEqualTo("not json");
        assertThat(lines.bad()).allSatisfy(bad -> assertThat(bad.reason()).isNotBlank());
    }

    @Test
    void whatIsNoUtf8IsNoEvent() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(utf8("{\"ok\":\"钱塘\"}\n{\"bad\":\""));
        body.write(0xC0);
        body.write(0x80);
        body.writeBytes(utf8("\"}\n{\"ok\":2}\n"));

        EventLines lines = EventLines.ofLines(body.toByteArray());

        assertThat(text(lines)).containsExactly("{\"ok\":\"钱塘\"}", "{\"ok\":2}");
        assertThat(lines.bad()).extracting(EventLines.Bad::line).containsExactly(2);
    }

    @Test
    void aLineThatIsNoUtf8IsReadAsTheStreamSaysAndOthersStayWhatTheyAre() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(utf8("{\"a\":\"钱塘\"}\n"));
        body.writeBytes("{\"b\":\"污染\"}\n".getBytes(Charset.forName("GBK")));
        body.writeBytes(new byte[] {'"', (byte) 0xFF, '"', '\n'});

        EventLines strict = EventLines.of(EventLines.Form.LINES, body.toByteArray(), UTF_8);
        EventLines lines = EventLines.of(EventLines.Form.LINES, body.toByteArray(), Charset.forName("GB18030"));

        assertThat(text(strict)).containsExactly("{\"a\":\"钱塘\"}");
        assertThat(text(lines)).containsExactly("{\"a\":\"钱塘\"}", "{\"b\":\"污染\"}");
        assertThat(lines.bad()).extracting(EventLines.Bad::line).containsExactly(3);
    }

    @Test
    void aDocumentIsOneEventOrAnArrayOfThem() {
        assertThat(text(EventLines.ofDocument(utf8("{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n"))))
                .containsExactly("{   \"a\": 1,   \"b\": \"x\" }");
        EventLines array = EventLines.ofDocument(utf8(" [ {\"a\":1}, 7,\n {\"b\":[{}\n,{}]} , \"x\" ] "));
        assertThat(text(array)).containsExactly("{\"a\":1}", "{\"b\":[{} ,{}]}");
        assertThat(array.bad()).extracting(EventLines.Bad::line).containsExactly(2, 4);
        assertThat(array.bad()).extracting(EventLines.Bad::raw).containsExactly("7", "\"x\"");
        assertThat(EventLines.ofDocument(utf8("[{\"a\":1},")).count()).isZero();
        assertThat(EventLines.ofDocument(utf8("[{\"a\":1},")).bad()).hasSize(1);
        assertThat(EventLines.ofDocument(utf8("  ")).bad()).isEmpty();
    }

    @Test
    void depthAndLengthHaveLimits() {
        String deep = "{\"a\":".repeat(100) + "1" + "}".repeat(100);
        String numbers = "{\"a\":" + "9".repeat(5_000) + "}";
        String longEvent = "{\"a\":\"" + "x".repeat(EventLines.LONGEST) + "\"}";

        EventLines lines = EventLines.ofLines(utf8(deep + "\n" + numbers + "\n" + longEvent + "\n{}"));

        assertThat(lines.count()).isEqualTo(1);
        assertThat(lines.bad())
                .extracting(EventLines.Bad::code)
                .containsExactly(
                        CollectProblem.EVENT_NOT_JSON, CollectProblem.EVENT_NOT_JSON, CollectProblem.EVENT_TOO_LONG);
        assertThat(lines.bad().getLast().raw().length()).isLessThan(100_000);
    }

    @Test
    void aMillionBlankLinesAreNothing() {
        EventLines lines = EventLines.ofLines(utf8("\n".repeat(1_000_000) + "{}"));

        assertThat(lines.count()).isEqualTo(1);
        assertThat(lines.bad()).isEmpty();
    }

    /** Wherever JSON may stand at all, it may stand in a field of an event. */
    @TestFactory
    List<DynamicTest> jsonIsJudgedAsTheTestSuiteSays() throws IOException {
        Path folder = SharedData.folder("json-parsing").resolve("test_parsing");
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                tests.add(DynamicTest.dynamicTest(name, () -> {
                    byte[] content = Files.readAllBytes(file);
                    ByteArrayOutputStream event = new ByteArrayOutputStream();
                    event.writeBytes(utf8("{\"v\":"));
                    event.writeBytes(content);
                    event.writeBytes(utf8("}"));
                    EventLines lines = EventLines.ofDocument(event.toByteArray());
                    boolean repeats = name.contains("duplicated_key");
                    if (name.startsWith("y_") && !repeats) {
                        assertThat(lines.bad()).isEmpty();
                        assertThat(lines.count()).isEqualTo(1);
                    } else if (name.startsWith("n_") || repeats) {
                        assertThat(lines.count()).isZero();
                        assertThat(lines.bad()).hasSize(1);
                    } else {
                        assertThat(lines.count() + lines.bad().size()).isEqualTo(1);
                    }
                    EventLines alone = EventLines.ofLines(content);
                    assertThat(alone.count() + alone.bad().size()).isNotNegative();
                }));
            }
        }
        assertThat(tests).hasSizeGreaterThan(100);
        return tests;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    private static List<String> text(EventLines lines) {
        return new String(lines.events(), UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
