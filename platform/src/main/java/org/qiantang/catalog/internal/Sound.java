package org.qiantang.catalog.internal;

import com.hankcs.hanlp.dictionary.py.Pinyin;
import com.hankcs.hanlp.dictionary.py.PinyinDictionary;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How Chinese is spoken: officers type pinyin, its initials, or the wrong one of two characters that sound alike. Sounds that half the
 * country does not tell apart (zh and z, ang and an) are one.
 */
public final class Sound {
    private static final int LONGEST = 6;
    private static final Set<String> SYLLABLES = Stream.of(Pinyin.values())
            .filter(each -> each != Pinyin.none5)
            .map(Pinyin::getPinyinWithoutTone)
            .collect(Collectors.toUnmodifiableSet());

    private Sound() {}

    /** What each Han character sounds like where it stands; 行 is not the same in 银行 and 行政. */
    public static List<String> syllables(String han) {
        List<String> syllables = new ArrayList<>();
        for (Pinyin each : PinyinDictionary.convertToPinyin(han)) {
            syllables.add(each == Pinyin.none5 ? "-" : each.getPinyinWithoutTone());
        }
        return syllables;
    }

    /** Pairs of neighbouring syllables, written together. */
    public static List<String> pairs(List<String> syllables) {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i + 1 < syllables.size(); i++) {
            pairs.add(fold(syllables.get(i)) + fold(syllables.get(i + 1)));
        }
        return pairs;
    }

    static String whole(List<String> syllables) {
        return syllables.stream().map(Sound::fold).collect(Collectors.joining());
    }

    static String fold(String syllable) {
        String start = syllable.length() > 1 && syllable.charAt(1) == 'h'
                ? syllable.charAt(0) + syllable.substring(2)
                : syllable;
        return start.endsWith("ng") && !start.endsWith("ong") ? start.substring(0, start.length() - 1) : start;
    }

    public static String initials(List<String> syllables) {
        return syllables.stream().map(each -> each.substring(0, 1)).collect(Collectors.joining());
    }

    /** Letters as syllables, as few as possible; empty when they are none. */
    public static List<String> split(String letters) {
        int length = letters.length();
        int[] fewest = new int[length + 1];
        int[] last = new int[length + 1];
        for (int end = 1; end <= length; end++) {
            fewest[end] = Integer.MAX_VALUE;
            for (int start = Math.max(0, end - LONGEST); start < end; start++) {
                if (fewest[start] != Integer.MAX_VALUE
                        && fewest[start] + 1 < fewest[end]
                        && SYLLABLES.contains(letters.substring(start, end))) {
                    fewest[end] = fewest[start] + 1;
                    last[end] = start;
                }
            }
        }
        List<String> syllables = new ArrayList<>();
        if (length == 0 || fewest[length] == Integer.MAX_VALUE) {
            return syllables;
        }
        for (int end = length; end > 0; end = last[end]) {
            syllables.addFirst(letters.substring(last[end], end));
        }
        return syllables;
    }
}
