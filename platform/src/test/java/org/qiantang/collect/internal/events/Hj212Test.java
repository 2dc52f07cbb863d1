package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;
import org.qiantang.testing.SharedData;

class Hj212Test {
    private static final String REAL_TIME =
            "##0170QN=20230923080000001;ST=22;CN=2011;PW=123456;MN=330106000000000000000001;Flag=5;CP=&&DataTime=20230923080000;a34004-Rtd=23.0,a34004-Flag=N;a05024-Rtd=61.0,a05024-Flag=N&&3240\r\n";
    private static final String MINUTE =
            "##0228QN=20230923081000001;ST=21;CN=2051;PW=123456;MN=330106000000000000000002;Flag=5;CP=&&DataTime=20230923080000;w01001-Min=7.1,w01001-Avg=7.2,w01001-Max=7.3,w01001-Flag=N;w01009-Min=6.0,w01009-Avg=6.4,w01009-Max=6.8,w01009-Flag=N&&E401\r\n";
    private static final String HOUR =
            "##0281QN=20230923090000001;ST=32;CN=2061;PW=123456;MN=330106000000000000000003;Flag=5;CP=&&DataTime=20230923080000;w00000-Cou=120.50;w01018-Cou=3.01,w01018-Min=20.1,w01018-Avg=25.0,w01018-Max=31.2,w01018-Flag=N;w21003-Cou=0.12,w21003-Min=0.8,w21003-Avg=1.0,w21003-Max=1.3,w21003-Flag=D&&2BC0\r\n";
    private static final String IN_PARTS =
            "##0202QN=20230923000000002;ST=32;CN=2031;PW=123456;MN=330106000000000000000003;Flag=7;PNUM=2;PNO=1;CP=&&DataTime=20230922000000;w01018-Cou=70.10,w01018-Min=18.0,w01018-Avg=24.9,w01018-Max=33.0,w01018-Flag=N&&9E81\r\n";
    private static final String OLD =
            "##0139ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817000;B01-Rtd=36.91;011-Rtd=231.0,011-Flag=N;060-Rtd=1.803,060-Flag=N&&4980\r\n";
    private static final String INTERVAL =
            "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n";
    private static final String ANSWERED =
            "##0087QN=20230923090000001;ST=91;CN=9014;PW=123456;MN=330106000000000000000003;Flag=4;CP=&&&&8081\r\n";

    private final Heard heard = new Heard();
    private Hj212Listener listener;

    /** Keeps what came; may be told that nothing is safe. */
    private static final class Heard implements Hj212Listener.Sink {
        final List<String> events = new CopyOnWriteArrayList<>();
        final List<String> rejects = new CopyOnWriteArrayList<>();
        volatile boolean refuses;

        @Override
        public void events(String device, byte[] lines) {
            if (refuses) {
                throw new Problem(CollectProblem.EVENTS_NOT_DURABLE, "reason", "test");
            }
            new String(lines, UTF_8).lines().forEach(events::add);
        }

        @Override
        public void rejected(String from, String reason, String raw) {
            rejects.add(reason + ": " + raw);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        listener = Hj212Listener.open(0, heard);
    }

    @AfterEach
    void close() {
        listener.close();
    }

    @Test
    void theChecksumIsTheStandardsOwn() {
        assertThat(crc("")).isEqualTo("FFFF");
        assertThat(crc("A")).isEqualTo("7080");
        assertThat(crc("123456789")).isEqualTo("2F80");
    }

