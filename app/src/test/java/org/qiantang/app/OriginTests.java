package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Where people are believed to come from, whatever their requests say of themselves. */
class OriginTests {
    private static final Pattern CSRF = Pattern.compile("((?:__Host-)?QT-CSRF=([^;]+))");

    @TempDir
    static Path home;

    private static RunningHub hub;
    private static HostileProvider provider;

    @BeforeAll
    static void start() throws Exception {
        provider = new HostileProvider();
        hub = new RunningHub(home);
    }

    @AfterAll
    static void stop() {
        hub.close();
        provider.close();
    }

    private void restart(String... settings) {
        hub.stop();
        String[] all = java.util.Arrays.copyOf(settings, settings.length + 2);
        all[settings.length] = "--qiantang.oidc.odd.issuer=" + provider.issuer();
        all[settings.length + 1] = "--qiantang.oidc.odd.client-id=" + HostileProvider.CLIENT;
        hub.start(all);
        hub.bean(JdbcClient.class).sql("delete from org_sign_in_failures").update();
    }

    /** Says exactly this to the hub, headers and all, and returns its whole answer. */
    private static String say(String method, String path, String body, String... headers) {
        URI address = hub.uri(path);
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nConnection: close\r\n");
        boolean named = List.of(headers).stream().anyMatch(each -> each.startsWith("Host:"));
        if (!named) {
            request.append("Host: 127.0.0.1:").append(address.getPort()).append("\r\n");
        }
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        request.append("Content-Type: application/json\r\nContent-Length: ")
                .append(bytes.length)
                .append("\r\n\r\n");
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.toString().getBytes(StandardCharsets.UTF_8));
            out.write(bytes);
            out.flush();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String post(String path, String body, String... headers) {
        Matcher token = CSRF.matcher(say("GET", "/api/health", ""));
        assertThat(token.find()).isTrue();
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Cookie: " + token.group(1);
        all[headers.length + 1] = "X-CSRF-Token: " + token.group(2);
        return say("POST", path, body, all);
    }

    private static List<String> countedAddresses() {
        return hub.bean(JdbcClient.class)
                .sql("select address from org_sign_in_failures where address <> '*' order by address")
                .query(String.class)
                .list();
    }

    private static String guess(String... headers) {
        return post("/api/session", "{\"username\":\"officer\",\"password\":\"wrong\"}", headers);
    }

    private static String begin(String... headers) {
        return post("/api/session/oidc/odd/request", "", headers);
    }

    @Test
    void whatARequestSaysOfItsOriginIsNotBelieved() {
        restart();

        guess("X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.8");

        assertThat(countedAddresses()).containsExactly("127.0.0.1");
        assertThat(signIn("X-Forwarded-Proto: https"))
                .contains("QT-DEVICE-")
                .doesNotContain("Secure")
                .doesNotContain("__Host-");
    }

    @Test
    void aTrustedProxySaysWhereSomebodyComesFromAndNoFurtherThanItself() {
        restart("--qiantang.trusted-proxies=127.0.0.1,10.9.0.0/24");

        // Whoever stands before the proxy can write what they like to the left of their own address.
        guess("X-Forwarded-For: 198.51.100.1, 203.0.113.7, 10.9.0.4");

        assertThat(countedAddresses()).containsExactly("203.0.113.7");
        String entered = signIn("X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.9");
        assertThat(entered.lines().filter(line -> line.startsWith("Set-Cookie:")))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(cookie -> assertThat(cookie).contains("Secure", "SameSite=Strict"))
                .anySatisfy(cookie -> assertThat(cookie).contains("__Host-QT-DEVICE-", "HttpOnly", "Path=/;"));
    }

    @Test
    void whereThePublicAddressIsHttpsEveryCookieBelongsToThisHostAlone() {
        restart("--qiantang.trusted-proxies=127.0.0.1", "--qiantang.public-url=https://data.example.gov.cn");

        String entered = signIn("X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.9");

        assertThat(entered.lines().filter(line -> line.startsWith("Set-Cookie:")))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(cookie -> assertThat(cookie)
                        .startsWith("Set-Cookie: __Host-")
                        .contains("Secure", "SameSite=Strict", "Path=/")
                        .doesNotContain("Domain="))
                .anySatisfy(cookie -> assertThat(cookie).contains("__Host-QTSESSION=", "HttpOnly"));
        Matcher session = Pattern.compile("__Host-QTSESSION=[^;]+").matcher(entered);
        assertThat(session.find()).isTrue();
        assertThat(say("GET", "/api/session", "", "Cookie: " + session.group()))
                .startsWith("HTTP/1.1 200")
                .contains("officer");
        assertThat(say("GET", "/api/session", "", "Cookie: " + session.group().replace("__Host-", "")))
                .startsWith("HTTP/1.1 401");
    }

