package org.qiantang.collect.internal.files;

import java.util.Locale;
import org.qiantang.lake.LakeType;

/**
 * Finds the narrowest type that keeps every value of a column exactly as it is written. Only what all values agree on counts, so the
 * guess is over the whole file and a later value cannot break it.
 *
 * <p>Digits are not always a number. A column of integers stays text when it looks like codes: all values have the same number of
 * digits, six or more; or some value has fifteen digits or more; or the column's name says that it is a code, a telephone or an
 * identity number and no value has fewer than six digits. A name that says quantity (数, 额, 量, amount, population …) overrules the
 * first two.
 */
final class ColumnGuess {
    private static final String[] CODES = {
        "码", "号", "证", "电话", "手机", "邮编", "账户", "id", "code", "phone", "mobile", "tel", "zip", "card", "account", "no",
        "no."
    };
    private static final String[] QUANTITIES = {
        "数",
        "额",
        "量",
        "率",
        "价",
        "费",
        "积",
        "值",
        "人口",
        "元",
        "收入",
        "支出",
        "合计",
        "总计",
        "资金",
        "薪",
        "amount",
        "count",
        "population",
        "salary",
        "price",
        "total",
        "sum",
        "qty",
        "quantity",
        "revenue",
        "income",
        "cost",
        "fee",
        "balance",
        "size",
        "bytes",
        "area",
        "score",
        "value",
        "number of"
    };

    private int possible = Values.ALL;
    private long values;
    private int minWhole = Integer.MAX_VALUE;
    private int maxWhole;
    private int scale = -1;

    void add(byte[] b, int start, int end) {
        if (start == end) {
            return;
        }
        values++;
        if (possible == 0) {
            return;
        }
        int kinds = Values.kinds(b, start, end) & possible;
        if ((kinds & (Values.DECIMAL | Values.FLOAT | Values.INTEGER)) != 0) {
            int whole = Values.wholeDigits(b, start, end);
            minWhole = Math.min(minWhole, b[start] == '-' ? 0 : whole);
            maxWhole = Math.max(maxWhole, whole);
            int itsScale = Values.scale(b, start, end);
            if (scale == -1) {
                scale = itsScale;
            } else if (scale != itsScale) {
                kinds &= ~Values.DECIMAL;
            }
        }
        possible = kinds;
    }

    /** The column holds something that is no typed text, such as a value with quotes inside. */
    void addText() {
        values++;
        possible = 0;
    }

    boolean isEmpty() {
        return values == 0;
    }

    LakeType type(String name) {
        if (values == 0) {
            return LakeType.TEXT;
        }
        if ((possible & Values.INTEGER) != 0) {
            return isCode(name, minWhole, maxWhole) ? LakeType.TEXT : LakeType.INT64;
        }
        if ((possible & Values.DECIMAL) != 0 && scale > 0) {
            int digits = maxWhole + scale;
            if (digits <= 38) {
                return LakeType.decimal(digits <= 18 ? 18 : 38, scale);
            }
        }
        if ((possible & Values.FLOAT) != 0) {
            return LakeType.FLOAT64;
        }
        if ((possible & Values.DATE) != 0) {
            return LakeType.DATE;
        }
        if ((possible & Values.TIMESTAMP) != 0) {
            return LakeType.TIMESTAMP;
        }
        if ((possible & Values.BOOL) != 0) {
            return LakeType.BOOL;
        }
        return LakeType.TEXT;
    }

    /** Whether integers of this many digits under this name are codes rather than numbers. */
    static boolean isCode(String name, int minDigits, int maxDigits) {
        String lower = name.toLowerCase(Locale.ROOT);
        int code = last(lower, CODES);
        int quantity = last(lower, QUANTITIES);
        if (code > quantity) {
            return minDigits >= 6 || maxDigits >= 15;
        }
        return quantity < 0 && ((minDigits == maxDigits && minDigits >= 6) || maxDigits >= 15);
    }

    /** Where the last of the words begins; Chinese and English names alike say at their end what they are. */
    private static int last(String name, String[] words) {
        int at = -1;
        for (String word : words) {
            int found = name.lastIndexOf(word);
            if (found >= 0 && (word.charAt(0) > 0x7f || isWord(name, found, word.length()))) {
                at = Math.max(at, found);
            }
        }
        return at;
    }

    private static boolean isWord(String name, int at, int length) {
        boolean opens = at == 0 || !Character.isLetter(name.charAt(at - 1)) || name.charAt(at - 1) > 0x7f;
        int end = at + length;
        boolean closes = end == name.length() || !Character.isLetter(name.charAt(end)) || name.charAt(end) > 0x7f;
        return opens && closes;
    }
}