    @Test
    void packetsDecodeToTheirValues() {
        assertThat(decoded(REAL_TIME))
                .containsExactly(
                        "{\"mn\":\"330106000000000000000001\",\"cn\":\"2011\",\"st\":\"22\",\"data_time\":\"20230923080000\",\"factor\":\"a34004\",\"rtd\":23.0,\"flag\":\"N\",\"qn\":\"20230923080000001\"}",
                        "{\"mn\":\"330106000000000000000001\",\"cn\":\"2011\",\"st\":\"22\",\"data_time\":\"20230923080000\",\"factor\":\"a05024\",\"rtd\":61.0,\"flag\":\"N\",\"qn\":\"20230923080000001\"}");
        assertThat(decoded(MINUTE).getLast())
                .contains(
                        "\"cn\":\"2051\"", "\"factor\":\"w01009\",\"min\":6.0,\"avg\":6.4,\"max\":6.8,\"flag\":\"N\"");
        assertThat(decoded(HOUR)).hasSize(3);
        assertThat(decoded(HOUR).getFirst()).contains("\"factor\":\"w00000\",\"cou\":120.50");
        assertThat(decoded(HOUR).getLast())
                .contains("\"factor\":\"w21003\",\"cou\":0.12,\"min\":0.8,\"avg\":1.0,\"max\":1.3,\"flag\":\"D\"");
        assertThat(decoded(IN_PARTS).getFirst()).contains("\"cou\":70.10", "\"pnum\":\"2\",\"pno\":\"1\"");
        assertThat(decoded(OLD))
                .containsExactly(
                        "{\"mn\":\"LD130133000015\",\"cn\":\"2011\",\"st\":\"32\",\"data_time\":\"20160824003817000\",\"factor\":\"B01\",\"rtd\":36.91}",
                        "{\"mn\":\"LD130133000015\",\"cn\":\"2011\",\"st\":\"32\",\"data_time\":\"20160824003817000\",\"factor\":\"011\",\"rtd\":231.0,\"flag\":\"N\"}",
                        "{\"mn\":\"LD130133000015\",\"cn\":\"2011\",\"st\":\"32\",\"data_time\":\"20160824003817000\",\"factor\":\"060\",\"rtd\":1.803,\"flag\":\"N\"}");
        assertThat(decoded(INTERVAL).getFirst()).contains("\"cn\":\"1062\"", "\"rtd_interval\":30");
        assertThat(EventTime.micros("20160824003817000")).isEqualTo(EventTime.micros("2016-08-24T00:38:17+08:00"));
    }

