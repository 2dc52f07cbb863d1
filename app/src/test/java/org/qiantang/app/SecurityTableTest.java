package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/security.md says of every requirement where it stands, and names nothing that is not there. */
class SecurityTableTest {
    private static final Path ROOT = ErrorsDocumentTest.repository();
    private static final Pattern ROW =
            Pattern.compile("\\| v(\\d+\\.\\d+\\.\\d+) \\| ([12]) \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*(?:Test|Tests|IT))\\.(\\w+)`");
    private static final Pattern SCRIPT = Pattern.compile("`(\\w[\\w-]*\\.test\\.ts)`");
    private static final Pattern LINK = Pattern.compile("\\[[^]]+]\\(([^)#]*)(?:#([^)]+))?\\)");

    /** What may be said of a requirement. */
    private enum Standing {
        TESTED("tested"),
        WRITTEN("written"),
        BY_CONSTRUCTION("by construction"),
        OUTSIDE("outside"),
        DOES_NOT_APPLY("does not apply"),
        FALLS_SHORT("**falls short**");

        private final String words;

        Standing(String words) {
            this.words = words;
        }
    }

    private record Row(String id, int level, Standing standing, String why) {}

    private static String text;
    private static List<Row> rows;

    @BeforeAll
    static void read() throws IOException {
        text = Files.readString(ROOT.resolve("docs/security.md"));
        rows = new ArrayList<>();
        for (String line : text.lines().filter(each -> each.startsWith("| v")).toList()) {
            Matcher row = ROW.matcher(line);
            assertThat(row.matches()).as(line).isTrue();
            Standing standing = Arrays.stream(Standing.values())
                    .filter(each -> each.words.equals(row.group(4)))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(line));
            rows.add(new Row("v" + row.group(1), Integer.parseInt(row.group(2)), standing, row.group(5)));
        }
    }

    @Test
    void everyRequirementOfBothLevelsIsThereOnce() throws IOException {
        Map<String, Integer> wanted = new LinkedHashMap<>();
        try (InputStream list = SecurityTableTest.class.getResourceAsStream("asvs-5.0.0.txt")) {
            for (String line : new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(each -> !each.startsWith("#"))
                    .toList()) {
                String[] parts = line.split(" ");
                for (String each : Arrays.copyOfRange(parts, 1, parts.length)) {
                    String[] numbers = each.split("/");
                    wanted.put("v" + parts[0].substring(1) + "." + numbers[0], Integer.parseInt(numbers[1]));
                }
            }
        }

        assertThat(wanted).hasSize(253);
        assertThat(rows).extracting(Row::id).containsExactlyElementsOf(wanted.keySet());
        rows.forEach(row -> assertThat(row.level).as(row.id).isEqualTo(wanted.get(row.id)));
    }

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(each -> each.toString().contains("/src/test/java/")
                            && each.toString().endsWith(".java"))
                    .toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        Matcher named = TEST.matcher(text);
        int count = 0;
        while (named.find()) {
            count++;
            assertThat(sources).containsKey(named.group(1));
            // With its annotation, so that a helper is not taken for a test.
            assertThat(sources.get(named.group(1)))
                    .as(named.group())
                    .containsPattern("@(?:Parameterized|Repeated)?Test\\b[^;{}]*(?:\\{[^;]*?\\}\\)?[^;{}]*)?void "
                            + named.group(2) + "\\(");
        }
        assertThat(count).isGreaterThan(100);
        Matcher scripts = SCRIPT.matcher(text);
        while (scripts.find()) {
            assertThat(ROOT.resolve("web/console/test/unit").resolve(scripts.group(1)))
                    .exists();
        }
    }

    @Test
    void whatIsTestedNamesATestAndWhatIsWrittenSaysWhere() throws IOException {
        for (Row row : rows) {
            boolean test =
                    TEST.matcher(row.why).find() || SCRIPT.matcher(row.why).find();
            boolean link = LINK.matcher(row.why).find();
            switch (row.standing) {
                case TESTED -> assertThat(test).as(row.id).isTrue();
                case WRITTEN -> assertThat(link).as(row.id).isTrue();
                case BY_CONSTRUCTION, OUTSIDE, DOES_NOT_APPLY, FALLS_SHORT ->
                    assertThat(row.why).as(row.id).isNotBlank();
            }
        }
        Matcher link = LINK.matcher(text);
        while (link.find()) {
            if (link.group(1).startsWith("http")) {
                continue;
            }
            Path file = link.group(1).isEmpty()
                    ? ROOT.resolve("docs/security.md")
                    : ROOT.resolve("docs").resolve(link.group(1)).normalize();
            assertThat(file).as(link.group()).exists();
            if (link.group(2) != null) {
                assertThat(Files.readString(file)
                                .lines()
                                .filter(each -> each.startsWith("#"))
                                .map(each -> each.replaceFirst("^#+ ", "")
                                        .toLowerCase(java.util.Locale.ROOT)
                                        .replaceAll("[^\\p{L}\\p{N} -]", "")
                                        .replace(' ', '-')))
                        .as(link.group())
                        .contains(link.group(2));
            }
        }
    }

    @Test
    void theSummaryCountsWhatIsInTheTables() {
        Map<Standing, Map<Integer, Long>> counts = rows.stream()
                .collect(Collectors.groupingBy(
                        Row::standing, TreeMap::new, Collectors.groupingBy(Row::level, Collectors.counting())));
        for (Standing standing : Standing.values()) {
            Map<Integer, Long> of = counts.getOrDefault(standing, Map.of());
            assertThat(text.lines())
                    .contains("| %s | %d | %d |"
                            .formatted(
                                    standing.words.replace("*", ""), of.getOrDefault(1, 0L), of.getOrDefault(2, 0L)));
        }
        String list = text.substring(text.indexOf("## What falls short"), text.indexOf("## V1 "));
        List<String> named = new ArrayList<>();
        Matcher id = Pattern.compile("v\\d+\\.\\d+\\.\\d+").matcher(list);
        while (id.find()) {
            named.add(id.group());
        }
        assertThat(named)
                .containsExactlyInAnyOrderElementsOf(rows.stream()
                        .filter(row -> row.standing == Standing.FALLS_SHORT)
                        .map(Row::id)
                        .toList());
    }
}
