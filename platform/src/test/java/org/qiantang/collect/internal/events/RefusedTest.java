package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qiantang.collect.internal.events.EventLines.Bad;
import org.qiantang.collect.internal.events.EventLines.Form;
import org.qiantang.collect.internal.events.Refused.Told;

class RefusedTest {
    private static final Charset GBK = Charset.forName("GBK");
    private static final Charset GB18030 = Charset.forName("GB18030");
    private static final String PACKET =
            "##0170QN=20230923080000001;ST=22;CN=2011;PW=123456;MN=330106000000000000000001;Flag=5;CP=&&DataTime=20230923080000;a34004-Rtd=23.0,a34004-Flag=N;a05024-Rtd=61.0,a05024-Flag=N&&3240";

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"LINES", "DOCUMENT", "MESSAGE"})
    void whatWasRefusedByARuleIsRefusedByTheSameRuleAgain(Form form) {
        // each would be taken in another form, or but for what was cut off
        for (String body : List.of(
                "[{\"a\":1}]x",
                "{\"a\":1}{\"a\":2}",
                "[[{\"a\":1}],5]",
                "{\"a\":1" + " ".repeat(EventLines.LONGEST) + "}",
                "{\"a\":1}" + " ".repeat(100_000) + "x")) {
            for (Bad bad : EventLines.of(form, body.getBytes(UTF_8), UTF_8).bad()) {
                assertThat(read(bad, UTF_8)).as(body.strip()).isEmpty();
            }
        }
        for (Bad bad : EventLines.of(form, "{\"a\":\"值\"}".getBytes(GBK), UTF_8).bad()) {
            assertThat(read(bad, UTF_8))
                    .as("the text that is shown is not what came")
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"LINES", "DOCUMENT", "MESSAGE"})
    void underAnotherRuleTheVeryBytesThatCameAreRead(Form form) {
        Bad bad =
                EventLines.of(form, "{\"a\":\"污染\"}".getBytes(GBK), UTF_8).bad().getFirst();

        List<Told> told = read(bad, GB18030).orElseThrow();

        assertThat(told).hasSize(1);
        assertThat(new String(told.getFirst().events(), UTF_8)).isEqualTo("{\"a\":\"污染\"}");
        assertThat(told.getFirst().device()).isEmpty();
    }

    @Test
    void packetsAreTakenWholeOrNotAtAll() {
        assertThat(packets(PACKET)).hasValueSatisfying(told -> {
            assertThat(told).hasSize(1);
            assertThat(told.getFirst().device()).isEqualTo("330106000000000000000001");
            assertThat(new String(told.getFirst().events(), UTF_8).lines()).hasSize(2);
        });
        assertThat(packets(PACKET + "\r\n" + PACKET).orElseThrow()).hasSize(2);
        assertThat(packets(PACKET.replace("23.0", "24.0"))).isEmpty();
        assertThat(packets(PACKET + PACKET.substring(0, 90))).isEmpty();
        assertThat(packets(new String(Hj212Packet.frame("ST=22;CN=2011;CP=&&a=1&&"), UTF_8)))
                .as("whose it is nobody can say")
                .isEmpty();
        assertThat(packets(new String(Hj212Packet.frame("ST=91;CN=9014;MN=1;CP=&&&&"), UTF_8))
                        .orElseThrow())
                .as("an answer is nothing to keep")
                .isEmpty();
    }

    @Test
    void aDamagedPacketIsKeptInItsWholeLength() {
        byte[] packet = Hj212Packet.frame("QN=1;CN=2011;MN=m;CP=&&" + "a-Rtd=1,".repeat(1_100) + "&&");
        packet[100] = '!';
        Hj212Stream stream = new Hj212Stream();
        stream.add(packet, packet.length);

        Hj212Stream.Found found = stream.next().orElseThrow();

        assertThat(((Hj212Stream.Found.Rubbish) found).raw()).hasSize(packet.length - 2);
    }

    private static Optional<List<Told>> read(Bad bad, Charset encoding) {
        return Refused.read(bad.form(), bad.raw(), bad.exact(), encoding);
    }

    private static Optional<List<Told>> packets(String raw) {
        return Refused.read(Form.PACKET, raw, null, UTF_8);
    }
}
