package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.IntegerType;
import org.apache.iceberg.types.Types.LongType;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StringType;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static final NestedField ID = NestedField.optional(1, "id", IntegerType.get());
    private static final NestedField NAME = NestedField.optional(2, "name", StringType.get());
    private static final Schema WRITTEN = new Schema(ID, NAME);

    @Test
    void aFilesNameSaysWhichColumnsItHasInWhateverOrder() {
        assertThat(Layout.ending(new Schema(NAME, ID)))
                .isEqualTo(Layout.ending(WRITTEN))
                .matches("-[0-9a-f]{16}[.]parquet");
        assertThat(List.of(
                        new Schema(ID),
                        new Schema(ID, NestedField.optional(3, "name", StringType.get())),
                        new Schema(ID, NestedField.optional(2, "nom", StringType.get())),
                        new Schema(ID, NestedField.optional(2, "name", IntegerType.get()))))
                .extracting(Layout::ending)
                .doesNotContain(Layout.ending(WRITTEN))
                .doesNotHaveDuplicates();
    }

    @Test
    void onlyWhatIsThereUnderItsPresentNameAndTypeIsReadByName() {
        assertThat(Layout.holds(WRITTEN, List.of(NAME))).isTrue();
        // renamed, made wider, given up and taken up again under the same name, new
        assertThat(Layout.holds(WRITTEN, List.of(NestedField.optional(2, "nom", StringType.get()))))
                .isFalse();
        assertThat(Layout.holds(WRITTEN, List.of(NestedField.optional(1, "id", LongType.get()))))
                .isFalse();
        assertThat(Layout.holds(WRITTEN, List.of(NestedField.optional(7, "name", StringType.get()))))
                .isFalse();
        assertThat(Layout.holds(WRITTEN, List.of(NestedField.optional(8, "more", StringType.get()))))
                .isFalse();
        // the engine would take it for its own
        assertThat(Layout.holds(new Schema(ID, NestedField.optional(2, "File_Index", StringType.get())), List.of(ID)))
                .isFalse();
    }
}
