package org.qiantang.collect.internal.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tries the ways a text can be cut into fields and takes the one whose rows agree best. */
final class DialectDetector {
    /** The first rows of a file as a dialect cuts them. */
    record Trial(Dialect dialect, List<String[]> rows, double agreement, double split, int defects, int quoted) {}

    private static final byte[] USUAL = {'\t', ';', '|', ','};
    private static final byte[] UNUSUAL = {1, 31, '^', '~', ':'};
    private static final int ROWS = 500;
    private static final int LONGEST_SAMPLE_VALUE = 400;
    private static final int MOST_FIELDS = 20_000;

    private final byte[] sample;
    private final boolean whole;
    private final Dialect.LineEnd lineEnd;

    /**
     * @param sample the first bytes of the file as UTF-8
     * @param whole whether that is all of it
     */
    DialectDetector(byte[] sample, boolean whole) {
        this.sample = sample;
        this.whole = whole;
        lineEnd = lineEnd();
    }

    /** The best way to cut the file; one with no delimiter when no delimiter divides most of its rows. */
    Trial detect(boolean preferTab) throws IOException {
        Trial best = null;
        for (byte delimiter : USUAL) {
            Trial trial = trial(delimiter);
            if (trial.split >= 0.5 && (best == null || isBetter(trial, best))) {
                best = trial;
            }
            if (preferTab && delimiter == '\t' && trial.split >= 0.5) {
                break;
            }
        }
        if (best == null) {
            for (byte delimiter : UNUSUAL) {
                Trial trial = trial(delimiter);
                if (trial.agreement >= 0.95
                        && trial.split >= 0.95
                        && trial.rows.size() > 1
                        && (best == null || isBetter(trial, best))) {
                    best = trial;
                }
            }
        }
        return best == null ? trial((byte) 0) : best;
    }

    /** The same file cut with quotes taken another way, for when the first reading of the whole file met broken quotes. */
    static @Nullable Dialect alternative(Dialect dialect) {
        if (dialect.quote() != 0 && dialect.escape() == Dialect.Escape.DOUBLED) {
            return dialect.withQuote(dialect.quote(), Dialect.Escape.BACKSLASH);
        }
        return null;
    }

    private static boolean isBetter(Trial a, Trial b) {
        double scoreA = score(a);
        double scoreB = score(b);
        if (Math.abs(scoreA - scoreB) > 0.02) {
            return scoreA > scoreB;
        }
        boolean headA = headAgrees(a);
        boolean headB = headAgrees(b);
        if (headA != headB) {
            return headA;
        }
        return scoreA > scoreB + 1e-9;
    }

    private static double score(Trial t) {
        return t.agreement * t.split;
    }

    private static boolean headAgrees(Trial t) {
        return !t.rows.isEmpty() && t.rows.get(0).length == Layout.modalWidth(t.rows);
    }

    private Trial trial(byte delimiter) throws IOException {
        Dialect plain = new Dialect(delimiter, (byte) '"', Dialect.Escape.DOUBLED, lineEnd, Dialect.Padding.NONE);
        Trial doubled = cut(plain);
        if (delimiter != 0 && isPadded(doubled)) {
            plain = plain.withPadding(Dialect.Padding.SPACE);
            doubled = cut(plain);
        }
        if (doubled.defects > 0) {
            Trial escaped = cut(plain.withQuote((byte) '"', Dialect.Escape.BACKSLASH));
            if (escaped.defects < doubled.defects) {
                return escaped;
            }
            if (doubled.defects >= 3 && doubled.defects > doubled.quoted) {
                return cut(plain.withQuote((byte) 0, Dialect.Escape.DOUBLED));
            }
        }
        if (doubled.quoted == 0) {
            Trial single = cut(plain.withQuote((byte) '\'', Dialect.Escape.DOUBLED));
            if (single.defects == 0 && single.quoted >= Math.max(2, single.rows.size())) {
                return single;
            }
        }
        return doubled;
    }

    private Trial cut(Dialect dialect) throws IOException {
        List<String[]> rows = new ArrayList<>();
        int defects = 0;
        int quoted = 0;
        int divided = 0;
        try (CsvParser parser = new CsvParser(new ByteArrayInputStream(sample), dialect)) {
            while (rows.size() < ROWS && parser.next()) {
                if (!whole && parser.isAtEnd() && !rows.isEmpty()) {
                    // The sample ends somewhere in this record.
                    break;
                }
                if (parser.defect() != CsvParser.Defect.NONE) {
                    defects++;
                    continue;
                }
                if (CsvTable.isBlank(parser, 2)) {
                    continue;
                }
                quoted += parser.quotedFields();
                String[] row = new String[Math.min(MOST_FIELDS, parser.fields())];
                for (int i = 0; i < row.length; i++) {
                    byte[] value = parser.value(i);
                    row[i] = Values.text(value, 0, Math.min(value.length, LONGEST_SAMPLE_VALUE));
                }
                rows.add(row);
            }
        }
        int modal = rows.isEmpty() ? 0 : Layout.modalWidth(rows);
        int agreeing = 0;
        for (String[] row : rows) {
            if (row.length > 1) {
                divided++;
            }
            if (row.length == modal) {
                agreeing++;
            }
        }
        double all = Math.max(1, rows.size() + defects);
        return new Trial(dialect, rows, agreeing / all, divided / all, defects, quoted);
    }

    /** Whether every field but the first begins with a space and the first ones do not. */
    private static boolean isPadded(Trial trial) {
        int padded = 0;
        for (String[] row : trial.rows) {
            if (row.length < 2 || row[0].startsWith(" ")) {
                return false;
            }
            for (int i = 1; i < row.length; i++) {
                if (!row[i].isEmpty()) {
                    if (row[i].charAt(0) != ' ') {
                        return false;
                    }
                    padded++;
                }
            }
        }
        return padded > 0 && trial.rows.size() > 1;
    }

    private Dialect.LineEnd lineEnd() {
        long lone = 0;
        long pairs = 0;
        long feeds = 0;
        boolean quoted = false;
        for (int i = 0; i < sample.length; i++) {
            if (sample[i] == '"') {
                quoted = !quoted;
            } else if (quoted) {
                continue;
            } else if (sample[i] == '\n') {
                feeds++;
            } else if (sample[i] == '\r') {
                if (i + 1 < sample.length && sample[i + 1] == '\n') {
                    pairs++;
                    i++;
                } else if (i + 1 < sample.length || whole) {
                    lone++;
                }
            }
        }
        if (lone > pairs + feeds) {
            return Dialect.LineEnd.CR;
        }
        return pairs > feeds ? Dialect.LineEnd.CRLF : Dialect.LineEnd.LF;
    }
}
