package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Sm3Test {
    @Test
    void messageThatWasBegunIsTheSameMessage() {
        byte[] message = "上有天堂，下有苏杭 ".repeat(20).getBytes(StandardCharsets.UTF_8);
        for (int length : new int[] {0, 1, 63, 64, 65, message.length}) {
            Sm3.Begun begun = Sm3.begin(Arrays.copyOf(message, length));
            byte[] rest = Arrays.copyOfRange(message, length, message.length);

            assertThat(begun.digest(rest)).isEqualTo(Sm3.digest(message));
            assertThat(begun.digest(rest)).isEqualTo(Sm3.digest(message));
        }
    }

    @Test
    void theStandardsOwnExamplesComeOut() {
        assertThat(hex(Sm3.digest(bytes("abc"))))
                .isEqualTo("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assertThat(hex(Sm3.digest(bytes("abcd".repeat(16)))))
                .isEqualTo("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    }

    /** The definition of RFC 2104 written out: H((K ^ opad) . H((K ^ ipad) . message)). */
    @Test
    void theKeyedHashIsWhatItsDefinitionSays() {
        byte[] key = bytes("a key of a department");
        byte[] message = bytes("1700000000123456{\"page\":1}");

        byte[] inner = Sm3.digest(concat(pad(key, 0x36), message));
        byte[] expected = Sm3.digest(concat(pad(key, 0x5c), inner));

        assertThat(Sm3.hmac(key, message)).isEqualTo(expected);
    }

    private static byte[] pad(byte[] key, int with) {
        byte[] block = new byte[64];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) ((i < key.length ? key[i] : 0) ^ with);
        }
        return block;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
