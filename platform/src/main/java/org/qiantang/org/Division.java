package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An administrative division (行政区划) in one of its periods. Its code is that of GB/T 2260 for provinces, cities and districts, with
 * three more digits for a street or town and three more for a community or village. The same code means another area after a split.
 *
 * @param parent the code it lies in; null at the top
 * @param successors the codes its area belongs to since the period ended; the same code may be among them
 */
public record Division(
        String code,
        String name,
        @Nullable String nameEn,
        @Nullable String parent,
        Validity validity,
        List<String> successors) {
    private static final Pattern CODE = Pattern.compile("\\d{2}|\\d{4}|\\d{6}|\\d{9}|\\d{12}");

    public Division {
        requireNonNull(code, "code is null");
        requireNonNull(name, "name is null");
        requireNonNull(validity, "validity is null");
        if (!isCode(code)) {
            throw new IllegalArgumentException("Not the code of a division: " + code);
        }
        successors = List.copyOf(successors);
    }

    public static boolean isCode(String text) {
        return CODE.matcher(text).matches();
    }

    /** The code above it by the way codes are built; null for a province. */
    public static @Nullable String codeAbove(String code) {
        return switch (code.length()) {
            case 12 -> code.substring(0, 9);
            case 9 -> code.substring(0, 6);
            case 6 -> code.substring(0, 4);
            case 4 -> code.substring(0, 2);
            default -> null;
        };
    }
}
