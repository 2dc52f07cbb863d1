package org.qiantang.org;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Keeps passwords as slow hashes and looks at the whole of them: bcrypt alone sees 72 bytes, which are 24 Chinese characters. What is
 * longer goes through a hash of its own first.
 */
final class WholePasswords implements PasswordEncoder {
    private static final int SEEN_BYTES = 72;
    private static final byte[] PURPOSE = "qiantang password\n".getBytes(StandardCharsets.UTF_8);

    private final BCryptPasswordEncoder slow = new BCryptPasswordEncoder(10);

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        return slow.encode(seen(password));
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
        return slow.matches(seen(password), hash);
    }

    private static @Nullable CharSequence seen(@Nullable CharSequence password) {
        if (password == null) {
            return null;
        }
        byte[] bytes = password.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= SEEN_BYTES) {
            return password;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(PURPOSE);
            return Base64.getEncoder().encodeToString(digest.digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
