package org.qiantang.zone;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Marks a file as one release, without changing any value: rows stand in an order, and values are in quotes or not, as a key of the release
 * says. The order tells a piece of rows that were left in it, however they were written anew; the quotes tell rows in any order, as long as
 * they are the same text. Who sorts the rows and writes them anew has removed both ({@code docs/zone.md}).
 */
final class Watermark {
    private static final String HMAC = "HmacSHA256";
    private static final int ORDER_BYTES = 8;

    private final byte[] key;

    Watermark(byte[] key) {
        this.key = key.clone();
    }

    /** The file: UTF-8, comma separated, a header first. Null is nothing between commas, an empty text is a pair of quotes. */
    byte[] write(List<String> columns, List<List<@Nullable String>> rows) {
        record Marked(byte[] code, List<@Nullable String> row) {}
        List<Marked> marked = new ArrayList<>(rows.size());
        for (List<@Nullable String> row : rows) {
            marked.add(new Marked(code(row), row));
        }
        marked.sort(Comparator.comparing(Marked::code, Watermark::compare));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            text.append(i == 0 ? "" : ",")
                    .append(needsQuotes(columns.get(i)) ? quoted(columns.get(i)) : columns.get(i));
        }
        text.append("\r\n");
        for (Marked each : marked) {
            for (int i = 0; i < each.row.size(); i++) {
                String value = each.row.get(i);
                text.append(i == 0 ? "" : ",");
                if (value != null) {
                    boolean quotes = needsQuotes(value) || bit(each.code, i);
                    text.append(quotes ? quoted(value) : value);
                }
            }
            text.append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * How a piece of a file agrees with this key.
     *
     * @param ascending neighbouring rows, different ones, that stand in the key's order
     * @param neighbours how many there are
     * @param agreeing values whose quotes are as the key says
     * @param marks values that could be either way
     */
    record Agreement(long ascending, long neighbours, long agreeing, long marks) {
        /** The chance that a file without this mark agrees as well, as a power of ten that is not too small (Hoeffding's bound). */
        double orderExponent() {
            return exponent(ascending, neighbours);
        }

        double quotesExponent() {
            return exponent(agreeing, marks);
        }

        private static double exponent(long hits, long of) {
            double over = of == 0 ? 0 : (double) hits / of - 0.5;
            return over <= 0 ? 0 : -2 * over * over * of * Math.log10(Math.E);
        }
    }

    Agreement agreement(List<Fragment.Row> rows) {
        long ascending = 0;
        long neighbours = 0;
        long agreeing = 0;
        long marks = 0;
        byte[] before = null;
        for (Fragment.Row row : rows) {
            byte[] code = code(row.values());
            if (before != null && compare(before, code) != 0) {
                neighbours++;
                ascending += compare(before, code) < 0 ? 1 : 0;
            }
            before = code;
            for (int i = 0; i < row.values().size(); i++) {
                String value = row.values().get(i);
                if (value != null && !needsQuotes(value)) {
                    marks++;
                    agreeing += bit(code, i) == row.quoted()[i] ? 1 : 0;
                }
            }
        }
        return new Agreement(ascending, neighbours, agreeing, marks);
    }

    private static int compare(byte[] one, byte[] two) {
        return Arrays.compareUnsigned(one, 0, ORDER_BYTES, two, 0, ORDER_BYTES);
    }

    private static boolean bit(byte[] code, int column) {
        int at = column % ((code.length - ORDER_BYTES) * 8);
        return (code[ORDER_BYTES + at / 8] >> at % 8 & 1) == 1;
    }

    private byte[] code(List<@Nullable String> row) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            for (String value : row) {
                byte[] bytes = value == null ? new byte[] {0} : value.getBytes(StandardCharsets.UTF_8);
                mac.update((value == null ? "-" : bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                mac.update(bytes);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + HMAC, e);
        }
    }

    static boolean needsQuotes(String value) {
        return value.isEmpty()
                || value.indexOf(',') >= 0
                || value.indexOf('"') >= 0
                || value.indexOf('\n') >= 0
                || value.indexOf('\r') >= 0;
    }

    private static String quoted(String value) {
        return '"' + value.replace("\"", "\"\"") + '"';
    }
}