    @Test
    void publishedPacketsAreJudgedByLengthAndChecksum() throws IOException {
        List<String> lines = Files.readAllLines(SharedData.folder("hj212").resolve("packets.tsv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split("\t");
            boolean good = fields[1].equals("true") && fields[2].equals("true");

            assertThat(find(fields[0] + "\r\n").getFirst() instanceof Hj212Stream.Found.Packet)
                    .as(line)
                    .isEqualTo(good);
        }
        assertThat(lines).hasSizeGreaterThan(4);
    }

    @Test
    void gluedAndCutPacketsAreFoundWhereverTheyAreCut() {
        String all = REAL_TIME + MINUTE + OLD + HOUR;
        for (int cut = 1; cut < all.length(); cut++) {
            Hj212Stream stream = new Hj212Stream();
            List<Hj212Stream.Found> found = new ArrayList<>();
            for (String part : List.of(all.substring(0, cut), all.substring(cut))) {
                stream.add(part.getBytes(ISO_8859_1), part.length());
                drain(stream, found);
            }
            assertThat(found).as("cut at " + cut).hasSize(4).allMatch(Hj212Stream.Found.Packet.class::isInstance);
        }
    }

    @Test
    void halfAPacketDoesNotHoldBackTheNext() {
        List<Hj212Stream.Found> found = find(HOUR.substring(0, 90) + REAL_TIME + "noise" + MINUTE);

        assertThat(found).hasSize(4);
        assertThat(found.get(0)).isInstanceOf(Hj212Stream.Found.Rubbish.class);
        assertThat(found.get(1)).isInstanceOf(Hj212Stream.Found.Packet.class);
        assertThat(found.get(2)).isEqualTo(new Hj212Stream.Found.Rubbish("no packet begins here", "noise"));
        assertThat(found.get(3)).isInstanceOf(Hj212Stream.Found.Packet.class);
    }

    @Test
    void aPacketIsAnsweredWhenItIsSafeAndNotBefore() throws IOException {
        try (Socket device = connect()) {
            send(device, HOUR);
            assertThat(read(device, ANSWERED.length())).isEqualTo(ANSWERED);
            assertThat(heard.events).hasSize(3);

            heard.refuses = true;
            send(device, HOUR);
            assertThat(device.getInputStream().read())
                    .as("the line is cut without an answer")
                    .isEqualTo(-1);
        }
        heard.refuses = false;
        try (Socket device = connect()) {
            send(device, HOUR);
            assertThat(read(device, ANSWERED.length())).isEqualTo(ANSWERED);
        }
    }

    @Test
    void whoDoesNotWaitForAnAnswerGetsNone() throws IOException {
        try (Socket device = connect()) {
            send(device, OLD + HOUR);

            assertThat(read(device, ANSWERED.length())).isEqualTo(ANSWERED);
            assertThat(heard.events).hasSize(6);
        }
    }

    @Test
    void theLaterPartsOfAPacketHaveTheTimeOfTheFirst() throws IOException {
        String second = new String(
                Hj212Packet.frame(
                        "QN=20230923000000002;ST=32;CN=2031;PW=123456;MN=330106000000000000000003;Flag=7;PNUM=2;PNO=2;CP=&&w21003-Avg=1.5,w21003-Flag=N&&"),
                ISO_8859_1);
        try (Socket device = connect()) {
            send(device, IN_PARTS);
            send(device, second);
            await().until(() -> heard.events.size() == 2);
        }
        assertThat(heard.events.getLast())
                .contains("\"data_time\":\"20230922000000\",\"factor\":\"w21003\",\"avg\":1.5");
    }

    @Test
    void aMillionBytesOfNoiseNeverStopTheListener() throws IOException {
        Random random = new Random(212);
        List<String> good = List.of(REAL_TIME, MINUTE, HOUR, OLD);
        int sent = 0;
        int packets = 0;
        try (Socket device = connect()) {
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    device.getInputStream().skipNBytes(Long.MAX_VALUE);
                } catch (IOException e) {
                    // the end
                }
            });
            while (sent < 1_000_000) {
                byte[] bytes = new byte[random.nextInt(2_000)];
                random.nextBytes(bytes);
                if (random.nextInt(3) == 0) {
                    // noise that looks like packets: good ones with a few bytes changed
                    bytes = good.get(random.nextInt(4)).repeat(3).getBytes(ISO_8859_1);
                    for (int i = 0; i < 1 + random.nextInt(8); i++) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                    }
                }
                for (int i = 0; i + 1 < bytes.length; i++) {
                    if (random.nextInt(200) == 0) {
                        bytes[i] = '#';
                        bytes[i + 1] = '#';
                    }
                }
                device.getOutputStream().write(bytes);
                sent += bytes.length;
                if (random.nextInt(20) == 0) {
                    // rubbish may swallow a packet only when it claims to be one
                    send(device, "\r\n" + "0".repeat(10_020) + "\r\n" + REAL_TIME);
                    packets++;
                }
            }
            device.shutdownOutput();
            int expected = packets;
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> heard.events.stream()
                                    .filter(
                                            event -> event.contains(
                                                    "\"factor\":\"a34004\",\"rtd\":23.0,\"flag\":\"N\",\"qn\":\"20230923080000001\""))
                                    .count()
                            >= expected);
            reader.interrupt();
        }
        try (Socket device = connect()) {
            send(device, HOUR);
            assertThat(read(device, ANSWERED.length())).isEqualTo(ANSWERED);
        }
        assertThat(heard.rejects).isNotEmpty();
    }

    private static String crc(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return "%04X".formatted(Hj212Packet.crc(bytes, 0, bytes.length));
    }

    private static List<String> decoded(String packet) {
        Hj212Packet found = ((Hj212Stream.Found.Packet) find(packet).getFirst()).packet();
        return new String(found.events(found.dataTime()), UTF_8).lines().toList();
    }

    private static List<Hj212Stream.Found> find(String bytes) {
        Hj212Stream stream = new Hj212Stream();
        stream.add(bytes.getBytes(ISO_8859_1), bytes.length());
        List<Hj212Stream.Found> found = new ArrayList<>();
        drain(stream, found);
        return found;
    }

    private static void drain(Hj212Stream stream, List<Hj212Stream.Found> into) {
        for (Optional<Hj212Stream.Found> next = stream.next(); next.isPresent(); next = stream.next()) {
            into.add(next.get());
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void send(Socket device, String bytes) throws IOException {
        device.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        device.getOutputStream().flush();
    }

    private static String read(Socket device, int length) throws IOException {
        InputStream in = device.getInputStream();
        return new String(in.readNBytes(length), ISO_8859_1);
    }
}
