package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SealingTest {
    private final KeyPair keys = Sealing.newKeyPair();
    private final Sealing sealing = new Sealing(new byte[32], keys);

    @Test
    void aSecretOpensOnlyWithItsKeyAndInItsPlace() {
        byte[] sealed = sealing.seal("密码", "source 1");

        assertThat(sealing.open(sealed, "source 1")).isEqualTo("密码");
        assertThat(sealing.seal("密码", "source 1")).isNotEqualTo(sealed);
        assertThatThrownBy(() -> sealing.open(sealed, "source 2")).hasMessageContaining("master key");
        byte[] changed = sealed.clone();
        changed[changed.length - 1] ^= 1;
        assertThatThrownBy(() -> sealing.open(changed, "source 1")).hasMessageContaining("master key");
        byte[] otherKey = new byte[32];
        otherKey[0] = 1;
        assertThatThrownBy(() -> new Sealing(otherKey, keys).open(sealed, "source 1"))
                .hasMessageContaining("master key");
    }

    @Test
    void aKeyPairIsItsPrivateHalf() {
        KeyPair again = Sealing.keyPair(keys.getPrivate().getEncoded());
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";

        assertThat(again.getPublic()).isEqualTo(keys.getPublic());
        assertThat(Sealing.keyPair(pem.getBytes(StandardCharsets.US_ASCII)).getPublic())
                .isEqualTo(keys.getPublic());
        assertThat(Sealing.publicKey(keys.getPublic().getEncoded())).isEqualTo(keys.getPublic());
    }

    @Test
    void aSignatureHoldsForItsMessageAndKeyOnly() {
        byte[] message = "回执".getBytes(StandardCharsets.UTF_8);
        byte[] signature = sealing.sign(message);

        assertThat(Sealing.verify(keys.getPublic(), message, signature)).isTrue();
        assertThat(Sealing.verify(keys.getPublic(), new byte[] {1}, signature)).isFalse();
        assertThat(Sealing.verify(Sealing.newKeyPair().getPublic(), message, signature))
                .isFalse();
        assertThat(Sealing.verify(keys.getPublic(), message, new byte[3])).isFalse();
    }
}
