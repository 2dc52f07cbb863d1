package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.internal.files.FileBytes.OnDisk;

class ArchiveFilesTests {
    private static final String CSV = "id,name\n1,甲\n2,乙\n";

    @TempDir
    Path folder;

    @Test
    void everyFileInAnArchiveIsAFileOfItsOwn() throws Exception {
        Path zip = zip("交换.zip", "a.csv", CSV, "sub/b.ndjson", "{\"x\":1}\n", "sub/读我.md", "# no table");

        Map<String, Taken> all = taken(zip);

        assertThat(all).containsOnlyKeys("交换.zip", "交换.zip!/a.csv", "交换.zip!/sub/b.ndjson", "交换.zip!/sub/读我.md");
        assertThat(all.get("交换.zip").outcome()).isEqualTo("nothing in it");
        assertThat(all.get("交换.zip").object().details()).containsEntry("files", "3");
        assertThat(all.get("交换.zip!/a.csv").rows()).containsExactly(List.of("1", "甲"), List.of("2", "乙"));
        assertThat(all.get("交换.zip!/a.csv").object().lakeName()).isEqualTo("交换__a");
        assertThat(all.get("交换.zip!/a.csv").object().qualifiedName()).isEqualTo("交换.zip!/a.csv");
        assertThat(all.get("交换.zip!/sub/b.ndjson").rows()).containsExactly(List.of("1"));
        assertThat(all.get("交换.zip!/sub/读我.md").outcome()).isEqualTo("collect.unsupported_format");
    }

    @Test
    void workbooksAndArchivesInArchivesAreReadToo() throws Exception {
        byte[] workbook = Files.readAllBytes(Taken.shared("frictionless-files").resolve("table-infer-boolean.xlsx"));
        byte[] parquet = Files.readAllBytes(Taken.shared("frictionless-files").resolve("table.parquet"));
        byte[] inner = zip(Map.of("w.xlsx", workbook, "t.parquet", parquet, "x.xml.gz", gzip("<r><v/><v>1</v></r>")));
        Files.write(folder.resolve("outer.zip"), zip(Map.of("inner.zip", inner)));

        Map<String, Taken> all = taken(folder.resolve("outer.zip"));

        assertThat(all.get("outer.zip!/inner.zip!/w.xlsx").rows()).hasSize(2);
        assertThat(all.get("outer.zip!/inner.zip!/t.parquet").rowCount()).isEqualTo(2);
        assertThat(all.get("outer.zip!/inner.zip!/x.xml.gz").rowCount()).isEqualTo(2);
    }

    @Test
    void tarAndGzippedTarAreArchives() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (String name : List.of("甲.csv", "very/" + "long".repeat(60) + "/b.csv")) {
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(CSV.getBytes(UTF_8).length);
                tar.putArchiveEntry(entry);
                tar.write(CSV.getBytes(UTF_8));
                tar.closeArchiveEntry();
            }
            TarArchiveEntry link = new TarArchiveEntry("link.csv", TarArchiveEntry.LF_SYMLINK);
            link.setLinkName("/etc/passwd");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        Files.write(folder.resolve("t.tar"), bytes.toByteArray());
        Files.write(folder.resolve("t.tgz"), gzip(bytes.toByteArray()));

