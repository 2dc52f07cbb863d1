package org.qiantang.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A program that is known by the certificate of its connection, which only a proxy that the operator names may tell of. */
class ClientCertificateTests {
    private static final String PASSWORD = "for tests alone";

    @TempDir
    static Path home;

    private static X509Certificate own;
    private static X509Certificate another;
    private static X509Certificate authority;
    private static X509Certificate issued;
    private static X509Certificate pretended;
    private static RunningHub hub;
    private static Programs programs;
    private static Client engineer;

    @BeforeAll
    static void start() throws Exception {
        own = selfSigned("own", "CN=rescue,O=Civil Affairs");
        another = selfSigned("another", "CN=rescue,O=Civil Affairs");
        authority = selfSigned("authority", "CN=City CA,O=Data Bureau", "-ext", "bc:c");
        pretended = selfSigned("pretended", "CN=issued,O=Civil Affairs");
        selfSigned("issued", "CN=issued,O=Civil Affairs");
        Path request = home.resolve("issued.csr");
        keytool("issued", "-certreq", "-file", request.toString());
        Path answer = home.resolve("issued.crt");
        keytool(
                "authority",
                "-gencert",
                "-infile",
                request.toString(),
                "-outfile",
                answer.toString(),
                "-validity",
                "30");
        try (InputStream in = Files.newInputStream(answer)) {
            issued = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        Path authorities = Files.writeString(home.resolve("authorities.pem"), pem(authority));
        hub = new RunningHub(home.resolve("hub"));
        behind("127.0.0.1", "--qiantang.client-authorities=" + authorities);
        engineer = hub.as(Role.ENGINEER);
        register("rescue", Map.of("certificate", pem(own)));
        register("issued", Map.of("subject", "cn=issued, o=Civil Affairs"));
    }

    private static void behind(String proxy, String... more) {
        hub.stop();
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--qiantang.trusted-proxies=" + proxy);
        hub.start(arguments.toArray(String[]::new));
        programs = new Programs(hub);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static void register(String id, Map<String, Object> credential) {
        Map<String, Object> client = new HashMap<>(credential);
        client.putAll(Map.of("id", id, "title", "业务系统", "department", "civil_affairs"));
        Answer answer = engineer.post("/api/clients", client);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        assertThat(answer.json().path("secret").isNull()).isTrue();
    }

    private static X509Certificate selfSigned(String name, String subject, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30", "-dname", subject));
        arguments.addAll(List.of(more));
        keytool(name, arguments.toArray(String[]::new));
        KeyStore store = KeyStore.getInstance(home.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
        return (X509Certificate) store.getCertificate(name);
    }

    private static void keytool(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                "-alias",
                name,
                "-keystore",
                home.resolve(name + ".p12").toString(),
                "-storepass",
                PASSWORD));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static String pem(X509Certificate certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    /** As RFC 9440 has a proxy write it. */
    private static Map<String, String> shows(X509Certificate... chain) throws Exception {
        Map<String, String> headers = new HashMap<>();
        List<String> sequences = new ArrayList<>();
        for (X509Certificate each : chain) {
            sequences.add(":" + Base64.getEncoder().encodeToString(each.getEncoded()) + ":");
        }
        headers.put("Client-Cert", sequences.getFirst());
        if (chain.length > 1) {
            headers.put("Client-Cert-Chain", sequences.stream().skip(1).collect(Collectors.joining(", ")));
        }
        return headers;
    }

    private static String tokenOf(String client, X509Certificate... chain) throws Exception {
        Answer answer = programs.tokenByConnection(client, shows(chain));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.json().path("access_token").asString();
    }

    private static void isNobody(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(401);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_client");
    }

    private static Answer called(String token, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Authorization", "Bearer " + token);
        return programs.get("/services/nothing/v1/mock", all);
    }

    @Test
    void tokenOfACertificateCountsOnItsConnectionAndOnNoOther() throws Exception {
        String token = tokenOf("rescue", own);

        JsonNode claims = JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
        assertThat(claims.path("cnf").path("x5t#S256").asString()).hasSize(43);
        assertThat(called(token, shows(own)).code()).isEqualTo("invoke.no_such_service");
        for (Map<String, String> wrong : List.of(Map.<String, String>of(), shows(another))) {
            Answer refused = called(token, wrong);
            assertThat(refused.status()).as(wrong.toString()).isEqualTo(401);
            assertThat(refused.code()).isEqualTo("invoke.token_refused");
        }
    }

    @Test
    void certificateThatIsNotTheClientsProvesNothing() throws Exception {
        isNobody(programs.tokenByConnection("rescue", shows(another)));
        isNobody(programs.tokenByConnection("issued", shows(own)));
        isNobody(programs.tokenByConnection("nobody", shows(own)));
        isNobody(programs.tokenByConnection("rescue", Map.of()));
        isNobody(programs.tokenByConnection("rescue", Map.of("Client-Cert", ":bm90aGluZw==:")));
        String sequence = shows(own).get("Client-Cert");
        isNobody(programs.tokenByConnection("rescue", Map.of("Client-Cert", sequence + ", " + sequence)));
        isNobody(programs.tokenByConnection("rescue", Map.of("Client-Cert", sequence.substring(1))));
    }

    @Test
    void subjectCountsWhereAnAuthoritySaysWhoseItIs() throws Exception {
        String token = tokenOf("issued", issued);

        assertThat(called(token, shows(issued)).code()).isEqualTo("invoke.no_such_service");
        assertThat(tokenOf("issued", issued, authority)).isNotEmpty();
        isNobody(programs.tokenByConnection("issued", shows(pretended)));
        isNobody(programs.tokenByConnection("issued", shows(pretended, authority)));
    }

    @Test
    void metadataSayWhatIsTaken() {
        JsonNode metadata = programs.get("/.well-known/oauth-authorization-server", Map.of())
                .json();

        assertThat(metadata.path("tls_client_certificate_bound_access_tokens").asBoolean())
                .isTrue();
        assertThat(metadata.path("token_endpoint_auth_methods_supported").toString())
                .contains("\"tls_client_auth\"", "\"self_signed_tls_client_auth\"");
    }

    @Test
    void whatIsNoCertificateIsNotRegistered() throws Exception {
        assertThat(engineer.post(
                                "/api/clients/rescue/credentials",
                                Map.of("certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"))
                        .code())
                .isEqualTo("invoke.bad_key");
        assertThat(engineer.post("/api/clients/rescue/credentials", Map.of("subject", "nothing of the kind"))
                        .code())
                .isEqualTo("invoke.bad_key");
        assertThat(engineer.post(
                                "/api/clients/rescue/credentials",
                                Map.of("subject", "CN=x", "certificate", pem(another)))
                        .status())
                .isEqualTo(400);
        assertThat(CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem(own).getBytes(US_ASCII))))
                .isEqualTo(own);
    }

    /** The same home behind another proxy: what this one says of itself is what anybody may write. */
    @Test
    void headerFromElsewhereIsForged() throws Exception {
        Path other = home.resolve("elsewhere");
        try (RunningHub elsewhere = new RunningHub(other)) {
            elsewhere.stop();
            elsewhere.start(new String[] {"--qiantang.trusted-proxies=10.9.9.9"});
            Client keeper = elsewhere.as(Role.ENGINEER);
            Answer made = keeper.post(
                    "/api/clients",
                    Map.of("id", "rescue", "title", "业务系统", "department", "civil_affairs", "certificate", pem(own)));
            assertThat(made.status()).as(made.toString()).isEqualTo(201);
            assertThat(keeper.post("/api/clients/rescue/credentials", Map.of("subject", "CN=rescue"))
                            .code())
                    .isEqualTo("invoke.no_authorities");

            isNobody(new Programs(elsewhere).tokenByConnection("rescue", shows(own)));
            Map<String, String> forwarded = new HashMap<>(shows(own));
            forwarded.put("X-Forwarded-For", "10.9.9.9");
            isNobody(new Programs(elsewhere).tokenByConnection("rescue", forwarded));
        }
    }
}
