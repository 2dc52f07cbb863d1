package org.qiantang.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.core.Problem;

/** Nobody makes the platform knock at a door inside the city's network that its administrator did not name. */
class ReceiversTest {
    private final Receivers receivers = new Receivers(new ReceiverRules(List.of(), ReceiverRules.PlainHttp.REFUSED));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.org/in",
                "ftp://example.org/in",
                "https://10.1.2.3/in",
                "https://127.0.0.1/in",
                "https://2130706433/in",
                "https://0.0.0.0/",
                "https://169.254.169.254/latest/meta-data",
                "https://192.168.1.1/",
                "https://172.16.0.1/",
                "https://100.64.0.1/",
                "https://[::1]/",
                "https://[::ffff:10.0.0.1]/",
                "https://[fd00::1]/",
                "https://[fe80::1]/",
                "https://[64:ff9b::a00:1]/",
                "https://user:word@example.org/",
                "https:///in",
                "/in",
                "not an address",
                ""
            })
    void anInternalOrUnprotectedAddressIsRefused(String url) {
        assertThatThrownBy(() -> receivers.check(url))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ExchangeProblem.RECEIVER_NOT_ALLOWED));
    }

    @Test
    void aNameThatMeansAnInternalAddressIsRefusedWhenItIsCalled() {
        assertThat(receivers.check("https://localhost/in").getHost()).isEqualTo("localhost");
        assertThatThrownBy(() -> receivers.post("https://localhost/in", Map.of(), new byte[0]))
                .isInstanceOf(Problem.class);
    }

    @Test
    void whatTheAdministratorNamesMayBeInternal() {
        Receivers named =
                new Receivers(new ReceiverRules(List.of("10.1.2.3", "*.gov.example"), ReceiverRules.PlainHttp.ALLOWED));

        assertThat(named.check("http://10.1.2.3/in").getHost()).isEqualTo("10.1.2.3");
        assertThat(new ReceiverRules(List.of("*.gov.example"), ReceiverRules.PlainHttp.REFUSED).names("a.gov.example"))
                .isTrue();
        assertThat(new ReceiverRules(List.of("*.gov.example"), ReceiverRules.PlainHttp.REFUSED).names("agov.example"))
                .isFalse();
        assertThatThrownBy(() -> named.check("http://10.1.2.4/in")).isInstanceOf(Problem.class);
    }

    @Test
    void addressesOfTheInternetArePublic() throws Exception {
        assertThat(Receivers.isPublic(InetAddress.getByName("93.184.216.34"))).isTrue();
        assertThat(Receivers.isPublic(InetAddress.getByName("2606:2800:220:1::1")))
                .isTrue();
        assertThat(Receivers.isPublic(InetAddress.getByName("2002:0a00:0001::1")))
                .isFalse();
        assertThat(Receivers.isPublic(InetAddress.getByName("224.0.0.1"))).isFalse();
    }
}
