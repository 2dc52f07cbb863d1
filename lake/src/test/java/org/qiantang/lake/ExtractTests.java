package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qiantang.lake.Extract.Form;
import org.qiantang.lake.Extract.Marks;
import org.qiantang.testing.Lakes;

/** What an extract holds, read back by who has never heard of the lake, against what the same statement answers as text. */
class ExtractTests {
    private static final TableName ALL = new TableName("raw_types", "everything");
    private static final String EVERYTHING = "SELECT * FROM raw_types.everything";

    /** More than the engine does before somebody can stop it. */
    private static final String ENDLESS =
            "SELECT count(*) FROM raw_types.everything a, raw_types.everything b, raw_types.everything c, raw_types.everything d,"
                    + " raw_types.everything e WHERE hash(a.i + b.i + c.i + d.i + e.i) = 7";

    @TempDir
    static Path folder;

    private static Lake lake;

    @BeforeAll
    static void fill() {
        lake = Lakes.open(folder);
        lake.derive(new Derivation(UUID.randomUUID().toString(), ALL, """
                SELECT i::INTEGER AS i, CASE WHEN i % 3 = 0 THEN NULL ELSE i % 2 = 0 END AS flag,
                    CASE WHEN i % 7 = 0 THEN NULL ELSE 9007199254740993 * i END::BIGINT AS big,
                    (i * 0.01)::DECIMAL(4, 2) AS small, (i * 1234567890123456789.01)::DECIMAL(38, 4) AS large,
                    (i / 3.0)::FLOAT AS f, (i / 7.0)::DOUBLE AS d, DATE '1899-12-31' + (i * 401)::INTEGER AS day,
                    TIME '00:00:00.000001' + to_milliseconds(i * 997) AS clock,
                    TIMESTAMP '1969-12-31 23:59:59.999999' + to_days(i * 31) AS moment,
                    TIMESTAMPTZ '2026-10-25 02:30:00.5+08' + to_hours(i) AS instant,
                    CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '钱塘江🌊' || i ELSE E'a"b\\n' || i END AS text,
                    CASE WHEN i % 5 = 0 THEN NULL ELSE from_hex('00ff' || lpad(to_hex(i), 4, '0')) END AS bytes,
                    md5('n' || i)::UUID AS id
                FROM range(1, 400) r(i)""", List.of("i"), Map.of(), Map.of()));
    }

