package org.qiantang.lake;

/** What a text is written like: its characters by their classes, equal neighbours counted. It says nothing of any single word or number. */
final class Shape {
    private static final int LONGEST = 40;

    private Shape() {}

    /** Digits are {@code 9}, letters {@code A} and {@code a}, Chinese characters {@code 汉}, other letters {@code x}; signs stand for themselves. */
    static String of(String text) {
        StringBuilder shape = new StringBuilder();
        int at = 0;
        while (at < text.length() && shape.length() < LONGEST) {
            char kind = kind(text.codePointAt(at));
            int run = 0;
            while (at < text.length() && kind(text.codePointAt(at)) == kind) {
                at += Character.charCount(text.codePointAt(at));
                run++;
            }
            shape.append(kind);
            if (run > 1) {
                shape.append('{').append(run).append('}');
            }
        }
        return at < text.length() ? shape.append('…').toString() : shape.toString();
    }

    private static char kind(int point) {
        if (point >= '0' && point <= '9') {
            return '9';
        } else if (point >= 'A' && point <= 'Z') {
            return 'A';
        } else if (point >= 'a' && point <= 'z') {
            return 'a';
        } else if (point < 0x80) {
            return Character.isISOControl(point) ? '�' : (char) point;
        } else if (Character.isIdeographic(point)) {
            return '汉';
        }
        return Character.isLetterOrDigit(point) || point > Character.MAX_VALUE ? 'x' : (char) point;
    }
}
