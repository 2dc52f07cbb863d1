package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.CollectionWorker.VerifyOrder;
import org.qiantang.collect.Collector;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceKind;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.TableComparison;
import org.qiantang.collect.Verification;
import org.qiantang.collect.VerifyEvent;
import org.qiantang.collect.internal.Connector;
import org.qiantang.core.Problem;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.testing.TestPostgres;

/** Folders on other machines, which are real servers in this process. */
class RemoteFilesTests {
    private static final String USER = "reader";
    private static final String SECRET = "correct horse";

    @TempDir
    Path folder;

    private final List<AutoCloseable> servers = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        Files.createDirectories(folder.resolve("交换/2024 年"));
        Files.writeString(folder.resolve("交换/企业.csv"), "id,name\n1,甲\n2,乙\n");
        Files.writeString(folder.resolve("交换/2024 年/a+b%20&.ndjson"), "{\"x\":1}\n{\"x\":2}\n");
        Files.writeString(folder.resolve("outside.csv"), "a,b\n1,2\n");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable server : servers) {
            server.close();
        }
    }

    @Test
    void filesOnAnSftpServerAreReadOnceItsKeyIsConfirmed() throws Exception {
        Sftp server = sftp();

        Map<String, Taken> all =
                taken(access(SourceKind.SFTP, server.url("/交换"), Map.of("hostKey", server.fingerprint)));

        assertBothFiles(all);
    }

    @Test
    void aServerWhoseKeyNobodyHasConfirmedIsShownItAndGetsNoPassword() throws Exception {
        Sftp server = sftp();

        assertThatThrownBy(() -> FolderConnector.open(access(SourceKind.SFTP, server.url("/交换"), Map.of())))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code().id()).isEqualTo("collect.host_key_not_confirmed");
                    assertThat(problem.arguments()).containsEntry("fingerprint", server.fingerprint);
                });
        assertThatThrownBy(() -> FolderConnector.open(
                        access(SourceKind.SFTP, server.url("/交换"), Map.of("hostKey", "SHA256:another"))))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo("collect.host_key_differs"));
        assertThat(server.passwords).isEmpty();
    }

    @Test
    void aWrongPasswordAndAMissingFolderAreSaid() throws Exception {
        Sftp server = sftp();
        Map<String, String> trusted = Map.of("hostKey", server.fingerprint);

        assertThatThrownBy(() -> FolderConnector.open(
                        new SourceAccess(SourceKind.SFTP, server.url("/"), USER, "wrong", trusted)))
                .hasMessageContaining("Cannot sign in");
        assertThatThrownBy(() -> FolderConnector.open(access(SourceKind.SFTP, server.url("/nowhere"), trusted)))
                .hasMessageContaining("Cannot reach");
    }

    @Test
    void aLinkOnAnSftpServerIsNamedAndNotFollowed() throws Exception {
        Files.createSymbolicLink(folder.resolve("交换/link.csv"), folder.resolve("outside.csv"));
        Sftp server = sftp();

        Map<String, Taken> all =
                taken(access(SourceKind.SFTP, server.url("/交换"), Map.of("hostKey", server.fingerprint)));

        assertThat(all.get("link.csv").outcome()).isEqualTo("collect.symbolic_link");
    }

    @Test
    void aServerThatIsLostIsASourceThatCannotBeReached() throws Exception {
        Sftp server = sftp();
        SourceAccess access = access(SourceKind.SFTP, server.url("/交换"), Map.of("hostKey", server.fingerprint));

        try (Connector connector = FolderConnector.open(access)) {
            server.server.stop(true);

            assertThatThrownBy(connector::discover)
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.code().id()).isEqualTo("collect.source_unreachable"));
        }
    }

    @Test
    void filesOnAWebDavServerAreRead() throws Exception {
        WebDav server = new WebDav(folder);

        Map<String, Taken> all = taken(access(SourceKind.WEBDAV, server.url("/交换"), Map.of()));
        Map<String, Taken> one = taken(access(SourceKind.WEBDAV, server.url("/交换/企业.csv"), Map.of()));

        assertBothFiles(all);
        assertThat(one.get("企业.csv").rowCount()).isEqualTo(2);
    }

    @Test
    void aWebDavServerThatRefusesOrMisleadsIsNotFollowed() throws Exception {
        WebDav server = new WebDav(folder);

        assertThatThrownBy(() -> FolderConnector.open(
                        new SourceAccess(SourceKind.WEBDAV, server.url("/交换"), USER, "wrong", Map.of())))
                .hasMessageContaining("Cannot sign in");
        server.extra = "<d:response><d:href>http://elsewhere.example/outside.csv</d:href><d:propstat><d:prop>"
                + "<d:getcontentlength>8</d:getcontentlength></d:prop></d:propstat></d:response>";
        assertThat(taken(access(SourceKind.WEBDAV, server.url("/交换"), Map.of())))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"webdavs://169.254.169.254/latest", "webdavs://100.100.100.200/latest"})
    void addressesThatBelongToNoDepartmentAreNotAsked(String location) {
        assertThatThrownBy(() -> FolderConnector.open(access(SourceKind.WEBDAV, location, Map.of())))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo("collect.address_refused"));
    }

    @Test
    void aPasswordIsNotSentInClear() {
        assertThatThrownBy(
                        () -> FolderConnector.open(access(SourceKind.WEBDAV, "webdav://192.0.2.1/exchange", Map.of())))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo("collect.password_in_clear"));
    }

    @Test
    void aFileThatChangesWhileItIsCollectedIsSaid() throws Exception {
        WebDav server = new WebDav(folder);
        try (Connector connector = FolderConnector.open(access(SourceKind.WEBDAV, server.url("/交换"), Map.of()))) {
            Files.writeString(folder.resolve("交换/企业.csv"), "id,name\n1,甲\n2,丙\n");

            SourceObject changed = connector.discover().stream()
                    .filter(object -> object.name().equals("企业.csv"))
                    .findFirst()
                    .orElseThrow();

            assertThat(connector.unreadable(changed).orElseThrow().code()).isEqualTo("collect.source_changed");
        }
    }

    @Test
    void objectsOfAnS3StoreAreReadPageByPage() throws Exception {
        S3 server = new S3(folder);
        Map<String, String> settings = Map.of("endpoint", server.url(), "region", "cn-east");

        Map<String, Taken> all = taken(access(SourceKind.S3, "s3://bucket/交换/", settings));

        assertBothFiles(all);
        assertThat(server.pages).isGreaterThan(1);
        assertThatThrownBy(() ->
                        FolderConnector.open(new SourceAccess(SourceKind.S3, "s3://bucket/", USER, "wrong", settings)))
                .hasMessageContaining("Cannot sign in");
    }

    @ParameterizedTest
    @EnumSource(
            value = SourceKind.class,
            names = {"SFTP", "WEBDAV", "S3"})
    void aValueThatChangedOnTheServerIsFoundAndPutRight(SourceKind kind) throws Exception {
        SourceAccess access = switch (kind) {
            case SFTP -> {
                Sftp server = sftp();
                yield access(kind, server.url("/交换"), Map.of("hostKey", server.fingerprint));
            }
            case WEBDAV -> access(kind, new WebDav(folder).url("/交换"), Map.of());
            default -> access(kind, "s3://bucket/交换/", Map.of("endpoint", new S3(folder).url(), "region", "cn-east"));
        };
        String catalogue =
                TestPostgres.shared().createDatabase("remote_" + kind.name().toLowerCase(Locale.ROOT));
        try (Lake lake = Lake.open(LakeSettings.small(
                catalogue, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake"), folder.resolve("tmp")))) {
            Collector collector = new Collector(lake, 1, folder.resolve("drivers"));
            collector.run(new RunOrder("run", "far", access, "", Set.of()), event -> {});

            assertThat(verified(collector, access).values())
                    .hasSize(2)
                    .allMatch(table -> table.state() == TableComparison.State.EQUAL);
            Files.writeString(folder.resolve("交换/企业.csv"), "id,name\n1,甲\n2,丙\n");
            Map<String, TableComparison> found = verified(collector, access);

            assertThat(found).containsOnlyKeys("企业.csv", "a+b%20&.ndjson");
            assertThat(found.get("企业.csv").state()).isEqualTo(TableComparison.State.DIFFERENT);
            assertThat(found.get("企业.csv").columns().stream()
                            .filter(column -> !column.holds())
                            .map(column -> column.column()))
                    .containsExactly("name");
            assertThat(found.get("企业.csv").differing()).isEqualTo(2);
            assertThat(found.get("企业.csv").repair()).isEqualTo(TableComparison.Repair.ROWS_REPAIRED);
            assertThat(found.get("a+b%20&.ndjson").state()).isEqualTo(TableComparison.State.EQUAL);
            assertThat(verified(collector, access).values())
                    .allMatch(table -> table.state() == TableComparison.State.EQUAL);
        }
    }

    private static Map<String, TableComparison> verified(Collector collector, SourceAccess access) {
        Map<String, TableComparison> compared = new TreeMap<>();
        collector.verify(
                new VerifyOrder(
                        "verify",
                        "far",
                        access,
                        null,
                        true,
                        Verification.Aim.REPAIR,
                        Set.of(),
                        Set.of(),
                        List.of(),
                        null),
                event -> {
                    if (event instanceof VerifyEvent.Compared one) {
                        String object = one.table().object();
                        compared.put(
                                object.endsWith("企业.csv") ? "企业.csv" : object.replaceFirst(".*(a\\+b)", "$1"),
                                one.table());
                    }
                });
        return compared;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/test.txt|bytes=0-9|f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                "/?lifecycle||fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
                "/?max-keys=2&prefix=J||34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            })
    void requestsAreSignedAsTheDocumentationShows(String path, String range, String signature) {
        AwsSignature key = new AwsSignature(
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "us-east-1",
                "s3",
                Clock.fixed(Instant.parse("2013-05-24T00:00:00Z"), ZoneOffset.UTC));

        Map<String, String> headers = key.sign(
                "GET",
                URI.create("https://examplebucket.s3.amazonaws.com" + path),
                range == null ? Map.of() : Map.of("Range", range));

        assertThat(headers.get("Authorization")).endsWith("Signature=" + signature);
    }

    private static void assertBothFiles(Map<String, Taken> all) {
        assertThat(all).containsOnlyKeys("企业.csv", "2024 年/a+b%20&.ndjson");
        assertThat(all.get("企业.csv").rows()).containsExactly(List.of("1", "甲"), List.of("2", "乙"));
        assertThat(all.get("2024 年/a+b%20&.ndjson").rows()).containsExactly(List.of("1"), List.of("2"));
        assertThat(all.get("企业.csv").object().details()).containsKeys("sha256", "size", "modified");
    }

    private static SourceAccess access(SourceKind kind, String location, Map<String, String> settings) {
        return new SourceAccess(kind, location, USER, SECRET, settings);
    }

    private static Map<String, Taken> taken(SourceAccess access) throws Exception {
        Map<String, Taken> all = new TreeMap<>();
        try (Connector connector = FolderConnector.open(access)) {
            for (Taken one : Taken.from(connector)) {
                all.put(one.object().details().get("path"), one);
            }
        }
        return all;
    }

    private Sftp sftp() throws Exception {
        Sftp server = new Sftp(folder);
        servers.add(() -> server.server.stop(true));
        return server;
    }

    private static final class Sftp {
        private final SshServer server = SshServer.setUpDefaultServer();
        private final List<String> passwords = new CopyOnWriteArrayList<>();
        private final String fingerprint;

        Sftp(Path root) throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair key = generator.generateKeyPair();
            fingerprint = KeyUtils.getFingerPrint(BuiltinDigests.sha256, key.getPublic());
            server.setHost("127.0.0.1");
            server.setPort(0);
            server.setKeyPairProvider(KeyPairProvider.wrap(key));
            server.setPasswordAuthenticator((user, password, session) -> {
                passwords.add(password);
                return user.equals(USER) && password.equals(SECRET);
            });
            server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
            server.setFileSystemFactory(new VirtualFileSystemFactory(root));
            server.start();
        }

        String url(String path) {
            return "sftp://127.0.0.1:" + server.getPort() + path;
        }
    }

    /** A server on this machine. */
    private abstract class Http {
        final HttpServer server;
        final Path root;

        Http(Path root) throws IOException {
            this.root = root;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    answer(exchange);
                }
            });
            server.start();
            servers.add(() -> server.stop(0));
        }

        abstract void answer(HttpExchange exchange) throws IOException;

        final int port() {
            return server.getAddress().getPort();
        }

        final void say(HttpExchange exchange, int status, byte[] body) throws IOException {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }

        final String tag(Path file) throws IOException {
            return "\"" + Files.size(file) + "-"
                    + Integer.toHexString(Files.readString(file).hashCode()) + "\"";
        }

        final void sayFile(HttpExchange exchange, Path file) throws IOException {
            String wanted = exchange.getRequestHeaders().getFirst("If-Match");
            if (!Files.isRegularFile(file)) {
                say(exchange, 404, new byte[0]);
            } else if (wanted != null && !wanted.equals(tag(file))) {
                say(exchange, 412, new byte[0]);
            } else {
                say(exchange, 200, Files.readAllBytes(file));
            }
        }
    }

    private final class WebDav extends Http {
        private volatile String extra = "";

        WebDav(Path root) throws IOException {
            super(root);
        }

        String url(String path) {
            return "webdav://127.0.0.1:" + port() + path;
        }

        @Override
        void answer(HttpExchange exchange) throws IOException {
            String basic = "Basic " + Base64.getEncoder().encodeToString((USER + ":" + SECRET).getBytes(UTF_8));
            if (!basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                say(exchange, 401, new byte[0]);
                return;
            }
            Path path = root.resolve(exchange.getRequestURI().getPath().substring(1));
            if (exchange.getRequestMethod().equals("GET")) {
                sayFile(exchange, path);
                return;
            }
            StringBuilder xml =
                    new StringBuilder("<?xml version='1.0' encoding='utf-8'?><d:multistatus xmlns:d='DAV:'>");
            List<Path> all = new ArrayList<>(List.of(path));
            if (Files.isDirectory(path)) {
                try (Stream<Path> inside = Files.list(path)) {
                    all.addAll(inside.toList());
                }
            }
            for (Path one : all) {
                boolean directory = Files.isDirectory(one);
                xml.append("<d:response><d:href>/")
                        .append(RemoteAddress.encode(root.relativize(one).toString()))
                        .append(directory ? "/" : "")
                        .append("</d:href><d:propstat><d:prop>")
                        .append(directory ? "<d:resourcetype><d:collection/></d:resourcetype>" : "<d:resourcetype/>");
                if (!directory) {
                    xml.append("<d:getcontentlength>")
                            .append(Files.size(one))
                            .append("</d:getcontentlength><d:getetag>")
                            .append(tag(one))
                            .append("</d:getetag><d:getlastmodified>")
                            .append(DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.ofInstant(
                                    Files.getLastModifiedTime(one).toInstant(), ZoneOffset.UTC)))
                            .append("</d:getlastmodified>");
                }
                xml.append("</d:prop></d:propstat></d:response>");
            }
            say(
                    exchange,
                    207,
                    xml.append(extra).append("</d:multistatus>").toString().getBytes(UTF_8));
        }
    }

    /** A store that gives one key a page, and looks at every signature. */
    private final class S3 extends Http {
        private volatile int pages;

        S3(Path root) throws IOException {
            super(root);
        }

        String url() {
            return "http://127.0.0.1:" + port();
        }

        @Override
        void answer(HttpExchange exchange) throws IOException {
            URI asked = exchange.getRequestURI();
            Instant at = Instant.from(DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssX")
                    .parse(exchange.getRequestHeaders().getFirst("X-amz-date")));
            String expected = new AwsSignature(USER, SECRET, "cn-east", "s3", Clock.fixed(at, ZoneOffset.UTC))
                    .sign("GET", URI.create(url() + asked), Map.of())
                    .get("Authorization");
            if (!exchange.getRequestHeaders().getFirst("Authorization").equals(expected)) {
                say(exchange, 403, new byte[0]);
                return;
            }
            String path = asked.getPath().replaceFirst("^/bucket/", "");
            if (!path.isEmpty()) {
                sayFile(exchange, root.resolve(path));
                return;
            }
            Map<String, String> query = new LinkedHashMap<>();
            for (String part : asked.getRawQuery().split("&")) {
                query.put(part.replaceFirst("=.*", ""), RemoteAddress.decode(part.replaceFirst("^[^=]*=", "")));
            }
            List<Path> all;
            try (Stream<Path> files = Files.walk(root)) {
                all = files.filter(Files::isRegularFile)
                        .filter(file -> root.relativize(file).toString().startsWith(query.get("prefix")))
                        .sorted()
                        .toList();
            }
            pages++;
            int from = Integer.parseInt(query.getOrDefault("continuation-token", "0"));
            Path file = all.get(from);
            boolean more = from + 1 < all.size();
            say(
                    exchange,
                    200,
                    ("<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><EncodingType>url</EncodingType>"
                                    + "<IsTruncated>" + more + "</IsTruncated>"
                                    + (more ? "<NextContinuationToken>" + (from + 1) + "</NextContinuationToken>" : "")
                                    + "<Contents><Key>"
                                    + RemoteAddress.encode(root.relativize(file).toString())
                                            .replace("%20", "+")
                                    + "</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>"
                                    + tag(file).replace("\"", "&quot;") + "</ETag><Size>" + Files.size(file)
                                    + "</Size></Contents></ListBucketResult>")
                            .getBytes(UTF_8));
        }
    }
}
