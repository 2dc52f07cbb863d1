package org.qiantang.collect.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.SourceObject;
import org.qiantang.testing.SharedData;
import org.qiantang.testing.TestPostgres;

/** A database that others made, in full. */
class PagilaTests {
    private static String url;

    @BeforeAll
    static void load() {
        Path pagila = SharedData.folder("pagila-postgres");
        TestPostgres postgres = TestPostgres.shared();
        url = postgres.createDatabase("pagila");
        postgres.psql("pagila", pagila.resolve("pagila-schema.sql"));
        postgres.psql("pagila", pagila.resolve("pagila-data.sql"));
    }

    @Test
    void everyTableIsReadAsTheSourceHasIt() throws Exception {
        try (PostgresConnector connector = PostgresConnector.open(url, TestPostgres.USER, TestPostgres.PASSWORD, 2)) {
            Map<String, Integer> rows = new java.util.TreeMap<>();
            for (SourceObject object : connector.discover()) {
                if (!object.isCopied()) {
                    continue;
                }
                assertThat(connector.unreadable(object)).isEmpty();

                Reading reading = Reading.of(connector, object);

                assertThat(Reading.sorted(reading.rows()))
                        .as(object.qualifiedName())
                        .isEqualTo(Reading.sorted(
                                Reading.byJdbc(url, TestPostgres.USER, TestPostgres.PASSWORD, reading.object())));
                assertThat(reading.rowsAtSource()).isEqualTo(reading.rows().size());
                rows.put(object.lakeName(), reading.rows().size());
            }
            assertThat(rows)
                    .hasSize(15)
                    .containsEntry("public__film", 1000)
                    .containsEntry("public__payment", 16049)
                    .containsEntry("public__rental", 16044);
        }
    }

    @Test
    void everythingElseIsRecorded() {
        try (PostgresConnector connector = PostgresConnector.open(url, TestPostgres.USER, TestPostgres.PASSWORD, 2)) {
            List<SourceObject> objects = connector.discover();

            Map<SourceObject.Kind, Long> kinds =
                    objects.stream().collect(Collectors.groupingBy(SourceObject::kind, Collectors.counting()));
            assertThat(kinds)
                    .containsEntry(SourceObject.Kind.TABLE, 14L)
                    .containsEntry(SourceObject.Kind.PARTITIONED_TABLE, 1L)
                    .containsEntry(SourceObject.Kind.PARTITION, 7L)
                    .containsEntry(SourceObject.Kind.VIEW, 7L)
                    .containsEntry(SourceObject.Kind.MATERIALIZED_VIEW, 1L)
                    .containsEntry(SourceObject.Kind.SEQUENCE, 13L)
                    .containsEntry(SourceObject.Kind.ENUM, 1L)
                    .containsEntry(SourceObject.Kind.DOMAIN, 2L);
            SourceObject film = named(objects, "film");
            assertThat(film.details())
                    .containsEntry("primaryKey", "[\"film_id\"]")
                    .hasEntrySatisfying(
                            "foreignKeys", keys -> assertThat(keys).contains("original_language_id", "\"language\""));
            assertThat(film.columns())
                    .filteredOn(column -> column.name().equals("rating"))
                    .singleElement()
                    .satisfies(
                            column -> assertThat(column.details()).containsEntry("default", "'G'::public.mpaa_rating"));
            assertThat(named(objects, "payment_p2022_03").details()).containsEntry("parent", "public.payment");
            assertThat(named(objects, "mpaa_rating").details())
                    .containsEntry("labels", "[\"G\", \"PG\", \"PG-13\", \"R\", \"NC-17\"]");
            assertThat(named(objects, "year").details())
                    .hasEntrySatisfying("checks", checks -> assertThat(checks).contains("1901"));
            assertThat(named(objects, "film_list").details())
                    .hasEntrySatisfying("definition", sql -> assertThat(sql).contains("public.film_actor"));
        }
    }

    private static SourceObject named(List<SourceObject> objects, String name) {
        return objects.stream()
                .filter(object -> object.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