    @Test
    void browsersAreToldToComeByHttpsAloneWhereTheyDo() {
        restart("--qiantang.trusted-proxies=127.0.0.1");

        for (String path : List.of("/", "/api/health", "/api/sources", "/assets/nothing.js")) {
            assertThat(say("GET", path, "", "X-Forwarded-Proto: https"))
                    .contains("Strict-Transport-Security: max-age=31536000 ; includeSubDomains");
        }
        assertThat(say("POST", "/api/events/nothing", "{}", "X-Forwarded-Proto: https"))
                .contains("Strict-Transport-Security: max-age=31536000");
        assertThat(say("GET", "/api/health", "")).doesNotContain("Strict-Transport-Security");
    }

    @Test
    void aRequestWhoseEndCanBeReadInTwoWaysIsRefused() {
        restart();

        assertThat(say("POST", "/api/session", "{}", "Content-Length: 5")).startsWith("HTTP/1.1 400");
        assertThat(say("POST", "/api/session", "{}", "Transfer-Encoding: xchunked"))
                .startsWith("HTTP/1.1 501");
        assertThat(say("POST", "/api/session", "{}", "Transfer-Encoding: chunked, identity"))
                .containsPattern("^HTTP/1.1 (400|501)");
        // What stands behind the last chunk is not taken for a request of its own.
        assertThat(say(
                        "POST",
                        "/api/session",
                        "0\r\n\r\nGET /api/health HTTP/1.1\r\nHost: x\r\n\r\n",
                        "Transfer-Encoding: chunked"))
                .doesNotContain("UP");
    }

    private static String signIn(String... headers) {
        String answer = post(
                "/api/session",
                "{\"username\":\"officer\",\"password\":\"" + hub.passwordOf(Role.OFFICER) + "\"}",
                headers);
        assertThat(answer).startsWith("HTTP/1.1 200");
        return answer;
    }

    @Test
    void aBrowserThatWasSignedInToIsNotKeptOutByStrangers() {
        restart("--qiantang.trusted-proxies=127.0.0.1");
        RunningHub.Client owner = hub.as(Role.OFFICER);
        for (int i = 0; i < 5; i++) {
            guess();
        }

        assertThat(guess()).startsWith("HTTP/1.1 429");
        assertThat(owner.post("/api/session", Map.of("username", "officer", "password", hub.passwordOf(Role.OFFICER)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aProviderSendsPeopleBackToTheAddressTheOperatorHasSaidWhateverTheRequestClaims() {
        restart("--qiantang.public-url=https://data.example.gov.cn/");
        assertThat(begin("Host: evil.example", "X-Forwarded-Host: evil.example"))
                .contains("redirect_uri=https://data.example.gov.cn/sign-in/odd")
                .doesNotContain("evil");
    }

    @Test
    void whatLeavesTheCityCarriesTheAddressTheOperatorHasSaidWhateverTheRequestClaims() {
        restart("--qiantang.public-url=https://data.example.gov.cn/");
        assertThat(say(
                        "GET",
                        "/api/directory/dcat?form=TURTLE",
                        "",
                        "Host: evil.example",
                        "Authorization: Bearer " + RunningHub.OPERATOR_TOKEN))
                .startsWith("HTTP/1.1 200")
                .contains("https://data.example.gov.cn/")
                .doesNotContain("evil");
    }

    @Test
    void withoutThatAddressOnlyPeopleAtThisMachineAreSentToAProvider() {
        restart();
        assertThat(begin("Host: evil.example")).startsWith("HTTP/1.1 503").contains("oidc.no_public_url");
        assertThat(begin("X-Forwarded-Host: evil.example"))
                .contains("redirect_uri=http://127.0.0.1")
                .doesNotContain("evil");
    }

    @Test
    void whatWouldBelieveTheWrongOnesStopsTheStart() {
        assertThatThrownBy(() -> restart("--qiantang.trusted-proxies=10.0.0.x"))
                .hasStackTraceContaining("qiantang.trusted-proxies");
        assertThatThrownBy(() -> restart("--server.forward-headers-strategy=native"))
                .hasStackTraceContaining("qiantang.trusted-proxies");
        assertThatThrownBy(() -> restart("--qiantang.public-url=data.example.gov.cn"))
                .hasStackTraceContaining("qiantang.public-url");
        restart();
    }
}
