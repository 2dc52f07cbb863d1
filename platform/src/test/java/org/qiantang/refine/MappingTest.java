package org.qiantang.refine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.qiantang.core.Problem;

/** How a mapping is written down. */
class MappingTest {
    private static final String HEAD = """
            -- table: std_person.resident
            -- title: 人口（标准）
            -- department: police
            """;

    @Test
    void aTextSaysEverythingOfATable() {
        Mapping mapping = Mapping.parse("""
                -- table: std_person.resident
                -- title: 人口（标准）
                -- title-en: Residents
                -- department: police
                -- key: id_number, source
                -- about: 由公安登记统一成国家代码，
                --   死亡的人也在内
                -- column id_number: 公民身份号码
                -- test: 一人一行
                -- given raw_police.public__resident: [{"id_number": "1"},
                --   {"id_number": "2"}]
                -- expect: [{"id_number": "1"}, {"id_number": "2"}]

                SELECT id_number, 'a: b' AS source
                -- a comment of the statement's own
                FROM raw_police.public__resident;
                """);

        assertThat(mapping.table()).hasToString("std_person.resident");
        assertThat(mapping.layer()).isEqualTo("std");
        assertThat(mapping.titleEn()).isEqualTo("Residents");
        assertThat(mapping.key()).containsExactly("id_number", "source");
        assertThat(mapping.about()).isEqualTo("由公安登记统一成国家代码， 死亡的人也在内");
        assertThat(mapping.columns()).containsEntry("id_number", "公民身份号码");
        assertThat(mapping.tests()).singleElement().satisfies(test -> {
            assertThat(test.name()).isEqualTo("一人一行");
            assertThat(test.given())
                    .singleElement()
                    .satisfies(given ->
                            assertThat(given.rows()).isEqualTo("[{\"id_number\": \"1\"}, {\"id_number\": \"2\"}]"));
            assertThat(test.expected()).contains("\"2\"");
        });
        assertThat(mapping.sql()).startsWith("SELECT").contains("a comment of the statement's own");
    }

    @Test
    void aCodeListIsItsRows() {
        Mapping list = Mapping.parse("""
                -- table: codes.sex
                -- title: 性别代码 GB/T 2261.1
                -- department: police
                -- key: code
                code,name,parent
                1,男,
                2,"女""'",
                """);

        assertThat(list.layer()).isEqualTo("codes");
        assertThat(list.values()).containsExactly("1", "男", "2", "女\"'");
        assertThat(list.sql())
                .isEqualTo("SELECT \"code\", \"name\", \"parent\" FROM (VALUES ('1', '男', NULL::VARCHAR),"
                        + " ('2', '女\"''', NULL::VARCHAR)) AS given(\"code\", \"name\", \"parent\")");
    }

    @Test
    void aBaseLibrarySaysWhereItsValuesCanBeTracedTo() {
        String head = "-- title: 人口库\n-- department: police\n";
        assertThat(Mapping.parse("-- table: base_person.person\n" + head
                                + "-- key: id_number\n-- origins: base_person.person_origins\nSELECT 1 AS id_number")
                        .origins())
                .hasToString("base_person.person_origins");
        assertThat(Mapping.parse("-- table: base_person.person\n" + head + "SELECT 1 AS id_number")
                        .origins())
                .isNull();
        assertThatThrownBy(() -> Mapping.parse("-- table: std_person.person\n" + head
                        + "-- key: id_number\n-- origins: base_person.person_origins\nSELECT 1 AS id_number"))
                .hasMessageContaining("line 5")
                .hasMessageContaining("only a base library");
        assertThatThrownBy(() -> Mapping.parse("-- table: base_person.person\n" + head
                        + "-- origins: base_person.person_origins\nSELECT 1 AS id_number"))
                .hasMessageContaining("line 4")
                .hasMessageContaining("key");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -- table: raw_police.x           | 1 | is not std_
            -- table: std_Person.x           | 1 | is not std_
            -- table: ops_collect.rejects    | 1 | is not std_
            -- origins: raw_a.b              | 1 | is no table that a mapping makes
            -- colour: blue                  | 1 | no such word: colour
            -- title of it: x                | 1 | no name goes between
            -- column: x                     | 1 | column of what?
            -- given raw_a.b: []             | 1 | given belongs to a test
            -- given b: []                   | 1 | given belongs to a test
            -- expect: []                    | 1 | expect belongs to a test
            -- not a head                    | 1 | not -- word: value
            SELECT 1                         | 1 | -- table: namespace.name is missing
            """)
    void whatIsWrongIsSaidWithItsLine(String text, String line, String words) {
        assertThatThrownBy(() -> Mapping.parse(text))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(RefineProblem.WRONG_FORM);
                    assertThat(problem.arguments()).containsEntry("line", line);
                })
                .hasMessageContaining(words);
    }

    @Test
    void aTextThatEndsTooEarlyIsRefused() {
        assertThatThrownBy(() -> Mapping.parse(HEAD)).hasMessageContaining("nothing follows the head");
        assertThatThrownBy(() -> Mapping.parse(HEAD + "-- test: x\nSELECT 1")).hasMessageContaining("expects nothing");
        assertThatThrownBy(() -> Mapping.parse(HEAD + "-- test: x\n-- test: y\nSELECT 1"))
                .hasMessageContaining("expects nothing");
        assertThatThrownBy(() -> Mapping.parse("-- table: codes.x\n-- title: x\n-- department: y\na,b\n1"))
                .hasMessageContaining("line 5")
                .hasMessageContaining("1 values, but 2 columns");
    }
}
