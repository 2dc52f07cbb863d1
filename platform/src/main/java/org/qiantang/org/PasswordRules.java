package org.qiantang.org;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.qiantang.core.Problem;

/**
 * What a password has to be: long, and nothing that whoever guesses tries first. Length does more than kinds of characters, so there is
 * no rule about those.
 *
 * @param minLength in characters, at least {@value #LEAST_LENGTH}
 * @param local what every password here would be guessed with: the names of the installation
 */
public record PasswordRules(int minLength, Set<String> local) {
    public static final int LEAST_LENGTH = 10;

    private static final int MOST_LENGTH = 256;

    private static final Set<String> COMMON = common();
    private static final Set<String> OWN = Set.of("qiantang", "钱塘");

    public PasswordRules {
        if (minLength < LEAST_LENGTH || minLength > 64) {
            throw new IllegalArgumentException(
                    "qiantang.password-min-length is a number between " + LEAST_LENGTH + " and 64, not " + minLength);
        }
        local = local.stream()
                .map(each -> each.strip().toLowerCase(Locale.ROOT))
                .filter(each -> each.length() > 1)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Refuses a password with the rule it breaks. */
    void check(String password, String username, String displayName) {
        if (password.codePointCount(0, password.length()) < minLength) {
            throw new Problem(OrgProblem.PASSWORD_TOO_SHORT, "least", Integer.toString(minLength));
        }
        if (password.codePointCount(0, password.length()) > MOST_LENGTH) {
            throw new Problem(OrgProblem.PASSWORD_TOO_LONG, "most", Integer.toString(MOST_LENGTH));
        }
        String lower = password.toLowerCase(Locale.ROOT);
        if (lower.contains(username.toLowerCase(Locale.ROOT))
                || (displayName.length() > 1 && lower.contains(displayName.toLowerCase(Locale.ROOT)))) {
            throw new Problem(OrgProblem.PASSWORD_HAS_NAME);
        }
        // Decorations at the end are what everybody adds to a common word.
        String bare = lower.replaceAll("[^\\p{L}\\p{N}]+$", "");
        if (COMMON.contains(lower)
                || COMMON.contains(bare)
                || lower.chars().distinct().count() < 4
                || OWN.stream().anyMatch(lower::contains)
                || local.stream().anyMatch(lower::contains)
                || isSequence(lower)) {
            throw new Problem(OrgProblem.PASSWORD_COMMON);
        }
    }

    private static boolean isSequence(String text) {
        return text.chars().count() > 1
                && java.util.stream.IntStream.range(1, text.length())
                                .map(i -> text.charAt(i) - text.charAt(i - 1))
                                .distinct()
                                .count()
                        == 1;
    }

    private static Set<String> common() {
        try (InputStream list = PasswordRules.class.getResourceAsStream("common-passwords.txt")) {
            if (list == null) {
                throw new IllegalStateException("The list of common passwords is missing");
            }
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
