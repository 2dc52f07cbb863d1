package org.qiantang.core;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The identifier of an electronic licence (GB/T 36904-2018), unique in the country: what one office issued and every other office may
 * rely on instead of paper.
 *
 * <p>Written with dots between the parts, after the root {@value #ROOT}. The parts are not examined beyond their characters: issuers
 * given as a division code are in circulation.
 */
public record ELicenceIdentifier(String type, String issuer, String serial, String version, char check) {
    /** The object identifier below which every electronic licence hangs. */
    public static final String ROOT = "1.2.156.3005.2";

    private static final Pattern PART = Pattern.compile("[0-9A-Z]+");

    /**
     * @throws IllegalArgumentException for a part with other characters than digits and capitals, or a check character that differs
     */
    public ELicenceIdentifier {
        requirePart(type, "type");
        requirePart(issuer, "issuer");
        requirePart(serial, "serial");
        requirePart(version, "version");
        if (checkCharacter(type + issuer + serial + version) != check) {
            throw new IllegalArgumentException("The check character is not " + check);
        }
    }

    /** A new identifier; the check character is computed. */
    public static ELicenceIdentifier of(String type, String issuer, String serial, String version) {
        return new ELicenceIdentifier(type, issuer, serial, version, checkCharacter(type + issuer + serial + version));
    }

    /** The identifier a text holds, with or without the root; empty when it has other parts or does not check. */
    public static Optional<ELicenceIdentifier> find(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String rest = upper.startsWith(ROOT + ".") ? upper.substring(ROOT.length() + 1) : upper;
        String[] parts = rest.split("\\.", -1);
        if (parts.length != 5 || parts[4].length() != 1) {
            return Optional.empty();
        }
        for (int i = 0; i < 4; i++) {
            if (!PART.matcher(parts[i]).matches()) {
                return Optional.empty();
            }
        }
        char check = parts[4].charAt(0);
        return checkCharacter(parts[0] + parts[1] + parts[2] + parts[3]) == check
                ? Optional.of(new ELicenceIdentifier(parts[0], parts[1], parts[2], parts[3], check))
                : Optional.empty();
    }

    /** ISO 7064 MOD 37,36 over type, issuer, serial and version written together without dots. */
    public static char checkCharacter(String withoutDots) {
        return Iso7064.mod37And36(withoutDots);
    }

    /** In full, with the root. */
    public String text() {
        return ROOT + "." + type + "." + issuer + "." + serial + "." + version + "." + check;
    }

    @Override
    public String toString() {
        return text();
    }

    private static void requirePart(String part, String name) {
        requireNonNull(part, name + " is null");
        if (!PART.matcher(part).matches()) {
            throw new IllegalArgumentException(name + " holds other characters than digits and capitals: " + part);
        }
    }
}
