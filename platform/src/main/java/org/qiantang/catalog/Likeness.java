package org.qiantang.catalog;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** How alike two texts are, by the pairs of characters that both have: Chinese needs no words for it. */
final class Likeness {
    private static final Pattern PARTS = Pattern.compile("[^\\p{IsHan}a-z0-9]+");
    /** What every project and every system is called. */
    private static final Pattern EMPTY_WORDS = Pattern.compile(
            "全市|本市|系统|平台|管理|服务|数据|信息|数字化|智慧|建设|项目|应用|一体化|\\b(?:system|platform|project|data|the|and|for|of)\\b");

    private Likeness() {}

    static Set<String> pairs(String text) {
        Set<String> pairs = new HashSet<>();
        for (String part :
                PARTS.split(EMPTY_WORDS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" "))) {
            if (part.matches("[a-z0-9]+")) {
                pairs.add(part);
                continue;
            }
            for (int i = 0; i + 2 <= part.length(); i++) {
                pairs.add(part.substring(i, i + 2));
            }
        }
        return pairs;
    }

    /** 0 to 100: what both have of the smaller. A text of next to nothing is like nothing but itself. */
    static int percent(Set<String> one, Set<String> other) {
        // What is left of two short names is often one pair, and it is all that they say.
        if (!one.isEmpty() && one.equals(other)) {
            return 100;
        }
        int smaller = Math.min(one.size(), other.size());
        if (smaller < 2) {
            return 0;
        }
        long shared = one.stream().filter(other::contains).count();
        // Of two texts of very unequal length the smaller is easily in the larger.
        double contained = (double) shared / smaller;
        double alike = 2.0 * shared / (one.size() + other.size());
        return (int) Math.round(100 * (contained + alike) / 2);
    }

    static List<String> shared(Set<String> one, Set<String> other) {
        return one.stream().filter(other::contains).sorted().limit(12).toList();
    }
}
