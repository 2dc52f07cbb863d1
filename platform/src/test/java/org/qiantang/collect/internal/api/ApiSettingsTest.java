package org.qiantang.collect.internal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

class ApiSettingsTest {
    private static ApiSettings settings(String location, String... settings) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return ApiSettings.of(location, "me", "secret", all);
    }

    private static void refused(CollectProblem code, Runnable act) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apiKey | abc",
                "password | abc",
                "resources | [{\"name\": \"a\", \"path\": \"/x?access_token=abc\"}]",
                "resources | [{\"name\": \"a\", \"headers\": {\"Authorization\": \"Bearer abc\"}}]",
                "resources | [{\"name\": \"a\", \"headers\": {\"X-Api-Key\": \"abc\"}}]",
                "resources | [{\"name\": \"a\", \"body\": \"{\\\"app_secret\\\": \\\"abc\\\"}\"}]",
            })
    void aSecretHasNoPlaceInTheSettings(String name, String value) {
        refused(CollectProblem.SECRET_IN_SETTINGS, () -> settings("https://example.org/a", name, value));
    }

    @Test
    void aSecretHasNoPlaceInTheAddress() {
        refused(CollectProblem.SECRET_IN_SETTINGS, () -> settings("https://example.org/a?appSecret=1"));
        refused(CollectProblem.PASSWORD_IN_LOCATION, () -> settings("https://me:pw@example.org/a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resource | []",
                "resources | []",
                "resources | {",
                "resources | [{\"name\": \"a\", \"recrods\": \"/x\"}]",
                "resources | [{\"name\": \"a\"}, {\"name\": \"A\"}]",
                "resources | [{\"path\": \"/a\"}]",
                "resources | [{\"name\": \"a\", \"path\": \"a\"}]",
                "resources | [{\"name\": \"a\", \"records\": \"x\"}]",
                "resources | [{\"name\": \"a\", \"paging\": {\"step\": \"PAGE\"}}]",
                "resources | [{\"name\": \"a\", \"paging\": {\"step\": \"CURSOR\", \"param\": \"c\"}}]",
                "resources | [{\"name\": \"a\", \"since\": {\"param\": \"s\", \"field\": \"t\", \"key\": [\"id\"], \"format\": \"bbb\"}}]",
                "auth | kerberos",
                "algorithm | MD5",
                "canonical | {timestamp}{salt}",
                "concurrency | 500",
                "allowPlain | yes",
                "retries | many",
            })
    void whatCannotBeMeantIsRefused(String name, String value) {
        refused(
                CollectProblem.BAD_SETTING,
                () -> settings("https://example.org/a", "auth", name.equals("auth") ? value : "hmac", name, value));
    }

    @Test
    void aBareAddressIsOneResourceNamedByItsPath() {
        assertThat(settings("https://example.org/v1/permits/?page=1").resources())
                .extracting(ApiResource::name)
                .containsExactly("permits");
        assertThat(settings("https://example.org").resources())
                .extracting(ApiResource::name)
                .containsExactly("records");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "100.100.100.200",
                "0.0.0.0",
                "224.0.0.1",
                "fe80::1",
                "::",
                "fd00:ec2::254",
                "64:ff9b::a9fe:a9fe",
                "::ffff:169.254.1.1"
            })
    void addressesThatBelongToNoDepartmentAreForbidden(String address) throws Exception {
        assertThat(Destinations.isForbidden(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3", "192.168.0.1", "127.0.0.1", "59.202.1.1", "fd12::1", "2001:db8::1"})
    void addressesOfDepartmentsAreNot(String address) throws Exception {
        assertThat(Destinations.isForbidden(InetAddress.getByName(address))).isFalse();
    }

    @Test
    void plainHttpStaysOnThisMachineUnlessItIsAllowed() {
        URI away = URI.create("http://10.1.2.3/api");
        refused(CollectProblem.ADDRESS_REFUSED, () -> Destinations.check(away, false, Set.of()));
        Destinations.check(away, true, Set.of());
        Destinations.check(URI.create("http://127.0.0.1:1/api"), false, Set.of());
    }

    @Test
    void noSourceLeadsToThePlatformItself() {
        refused(
                CollectProblem.ADDRESS_REFUSED,
                () -> Destinations.check(URI.create("http://127.0.0.1:8080/api"), false, Set.of(8080)));
        refused(
                CollectProblem.ADDRESS_REFUSED,
                () -> Destinations.check(URI.create("http://169.254.169.254/latest"), true, Set.of()));
        Destinations.check(URI.create("http://127.0.0.1:8081/api"), false, Set.of(8080));
    }

    @Test
    void theGatewaysPublishedExampleComesOut() {
        Signing.Signature signing = (Signing.Signature) Signing.of(
                "paas",
                "testsecret",
                Map.of("auth", "hmac", "algorithm", "SHA256", "canonical", "{timestamp}{secret}{nonce}{timestamp}"));

        String text = signing.text("1700000000", "123456", "", "GET", "/", "");

        assertThat(text).isEqualTo("1700000000testsecret1234561700000000");
        assertThat(signing.sign(text)).isEqualTo("75d11c122ecaf49032eb25d1fed72796b42c8417150fe4df72c50ebaaa849a7d");
    }

    @Test
    void neitherKeyNorSecretIsEverPrinted() {
        for (String auth : List.of("header", "bearer", "query", "basic", "hmac")) {
            assertThat(settings("https://example.org/a", "auth", auth).toString())
                    .doesNotContain("secret");
        }
    }

    @Test
    void theNextLinkIsFoundAmongOthers() {
        assertThat(ApiCalls.nextLink(
                        List.of("<https://h/a?p=1>; rel=\"prev\", <https://h/a?p=3,4>; title=\"x\"; rel=\"next\"")))
                .contains("https://h/a?p=3,4");
        assertThat(ApiCalls.nextLink(List.of("<https://h/a?p=1>; rel=prev"))).isEmpty();
        assertThat(ApiCalls.nextLink(List.of("</a?p=2>; rel=next"))).contains("/a?p=2");
    }
}
