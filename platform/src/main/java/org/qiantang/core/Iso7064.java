package org.qiantang.core;

/** The two check character systems of ISO 7064 that Chinese identifiers use. */
final class Iso7064 {
    static final String ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String MOD_11_2 = "0123456789X";

    private Iso7064() {}

    /** MOD 11-2, a pure system: the check character of a string of digits. */
    static char mod11Radix2(CharSequence digits) {
        int p = 0;
        for (int i = 0; i < digits.length(); i++) {
            p = (p + digits.charAt(i) - '0') * 2 % 11;
        }
        return MOD_11_2.charAt((12 - p) % 11);
    }

    /**
     * MOD 37,36, a hybrid system: the check character of a string of digits and capital letters.
     *
     * @throws IllegalArgumentException for any other character
     */
    static char mod37And36(CharSequence text) {
        int p = 36;
        for (int i = 0; i < text.length(); i++) {
            int value = ALPHANUMERIC.indexOf(text.charAt(i));
            if (value < 0) {
                throw new IllegalArgumentException("Not a digit or capital letter at " + i + " of " + text);
            }
            p = (p + value) % 36;
            p = (p == 0 ? 36 : p) * 2 % 37;
        }
        return ALPHANUMERIC.charAt((37 - p) % 36);
    }
}