    @AfterAll
    static void close() {
        lake.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsReadBackAsItIsAnswered(Form form) throws Exception {
        String sql = EVERYTHING + " ORDER BY i";

        Read read = read(form, query(sql), Marks.NONE);

        assertThat(read.rows).containsExactlyInAnyOrderElementsOf(Lakes.rows(lake, sql));
        assertThat(read.made.rows()).isEqualTo(399);
        assertThat(read.made.tables())
                .singleElement()
                .satisfies(table -> assertThat(table.table()).isEqualTo(ALL));
        assertThat(read.names)
                .containsExactly(
                        "i", "flag", "big", "small", "large", "f", "d", "day", "clock", "moment", "instant", "text",
                        "bytes", "id");
        assertThat(read.types.subList(3, 5))
                .containsExactlyElementsOf(
                        form == Form.PARQUET
                                ? List.of("DECIMAL(4,2)", "DECIMAL(38,4)")
                                : List.of("Decimal(4, 2, 128)", "Decimal(38, 4, 128)"));
    }

    @ParameterizedTest
    @EnumSource
    void whatAFormHasNoTypeForIsItsTextAndSumsLoseNothing(Form form) throws Exception {
        String sql =
                "SELECT sum(big) AS sum, [i, 1] AS list, {'a': i, 'b': text} AS struct, to_days(i) AS span, NULL AS nothing"
                        + " FROM raw_types.everything WHERE i <= 9 GROUP BY i, text";

        Read read = read(form, query(sql), Marks.NONE);

        assertThat(read.rows).containsExactlyInAnyOrderElementsOf(Lakes.rows(lake, sql));
        assertThat(read.types.getFirst()).startsWithIgnoringCase("decimal(38");
    }

    @ParameterizedTest
    @EnumSource
    void maskedAndOutOfScopeIsNotInTheFile(Form form) throws Exception {
        TablePolicy policy = new TablePolicy(
                Map.of("i", new Mask.Clear(), "text", new Mask.KeepEnds(1, 0)),
                new Mask.Omit(),
                List.of(new RowCondition("i", RowCondition.Operator.BEFORE, List.of("50"))));
        Query governed = new Query("q", EVERYTHING, null, Long.MAX_VALUE, Map.of(ALL, policy));

        Read read = read(form, governed, Marks.NONE);

        assertThat(read.names).containsExactly("i", "text");
        assertThat(read.rows).hasSize(49).containsExactlyInAnyOrderElementsOf(Lakes.rows(lake, governed));
        assertThat(read.rows).noneMatch(row -> row.get(1) != null && row.get(1).contains("塘"));
        assertThat(Files.readString(read.file, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain(new String(
                        "塘江".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @EnumSource
    void markedRowsSaySo(Form form) throws Exception {
        Marks marks = new Marks("contested", List.of(Map.of(0, "7"), Map.of(0, "9", 1, "it's")));

        Read read =
                read(form, query("SELECT i, CASE WHEN i = 9 THEN 'it''s' END AS t FROM raw_types.everything"), marks);

        assertThat(read.names).containsExactly("i", "t", "contested");
        assertThat(read.rows)
                .filteredOn(row -> "contested".equals(row.get(2)))
                .extracting(List::getFirst)
                .containsExactlyInAnyOrder("7", "9");
    }

    @ParameterizedTest
    @EnumSource
    void aLimitOfNoneIsTheColumnsAlone(Form form) throws Exception {
        Read read = read(form, new Query("q", EVERYTHING + ";", null, 0, Map.of()), Marks.NONE);

        assertThat(read.rows).isEmpty();
        assertThat(read.names).hasSize(14);
        assertThat(read(form, new Query("q", EVERYTHING, null, 5, Map.of()), Marks.NONE).rows)
                .hasSize(5);
    }

    @ParameterizedTest
    @EnumSource
    void aStatementThatIsNoQueryWritesNothing(Form form) {
        Path file = fresh();

        for (String sql : List.of(
                "COPY raw_types.everything TO '" + file + "'",
                "SELECT * FROM read_text('" + file + "')",
                "SELECT i FROM raw_types.everything) TO '" + file + "' --",
                "SELECT nothing FROM raw_types.everything")) {
            assertThatThrownBy(() -> lake.extract(extract(form, query(sql), file, Marks.NONE)))
                    .as(sql)
                    .isInstanceOf(LakeException.class);
        }
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void anExtractIsStoppedAsAQueryIs(Form form) {
        Query endless = new Query("endless-" + form, ENDLESS, null, Long.MAX_VALUE, Map.of());
        CompletableFuture<Void> made =
                CompletableFuture.runAsync(() -> lake.extract(extract(form, endless, fresh(), Marks.NONE)));

        Awaitility.await().until(() -> {
            lake.stop(endless.id());
            return made.isDone();
        });

        assertThatThrownBy(made::join)
                .hasRootCauseInstanceOf(SQLException.class)
                .cause()
                .isInstanceOfSatisfying(
                        LakeException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(LakeException.Kind.CANCELLED));
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatGrowsTooLargeEndsTheExtract(Form form) {
        String many =
                "SELECT a.i AS i, md5(a.text || b.i || c.i) AS t FROM raw_types.everything a, raw_types.everything b,"
                        + " raw_types.everything c";
        Extract extract = new Extract(query(many), form, fresh(), 1 << 20, Marks.NONE);

        assertThatThrownBy(() -> lake.extract(extract))
                .isInstanceOfSatisfying(
                        LakeException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(LakeException.Kind.NO_SPACE));
    }

    private static Query query(String sql) {
        return new Query(sql, null, Long.MAX_VALUE, Map.of());
    }

    private static Path fresh() {
        return folder.resolve("extract-" + UUID.randomUUID());
    }

    private static Extract extract(Form form, Query query, Path file, Marks marks) {
        return new Extract(query, form, file, Long.MAX_VALUE, marks);
    }

    private record Read(
            Path file, Extract.Made made, List<String> names, List<String> types, List<List<String>> rows) {}

    private static Read read(Form form, Query query, Marks marks) throws Exception {
        Path file = fresh();
        Extract.Made made = lake.extract(extract(form, query, file, marks));
        assertThat(made.bytes()).isEqualTo(Files.size(file));
        List<String> names = new ArrayList<>();
        List<String> types = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        switch (form) {
            case PARQUET -> parquet(file, names, types, rows);
            case ARROW -> arrow(file, names, types, rows);
        }
        assertThat(made.rows()).isEqualTo(rows.size());
        return new Read(file, made, names, types, rows);
    }

    private static void parquet(Path file, List<String> names, List<String> types, List<List<String>> rows)
            throws SQLException {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET TimeZone = 'Asia/Shanghai'");
            String from = "read_parquet(" + Sql.text(file.toString()) + ")";
            try (ResultSet result = statement.executeQuery("DESCRIBE SELECT * FROM " + from)) {
                while (result.next()) {
                    names.add(result.getString(1));
                    types.add(result.getString(2));
                }
            }
            List<String> shown = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                shown.add(Lake.text(types.get(i), Sql.name(names.get(i))));
            }
            try (ResultSet result = statement.executeQuery("SELECT " + String.join(", ", shown) + " FROM " + from)) {
                while (result.next()) {
                    String[] row = new String[names.size()];
                    for (int i = 0; i < row.length; i++) {
                        row[i] = result.getString(i + 1);
                    }
                    rows.add(Arrays.asList(row));
                }
            }
        }
    }

    private static void arrow(Path file, List<String> names, List<String> types, List<List<String>> rows)
            throws Exception {
        try (BufferAllocator memory = new RootAllocator();
                InputStream in = Files.newInputStream(file);
                ArrowStreamReader reader = new ArrowStreamReader(in, memory)) {
            reader.getVectorSchemaRoot().getSchema().getFields().forEach(field -> {
                names.add(field.getName());
                types.add(field.getType().toString());
            });
            while (reader.loadNextBatch()) {
                for (int row = 0; row < reader.getVectorSchemaRoot().getRowCount(); row++) {
                    List<String> values = new ArrayList<>();
                    for (FieldVector vector : reader.getVectorSchemaRoot().getFieldVectors()) {
                        values.add(text(vector, row));
                    }
                    rows.add(values);
                }
            }
        }
    }

    /** As the engine writes it. */
    private static String text(FieldVector vector, int row) {
        Object value = vector.getObject(row);
        return switch (vector.getField().getType()) {
            case ArrowType any when value == null -> null;
            case ArrowType.Decimal decimal -> ((java.math.BigDecimal) value).toPlainString();
            case ArrowType.Binary bytes -> "\\x" + java.util.HexFormat.of().formatHex((byte[]) value);
            case ArrowType.Date day ->
                java.time.LocalDate.ofEpochDay(((Number) value).longValue()).toString();
            case ArrowType.Time clock -> clock(java.time.LocalTime.ofNanoOfDay(((Number) value).longValue() * 1_000));
            case ArrowType.Timestamp moment
            when moment.getTimezone() == null -> moment((java.time.LocalDateTime) value);
            case ArrowType.Timestamp instant ->
                moment(java.time.LocalDateTime.ofInstant(
                                java.time.Instant.EPOCH.plus(
                                        ((Number) value).longValue(), java.time.temporal.ChronoUnit.MICROS),
                                java.time.ZoneId.of("Asia/Shanghai")))
                        + "+08";
            case ArrowType other -> value.toString();
        };
    }

    private static String moment(java.time.LocalDateTime moment) {
        return moment.toLocalDate() + " " + clock(moment.toLocalTime());
    }

    private static String clock(java.time.LocalTime clock) {
        String text =
                java.time.format.DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS").format(clock);
        return text.replaceFirst("\\.?0+$", "").length() < 8 ? text.substring(0, 8) : text.replaceFirst("\\.?0+$", "");
    }
}
