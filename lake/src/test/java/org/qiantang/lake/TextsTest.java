package org.qiantang.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextsTest {
    private static final byte[] LEADS = {
        0x41, (byte) 0x80, (byte) 0xc1, (byte) 0xc3, (byte) 0xe0, (byte) 0xed, (byte) 0xe8, (byte) 0xf0, (byte) 0xf4
    };

    @Test
    void takesJustWhatTheStrictDecoderTakesAndGivesItBack() {
        Random random = new Random(7);
        int taken = 0;
        try (Texts texts = new Texts()) {
            for (int round = 0; round < 200_000; round++) {
                byte[] around = new byte[30];
                random.nextBytes(around);
                int length = random.nextInt(24);
                int at = random.nextInt(6);
                for (int i = at; i < at + length; i++) {
                    around[i] = switch (random.nextInt(4)) {
                        case 0 -> LEADS[random.nextInt(LEADS.length)];
                        case 1 -> (byte) (0x80 + random.nextInt(64));
                        default -> (byte) ('a' + random.nextInt(26));
                    };
                }
                byte[] value = Arrays.copyOfRange(around, at, at + length);

                boolean accepted = texts.set(0, around, at, length);

                assertThat(accepted).as("%s", Arrays.toString(value)).isEqualTo(isUtf8(value));
                if (accepted) {
                    taken++;
                    assertThat(texts.get(0)).isEqualTo(value);
                }
                texts.clear();
            }
        }
        assertThat(taken).isBetween(10_000, 190_000);
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
