package org.qiantang.collect.internal.files;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Gives out names that differ even when case is ignored: the later of two gets {@code _2}, {@code _3} and so on. */
final class Names {
    private static final int LONGEST = 255;

    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** The name itself, or the first of its numbered forms that is free. */
    String unique(String wanted) {
        String name = wanted;
        int number = numbers.getOrDefault(wanted.toLowerCase(Locale.ROOT), 2);
        while (!taken.add(name.toLowerCase(Locale.ROOT))) {
            name = wanted + "_" + number++;
        }
        numbers.put(wanted.toLowerCase(Locale.ROOT), number);
        return name;
    }

    /** The lake names of columns with these names at the source; what has no name is called after its place. */
    static List<String> ofColumns(List<String> sourceNames) {
        Names names = new Names();
        List<String> lakeNames = new ArrayList<>();
        for (int i = 0; i < sourceNames.size(); i++) {
            String clean = clean(sourceNames.get(i));
            lakeNames.add(names.unique(clean.isEmpty() ? "column_" + (i + 1) : clean));
        }
        return lakeNames;
    }

    /** Without white space around it; line breaks and other control characters inside become spaces. */
    static String clean(String name) {
        StringBuilder clean = new StringBuilder();
        boolean gap = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c) || c == '\ufeff') {
                gap = true;
                continue;
            }
            if (gap && !clean.isEmpty()) {
                clean.append(' ');
            }
            gap = false;
            clean.append(c);
        }
        String text = clean.toString().strip();
        return text.codePointCount(0, text.length()) <= LONGEST
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST));
    }
}
