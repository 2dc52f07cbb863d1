package org.qiantang.core;

import static java.util.Objects.requireNonNull;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Optional;

/**
 * The citizen identity number of GB 11643-1999, the value by which most departments know a person. It can change during a life, so it
 * identifies a person but is nobody's primary key.
 *
 * <p>The first six digits name the division of first registration. They are never compared with today's list of divisions: a person
 * keeps the code of an abolished district for life.
 *
 * @param text 18 characters, the check character X in upper case
 */
public record IdentityNumber(String text) implements Comparable<IdentityNumber> {
    /** Sex as the number carries it, with its code of GB/T 2261.1. */
    public enum Sex {
        MALE(1),
        FEMALE(2);

        private final int code;

        Sex(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    /** What is wrong with a text that should be an identity number; the first fault found, in this order. */
    public enum Fault {
        LENGTH,
        CHARACTER,
        DATE,
        CHECK_CHARACTER
    }

    /**
     * @throws IllegalArgumentException unless the text is faultless; a lower-case x is accepted and stored in upper case
     */
    public IdentityNumber {
        requireNonNull(text, "text is null");
        text = text.toUpperCase(Locale.ROOT);
        Optional<Fault> fault = findFault(text);
        if (fault.isPresent()) {
            throw new IllegalArgumentException("Not an identity number: " + fault.get());
        }
    }

    public static IdentityNumber of(String text) {
        return new IdentityNumber(text);
    }

    /** The number a text holds, an old 15-digit one upgraded; empty when it is faulty. */
    public static Optional<IdentityNumber> find(String text) {
        if (text.length() == 15) {
            return isDigits(text, 15) && findDate("19" + text.substring(6, 12)).isPresent()
                    ? Optional.of(upgrade(text))
                    : Optional.empty();
        }
        return findFault(text).isEmpty() ? Optional.of(new IdentityNumber(text)) : Optional.empty();
    }

    /** What is wrong with an 18-character text; empty when nothing is. */
    public static Optional<Fault> findFault(String text) {
        if (text.length() != 18) {
            return Optional.of(Fault.LENGTH);
        }
        char check = Character.toUpperCase(text.charAt(17));
        if (!isDigits(text, 17) || (check != 'X' && !isDigit(check))) {
            return Optional.of(Fault.CHARACTER);
        }
        if (findDate(text.substring(6, 14)).isEmpty()) {
            return Optional.of(Fault.DATE);
        }
        return checkCharacter(text.substring(0, 17)) == check ? Optional.empty() : Optional.of(Fault.CHECK_CHARACTER);
    }

    /** The check character of the first 17 digits: ISO 7064 MOD 11-2. */
    public static char checkCharacter(String first17) {
        if (first17.length() != 17 || !isDigits(first17, 17)) {
            throw new IllegalArgumentException("Needs 17 digits");
        }
        return Iso7064.mod11Radix2(first17);
    }

    /**
     * The 18-character form of a number issued before 1999, which left out the century and the check character.
     *
     * @throws IllegalArgumentException unless these are 15 digits with a possible date
     */
    public static IdentityNumber upgrade(String fifteenDigits) {
        if (fifteenDigits.length() != 15 || !isDigits(fifteenDigits, 15)) {
            throw new IllegalArgumentException("Needs 15 digits");
        }
        String first17 = fifteenDigits.substring(0, 6) + "19" + fifteenDigits.substring(6);
        return new IdentityNumber(first17 + checkCharacter(first17));
    }

    /** The division at first registration, perhaps abolished since. */
    public String divisionCode() {
        return text.substring(0, 6);
    }

    public LocalDate birthDate() {
        return findDate(text.substring(6, 14)).orElseThrow();
    }

    public Sex sex() {
        return (text.charAt(16) - '0') % 2 == 1 ? Sex.MALE : Sex.FEMALE;
    }

    @Override
    public int compareTo(IdentityNumber other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    private static Optional<LocalDate> findDate(String eightDigits) {
        try {
            return Optional.of(LocalDate.of(
                    Integer.parseInt(eightDigits.substring(0, 4)),
                    Integer.parseInt(eightDigits.substring(4, 6)),
                    Integer.parseInt(eightDigits.substring(6, 8))));
        } catch (DateTimeException impossible) {
            return Optional.empty();
        }
    }

    /** ASCII digits only: full-width digits are a spelling that has to be normalised before. */
    private static boolean isDigits(String text, int length) {
        for (int i = 0; i < length; i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
