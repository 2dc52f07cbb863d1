package org.qiantang.collect.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceKind;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.internal.Connector.Part;
import org.qiantang.testing.TestMariaDb;

/** However a table is cut, each of its rows is in one range and no row is in two. */
class KeyRangeTests {
    private static final TestMariaDb SERVER = TestMariaDb.shared();

    @BeforeAll
    static void create() throws IOException {
        SERVER.createDatabase("ranges");
        Path script = Files.createTempFile("hostile", ".sql");
        try (InputStream in = KeyRangeTests.class.getResourceAsStream("/jdbc/hostile-mariadb.sql")) {
            Files.write(script, in.readAllBytes());
        }
        assertThat(SERVER.run("ranges", script)).isEmpty();
        Files.delete(script);
        SERVER.execute("ranges", "ANALYZE TABLE number_key, unsigned_key, text_key, parted");
    }

    private static DatabaseConnector open(long partBytes) {
        return new DatabaseConnector(
                new SourceAccess(
                        SourceKind.DATABASE, SERVER.url("ranges"), TestMariaDb.USER, TestMariaDb.PASSWORD, Map.of()),
                new Drivers(Path.of("/none")),
                2,
                "",
                1 << 20,
                partBytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"number_key", "unsigned_key", "text_key", "parted"})
    void everyRowIsInOneRange(String table) throws Exception {
        try (DatabaseConnector connector = open(16 << 10)) {
            SourceObject object = connector.discover().stream()
                    .filter(each -> each.name().equals(table))
                    .findFirst()
                    .orElseThrow();
            List<Part> parts = connector.parts(object);

            assertThat(parts).hasSizeGreaterThan(table.equals("parted") ? 1 : 4);
            assertThat(read(table, parts))
                    .containsExactlyElementsOf(read(table, List.of(new Part(KeyRange.ALL.spec(), 1))));
        }
    }

    private static List<String> read(String table, List<Part> parts) throws Exception {
        List<String> keys = new ArrayList<>();
        try (var connection = SERVER.connect("ranges")) {
            for (Part part : parts) {
                KeyRange range = KeyRange.of(part.spec());
                try (PreparedStatement select = connection.prepareStatement(
                        "SELECT HEX(CAST(id AS CHAR)) FROM " + table + range.condition("id"))) {
                    range.bind(select, !table.equals("text_key"));
                    try (ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            keys.add(row.getString(1));
                        }
                    }
                }
            }
        }
        Collections.sort(keys);
        return keys;
    }

    @Test
    void smallTableIsOnePart() {
        try (DatabaseConnector connector = open(96L << 20)) {
            assertThat(connector.discover().stream().filter(SourceObject::isCopied))
                    .allSatisfy(object -> assertThat(connector.parts(object)).hasSize(1));
        }
    }

    @Test
    void numbersAreCutEvenlyAndNeverTwiceAtOnePlace() {
        assertThat(KeyRange.between(BigInteger.ZERO, BigInteger.valueOf(100), 4))
                .containsExactly("25", "50", "75");
        assertThat(KeyRange.between(BigInteger.ZERO, BigInteger.valueOf(3), 10)).containsExactly("1", "2");
        assertThat(KeyRange.between(BigInteger.ONE, BigInteger.ONE, 10)).isEmpty();
        assertThat(KeyRange.between(
                        BigInteger.valueOf(Long.MIN_VALUE),
                        BigInteger.TWO.pow(64).subtract(BigInteger.ONE),
                        2))
                .containsExactly("4611686018427387903");
    }

    @Test
    void guessesOfTextLieBetweenItsEnds() {
        assertThat(KeyRange.between("330100199001010000", "330199200512319999", 4))
                .isNotEmpty()
                .allMatch(guess -> guess.startsWith("3301"));
        assertThat(KeyRange.between("b", "a", 4)).isEmpty();
        assertThat(KeyRange.between("", "𠮷", 9))
                .hasSize(8)
                .allMatch(guess -> guess.charAt(0) >= '0' && guess.charAt(0) <= 'z');
        assertThat(KeyRange.between("一", "龥", 4)).hasSize(3);
        assertThat(KeyRange.between("", "\uffff", 50))
                .allMatch(guess -> guess.chars().noneMatch(c -> Character.isSurrogate((char) c)));
    }
}
