package org.qiantang.core;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;

/**
 * The unified social credit code of GB 32100-2015, by which every department knows a company, an institution or an association.
 *
 * @param text 18 characters in upper case
 */
public record UnifiedSocialCreditCode(String text) implements Comparable<UnifiedSocialCreditCode> {
    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final int[] WEIGHTS = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    private static final int[] ORGANISATION_WEIGHTS = {3, 7, 9, 10, 5, 8, 4, 2};

    /** What is wrong with a text that should be a code; the first fault found, in this order. */
    public enum Fault {
        LENGTH,
        CHARACTER,
        /**
         * Only the last character is wrong while the organisation code inside checks. Such codes were issued in the first years and are in
         * force: worth a warning, not a rejection.
         */
        LEGACY_CHECK_CHARACTER,
        CHECK_CHARACTER
    }

    /**
     * @throws IllegalArgumentException unless the text is faultless; lower case is accepted and stored in upper case
     */
    public UnifiedSocialCreditCode {
        requireNonNull(text, "text is null");
        text = text.toUpperCase(Locale.ROOT);
        Optional<Fault> fault = findFault(text);
        if (fault.isPresent()) {
            throw new IllegalArgumentException("Not a unified social credit code: " + fault.get());
        }
    }

    public static UnifiedSocialCreditCode of(String text) {
        return new UnifiedSocialCreditCode(text);
    }

    /** The code a text holds; empty when it is faulty, also when only {@link Fault#LEGACY_CHECK_CHARACTER}. */
    public static Optional<UnifiedSocialCreditCode> find(String text) {
        return findFault(text).isEmpty() ? Optional.of(new UnifiedSocialCreditCode(text)) : Optional.empty();
    }

    /** What is wrong with a text; empty when nothing is. */
    public static Optional<Fault> findFault(String text) {
        if (text.length() != 18) {
            return Optional.of(Fault.LENGTH);
        }
        String code = text.toUpperCase(Locale.ROOT);
        for (int i = 0; i < 18; i++) {
            if (ALPHABET.indexOf(code.charAt(i)) < 0) {
                return Optional.of(Fault.CHARACTER);
            }
        }
        if (checkCharacter(code.substring(0, 17)) == code.charAt(17)) {
            return Optional.empty();
        }
        boolean inside = organisationCheckCharacter(code.substring(8, 16)) == code.charAt(16);
        return Optional.of(inside ? Fault.LEGACY_CHECK_CHARACTER : Fault.CHECK_CHARACTER);
    }

    /** The check character of the first 17 characters: weights 3^(i-1) mod 31. */
    public static char checkCharacter(String first17) {
        if (first17.length() != 17) {
            throw new IllegalArgumentException("Needs 17 characters");
        }
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            int value = ALPHABET.indexOf(first17.charAt(i));
            if (value < 0) {
                throw new IllegalArgumentException("Not a character of GB 32100 at " + i + " of " + first17);
            }
            sum += value * WEIGHTS[i];
        }
        return ALPHABET.charAt((31 - sum % 31) % 31);
    }

    /** The check character of the organisation code inside (GB 11714), from its first 8 characters. */
    public static char organisationCheckCharacter(String first8) {
        if (first8.length() != 8) {
            throw new IllegalArgumentException("Needs 8 characters");
        }
        int sum = 0;
        for (int i = 0; i < 8; i++) {
            int value = Iso7064.ALPHANUMERIC.indexOf(first8.charAt(i));
            if (value < 0) {
                throw new IllegalArgumentException("Not a character of GB 11714 at " + i + " of " + first8);
            }
            sum += value * ORGANISATION_WEIGHTS[i];
        }
        int check = 11 - sum % 11;
        return check == 10 ? 'X' : check == 11 ? '0' : (char) ('0' + check);
    }

    /** 1 organs and institutions, 5 civil affairs, 9 market supervision, … */
    public char registrationAuthority() {
        return text.charAt(0);
    }

    /** The division of registration, perhaps abolished since. */
    public String divisionCode() {
        return text.substring(2, 8);
    }

    /** The nine characters that name the organisation itself (GB 11714). */
    public String organisationCode() {
        return text.substring(8, 17);
    }

    @Override
    public int compareTo(UnifiedSocialCreditCode other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
