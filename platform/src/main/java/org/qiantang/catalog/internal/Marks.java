package org.qiantang.catalog.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows a person why a text was found: which of its characters answer their question, and what they probably meant to type. */
public final class Marks {
    private static final int LONGEST_COMPARED = 24;

    private Marks() {}

    /** From a character to behind another. */
    public record Span(int from, int to) {}

    /** The stretches of a text that answer a question. */
    public static List<Span> of(Question question, String text) {
        BitSet marked = new BitSet(text.length());
        for (Run run : Run.of(text)) {
            if (run.han()) {
                markHan(question, run, marked);
            } else if (question.marks().contains(Words.stem(run.text()))
                    || question.typed().stream()
                            .anyMatch(word -> word.length() > 1 && run.text().startsWith(word))) {
                marked.set(run.from(), run.to());
            }
        }
        List<Span> spans = new ArrayList<>();
        for (int from = marked.nextSetBit(0); from >= 0; ) {
            int to = marked.nextClearBit(from);
            spans.add(new Span(from, to));
            from = marked.nextSetBit(to);
        }
        return spans;
    }

    private static void markHan(Question question, Run run, BitSet marked) {
        int length = run.text().length();
        if (length == 1) {
            if (question.marks().contains(run.text())) {
                marked.set(run.from(), run.to());
            }
            return;
        }
        // Characters outside of the first plane are so rare in names that they are only found, not marked.
        if (run.text().codePointCount(0, length) != length) {
            return;
        }
        BitSet written = new BitSet();
        for (int i = 0; i < length; i++) {
            if (question.marks().contains(run.text().substring(i, i + 1))) {
                written.set(run.from() + i);
            }
            if (i + 2 <= length && question.marks().contains(run.text().substring(i, i + 2))) {
                written.set(run.from() + i, run.from() + i + 2);
            }
        }
        List<String> syllables = Sound.syllables(run.text());
        if (written.isEmpty() && !question.sounds().isEmpty()) {
            List<String> sounds = Sound.pairs(syllables);
            for (int i = 0; i < sounds.size(); i++) {
                if (question.sounds().contains(sounds.get(i))) {
                    written.set(run.from() + i, run.from() + i + 2);
                }
            }
        }
        if (written.isEmpty()) {
            String initials = Sound.initials(syllables);
            for (String word : question.typed()) {
                int at = word.length() < 2 ? -1 : initials.indexOf(word);
                if (at >= 0) {
                    written.set(run.from() + at, run.from() + at + word.length());
                }
            }
        }
        marked.or(written);
    }

    /** What somebody probably meant whose characters or letters stand nowhere in the best answer, or null. */
    public static @Nullable String meant(Question question, List<String> texts) {
        for (String written : question.written()) {
            if (written.length() > LONGEST_COMPARED || texts.stream().anyMatch(text -> text.contains(written))) {
                continue;
            }
            @Nullable String same = soundsLike(written, texts);
            if (same != null) {
                return same;
            }
        }
        for (String typed : question.typed()) {
            if (typed.length() < 4 || texts.stream().anyMatch(text -> holds(text, typed))) {
                continue;
            }
            for (String text : texts) {
                for (Run run : Run.of(text)) {
                    if (!run.han() && distance(run.text(), typed) <= (typed.length() >= 8 ? 2 : 1)) {
                        return run.text();
                    }
                }
            }
        }
        return null;
    }

    private static boolean holds(String text, String typed) {
        return text.toLowerCase(Locale.ROOT).contains(typed)
                || Run.of(text).stream().anyMatch(run -> Words.stem(run.text()).equals(Words.stem(typed)));
    }

    private static @Nullable String soundsLike(String written, List<String> texts) {
        List<String> wanted = Sound.pairs(Sound.syllables(written));
        for (String text : texts) {
            for (Run run : Run.of(text)) {
                if (!run.han() || run.text().length() < written.length()) {
                    continue;
                }
                int at = java.util.Collections.indexOfSubList(Sound.pairs(Sound.syllables(run.text())), wanted);
                if (at >= 0) {
                    return run.text().substring(at, at + written.length());
                }
            }
        }
        return null;
    }

    /** Letters to change, add, leave out or swap (optimal string alignment). */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            cost[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            cost[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + same);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
