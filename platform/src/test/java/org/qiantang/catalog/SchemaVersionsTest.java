package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.SchemaVersion.Change;
import org.qiantang.catalog.SchemaVersion.Column;
import org.qiantang.catalog.SchemaVersion.Kind;

/** How the difference between two shapes of a table is told. */
class SchemaVersionsTest {
    private static final List<Column> BEFORE = List.of(
            new Column("id", "int", "integer", 1, "7.1"),
            new Column("name", "string", "text", 0, "7.2"),
            new Column("paid", "int", "integer", 0, "7.3"));

    @Test
    void theSameShapeIsNoNews() {
        assertThat(SchemaVersions.between(BEFORE, BEFORE.reversed(), Map.of())).isEmpty();
    }

    @Test
    void eachKindOfChangeIsNamed() {
        List<Column> after = List.of(
                new Column("id", "long", "bigint", 1, "7.1"),
                new Column("full_name", "string", "text", 0, "7.2"),
                new Column("at", "timestamptz", "timestamp with time zone", 2, "7.4"));

        assertThat(SchemaVersions.between(BEFORE, after, Map.of()))
                .containsExactlyInAnyOrder(
                        new Change(Kind.COLUMN_RETYPED, "id", "integer → int", "bigint → long"),
                        new Change(Kind.COLUMN_RENAMED, "full_name", "name", null),
                        new Change(Kind.COLUMN_NEW, "at", null, "timestamp with time zone → timestamptz"),
                        new Change(Kind.COLUMN_GONE, "paid", "integer → int", null),
                        new Change(Kind.KEY_CHANGED, "", "id", "id, at"));
    }

    @Test
    void whereNothingTellsAColumnApartAnotherNameIsAnotherColumn() {
        List<Column> anonymous = List.of(new Column("a", "string", "text", 0, null));
        List<Column> other = List.of(new Column("b", "string", "text", 0, null));

        assertThat(SchemaVersions.between(anonymous, other, Map.of()))
                .extracting(Change::kind)
                .containsExactly(Kind.COLUMN_NEW, Kind.COLUMN_GONE);
        assertThat(SchemaVersions.between(anonymous, other, Map.of("a", "b")))
                .containsExactly(new Change(Kind.COLUMN_RENAMED, "b", "a", null));
    }

    @Test
    void namesThatTwoColumnsExchangeAreTwoRenamings() {
        List<Column> before =
                List.of(new Column("a", "int", "integer", 0, null), new Column("b", "string", "text", 0, null));
        List<Column> after =
                List.of(new Column("b", "int", "integer", 0, null), new Column("a", "string", "text", 0, null));

        assertThat(SchemaVersions.between(before, after, Map.of("a", "b", "b", "a")))
                .containsExactly(
                        new Change(Kind.COLUMN_RENAMED, "b", "a", null),
                        new Change(Kind.COLUMN_RENAMED, "a", "b", null));
    }

    @Test
    void aNewColumnUnderTheNameOfARenamedOneIsNew() {
        List<Column> before = List.of(new Column("a", "int", "integer", 0, null));
        List<Column> after =
                List.of(new Column("b", "int", "integer", 0, null), new Column("a", "string", "text", 0, null));

        assertThat(SchemaVersions.between(before, after, Map.of("a", "b")))
                .containsExactly(
                        new Change(Kind.COLUMN_RENAMED, "b", "a", null),
                        new Change(Kind.COLUMN_NEW, "a", null, "text → string"));
    }
}
