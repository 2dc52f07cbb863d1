package org.qiantang.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.Sealing;
import org.qiantang.core.UnifiedSocialCreditCode;
import org.springframework.stereotype.Service;

/**
 * How whoever was read about is written down: by a keyed hash of their number that only this installation can make, so that they find
 * themselves and nobody can be told from the list.
 */
@Service
public final class Persons {
    private static final String PURPOSE = "footprints of a person";
    private static final int KEY_BYTES = 16;
    private static final Pattern NUMBERS =
            Pattern.compile("(?<![0-9A-Za-z])([0-9A-Za-z]{18}|[0-9]{15})(?![0-9A-Za-z])");

    private final Sealing sealing;

    Persons(Sealing sealing) {
        this.sealing = sealing;
    }

    /** The key of a faultless number, in hexadecimal digits. */
    public String key(String number) {
        byte[] code = sealing.mac(PURPOSE, number.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(Arrays.copyOf(code, KEY_BYTES));
    }

    /** The one form of a number of a person or company, however it is written; empty when it is none. */
    static Optional<String> number(String text) {
        String stripped = text.strip();
        return IdentityNumber.find(stripped)
                .map(IdentityNumber::text)
                .or(() -> UnifiedSocialCreditCode.find(stripped).map(UnifiedSocialCreditCode::text));
    }

    /** The numbers that a text holds as words of their own. */
    static Set<String> numbersIn(String text) {
        Set<String> numbers = new LinkedHashSet<>();
        Matcher matcher = NUMBERS.matcher(text);
        while (matcher.find()) {
            number(matcher.group(1)).ifPresent(numbers::add);
        }
        return numbers;
    }
}
