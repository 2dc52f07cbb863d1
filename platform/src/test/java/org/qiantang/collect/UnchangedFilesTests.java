package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.lake.TableName;

/** A folder that is collected again, in which most files are as they were. */
class UnchangedFilesTests {
    @TempDir
    Path folder;

    private Lakeside lakeside;
    private Path files;

    @BeforeEach
    void start() throws Exception {
        lakeside = new Lakeside(folder.resolve("lakeside"));
        files = Files.createDirectory(folder.resolve("files"));
        Files.writeString(files.resolve("kept.csv"), "id,name\n1,甲\n2,乙\n");
        Files.writeString(files.resolve("changed.csv"), "id,v\n1,2\n");
    }

    @AfterEach
    void stop() {
        lakeside.close();
    }

    @Test
    void onlyWhatChangedIsReadAgain() throws Exception {
        Lakeside.Told first = collect(Map.of());
        Map<String, String> brought = hashes(first);
        Map<String, String> before = summary("kept");
        Files.writeString(files.resolve("changed.csv"), "id,v\n1,3\n");
        Files.setLastModifiedTime(files.resolve("kept.csv"), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));

        Lakeside.Told second = collect(brought);

        assertThat(second.of("kept.csv").state()).isEqualTo(RunEvent.State.UNCHANGED);
        assertThat(summary("kept")).isEqualTo(before);
        assertThat(second.of("changed.csv").state()).isEqualTo(RunEvent.State.COMPLETE);
        assertThat(lakeside.rows("SELECT v FROM raw_f.changed")).isEqualTo(List.of(List.of("3")));
    }

    @Test
    void nothingIsTakenForUnchangedThatTheRunBeforeDidNotBring() {
        Lakeside.Told first = collect(Map.of());

        assertThat(collect(Map.of()).of("kept.csv").state()).isEqualTo(RunEvent.State.COMPLETE);
        assertThat(collect(Map.of("kept", "00")).of("kept.csv").state()).isEqualTo(RunEvent.State.COMPLETE);
        assertThat(first.of("kept.csv").state()).isEqualTo(RunEvent.State.COMPLETE);
    }

    @Test
    void aTableThatTheLakeMadeOfSomethingElseIsReadAgain() throws Exception {
        String kept = hashes(collect(Map.of())).get("kept");
        String text = Files.readString(files.resolve("kept.csv"));
        Files.writeString(files.resolve("kept.csv"), "id,name\n9,丙\n");
        collect(Map.of());
        Files.writeString(files.resolve("kept.csv"), text);

        assertThat(collect(Map.of("kept", kept)).of("kept.csv").state()).isEqualTo(RunEvent.State.COMPLETE);
        assertThat(lakeside.rows("SELECT count(*) FROM raw_f.kept")).isEqualTo(List.of(List.of("2")));
    }

    private Map<String, String> summary(String table) {
        return lakeside.lake.summary(new TableName("raw_f", table)).orElseThrow();
    }

    private static Map<String, String> hashes(Lakeside.Told told) {
        return told.discovered().objects().stream()
                .filter(SourceObject::isCopied)
                .collect(java.util.stream.Collectors.toMap(
                        SourceObject::lakeName, object -> object.details().get("sha256")));
    }

    private Lakeside.Told collect(Map<String, String> carriable) {
        SourceAccess access = new SourceAccess(SourceKind.FOLDER, files.toString(), "", "", Map.of());
        return lakeside.collect(
                new RunOrder(UUID.randomUUID().toString(), "f", access, "", Set.of(), carriable, null, null));
    }
}