        for (String name : List.of("t.tar", "t.tgz")) {
            Map<String, Taken> all = taken(folder.resolve(name));

            assertThat(all.get(name + "!/甲.csv").rows()).containsExactly(List.of("1", "甲"), List.of("2", "乙"));
            assertThat(all.get(name + "!/very/" + "long".repeat(60) + "/b.csv").rows())
                    .hasSize(2);
            assertThat(all.get(name + "!/link.csv").outcome()).isEqualTo("collect.symbolic_link");
        }
    }

    @Test
    void everyFormOfAGzippedFileIsRead() throws Exception {
        byte[] parquet = Files.readAllBytes(Taken.shared("frictionless-files").resolve("table.parquet"));
        Files.write(folder.resolve("a.json.gz"), gzip("[{\"a\":1},{\"a\":2}]"));
        Files.write(folder.resolve("b.ndjson.gz"), gzip("{\"a\":1}\n{\"a\":2}\n"));
        Files.write(folder.resolve("c.csv.gz"), gzip(CSV));
        Files.write(folder.resolve("d.parquet.gz"), gzip(parquet));
        Files.write(folder.resolve("e.zip.gz"), gzip(zip(Map.of("x.csv", CSV.getBytes(UTF_8)))));
        Files.write(folder.resolve("f.csv.gz"), gzip(gzip(CSV)));

        Map<String, Taken> all = taken(folder);

        for (String name :
                List.of("a.json.gz", "b.ndjson.gz", "c.csv.gz", "d.parquet.gz", "e.zip.gz!/x.csv", "f.csv.gz")) {
            assertThat(all.get(name).rowCount()).as(name).isEqualTo(2);
        }
        assertThat(all.get("a.json.gz").object().lakeName()).isEqualTo("a");
    }

    @Test
    void theHostileArchivesAreReadWithoutLeavingTheirPlace() throws Exception {
        Map<String, Taken> names = taken(Taken.shared("hostile-basic").resolve("gbk-names.zip"));
        Map<String, Taken> slip = taken(Taken.shared("hostile-basic").resolve("zip-slip.zip"));

        assertThat(names)
                .containsOnlyKeys("gbk-names.zip", "gbk-names.zip!/余杭区/药店清单.csv", "gbk-names.zip!/杭州市企业名录.csv");
        assertThat(names.get("gbk-names.zip!/余杭区/药店清单.csv").outcome()).isEqualTo("rows");
        assertThat(slip.get("zip-slip.zip!/link.csv").outcome()).isEqualTo("collect.symbolic_link");
        assertThat(slip.get("zip-slip.zip!/../../../../tmp/evil.csv").outcome()).isEqualTo("rows");
        assertThat(slip.get("zip-slip.zip!/../../../../tmp/evil.csv").object().lakeName())
                .isEqualTo("zip-slip__tmp__evil");
        assertThat(Path.of("/tmp/evil.csv")).doesNotExist();
        assertThat(Path.of("/tmp/evil-abs.csv")).doesNotExist();
    }

    @Test
    void anEncryptedFileIsNamedAndTheOthersAreRead() throws Exception {
        byte[] zip = zip(Map.of("secret.csv", CSV.getBytes(UTF_8)));
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < zip.length - 4; i++) {
            int flags = bytes.getInt(i) == 0x04034b50 ? i + 6 : bytes.getInt(i) == 0x02014b50 ? i + 8 : -1;
            if (flags > 0) {
                zip[flags] |= 1;
            }
        }
        Files.write(folder.resolve("e.zip"), zip);

        assertThat(taken(folder.resolve("e.zip")).get("e.zip!/secret.csv").outcome())
                .isEqualTo("collect.encrypted_file");
    }

    @Test
    void archivesInArchivesHaveAnEnd() throws Exception {
        byte[] inner = zip(Map.of("deep.csv", CSV.getBytes(UTF_8)));
        for (int i = 0; i < 5; i++) {
            inner = zip(Map.of("z.zip", inner));
        }
        Files.write(folder.resolve("d.zip"), inner);

        Map<String, Taken> all = taken(folder.resolve("d.zip"));

        assertThat(all.get("d.zip!/z.zip!/z.zip!/z.zip").outcome()).isEqualTo("collect.file_too_large");
    }

    @Test
    void anArchiveThatUnpacksToFarMoreThanItIsIsRefusedBeforeAnyOfItIsRead() throws Exception {
        Path bomb = folder.resolve("bomb.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bomb))) {
            for (int i = 0; i < 3; i++) {
                zip.putNextEntry(new ZipEntry(i + ".csv"));
                byte[] zeros = new byte[1 << 20];
                for (int j = 0; j < 500; j++) {
                    zip.write(zeros);
                }
                zip.closeEntry();
            }
        }

        Taken refused = Taken.one(bomb);

        assertThat(refused.outcome()).isEqualTo("collect.file_too_large");
        assertThat(refused.unreadable().orElseThrow().reason()).contains("200-fold");
    }

    @Test
    void anArchiveThatSaysTooLittleOfAFileIsNotBelieved() throws Exception {
        byte[] zip = zip(Map.of("a.csv", CSV.repeat(1000).getBytes(UTF_8)));
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < zip.length - 4; i++) {
            if (bytes.getInt(i) == 0x02014b50) {
                bytes.putInt(i + 24, 10);
            }
        }
        Files.write(folder.resolve("lie.zip"), zip);

        assertThat(taken(folder.resolve("lie.zip")).get("lie.zip!/a.csv").outcome())
                .isEqualTo("collect.corrupt_file");
    }

    @Test
    void damagedArchivesAreNamed() throws Exception {
        byte[] whole = zip(Map.of("a.csv", CSV.repeat(1000).getBytes(UTF_8)));
        byte[] torn = java.util.Arrays.copyOf(whole, whole.length / 2);
        byte[] changed = whole.clone();
        changed[60] ^= 0x55;
        Files.write(folder.resolve("torn.zip"), torn);
        Files.write(folder.resolve("changed.zip"), changed);
        Files.write(folder.resolve("torn.csv.gz"), java.util.Arrays.copyOf(gzip(CSV.repeat(1000)), 40));

        Map<String, Taken> all = taken(folder);

        assertThat(all.get("torn.zip").outcome()).isEqualTo("collect.corrupt_file");
        assertThat(all.get("changed.zip!/a.csv").outcome()).isEqualTo("collect.corrupt_file");
        assertThat(all.get("torn.csv.gz").outcome()).isEqualTo("collect.corrupt_file");
    }

    @Test
    void copiesOnDiskStayWithinTheirBudgetAndGoInTheEnd() throws Exception {
        Path path;
        try (Spool spool = new Spool(2_000)) {
            OnDisk used = spool.copy("a", () -> new ByteArrayInputStream(new byte[1_500]));
            path = used.path();
            spool.copy("b", () -> new ByteArrayInputStream(new byte[1_500])).close();

            assertThat(path).hasSize(1_500);
            assertThat(spool.bytes()).isEqualTo(1_500);

            used.close();
            used.close();
            OnDisk again = spool.copy("a", () -> {
                throw new IOException("It should still be there");
            });
            assertThat(again.path()).isEqualTo(path);
            again.close();
        }
        assertThat(path).doesNotExist();
        assertThat(path.getParent()).doesNotExist();
    }

    private Path zip(String name, String... content) throws IOException {
        Path path = folder.resolve(name);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path), Charset.forName("UTF-8"))) {
            for (int i = 0; i < content.length; i += 2) {
                zip.putNextEntry(new ZipEntry(content[i]));
                zip.write(content[i + 1].getBytes(UTF_8));
                zip.closeEntry();
            }
        }
        return path;
    }

    private static byte[] zip(Map<String, byte[]> content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : content.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        return gzip(text.getBytes(UTF_8));
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    private static Map<String, Taken> taken(Path path) throws Exception {
        Map<String, Taken> all = new TreeMap<>();
        for (Taken one : Taken.from(path)) {
            all.put(one.object().details().get("path"), one);
        }
        return all;
    }
}
