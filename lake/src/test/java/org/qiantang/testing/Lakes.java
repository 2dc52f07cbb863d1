package org.qiantang.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;

/** Lakes of a test's own, and what is in them. */
public final class Lakes {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** To whom nobody listens. */
    public static final RowSink NOBODY = new RowSink() {
        @Override
        public void columns(List<ResultColumn> columns) {}

        @Override
        public void row(List<String> values) {}
    };

    private Lakes() {}

    /** Of a small lake in a folder, with a catalogue that nobody else has. */
    public static LakeSettings settings(Path folder) {
        String url = TestPostgres.shared().createDatabase("own_lake_" + DATABASES.incrementAndGet());
        return LakeSettings.small(
                url, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake"), folder.resolve("tmp"));
    }

    public static Lake open(Path folder) {
        return Lake.open(settings(folder));
    }

    /** All rows of an answer, each value as its text. */
    public static List<List<String>> rows(Queries asked, String sql) {
        return rows(asked, new Query(sql, null, Long.MAX_VALUE, Map.of()));
    }

    public static List<List<String>> rows(Queries asked, Query query) {
        List<List<String>> rows = new ArrayList<>();
        asked.run(query, new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {}

            @Override
            public void row(List<String> values) {
                rows.add(values);
            }
        });
        return rows;
    }
}
