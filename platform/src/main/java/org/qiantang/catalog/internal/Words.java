package org.qiantang.catalog.internal;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tartarus.snowball.ext.EnglishStemmer;

/**
 * Which words mean the same in the city's offices (低保 and 最低生活保障, who owns and 权利人), and which say nothing in a question. A bureau
 * adds its own in a file of the same form.
 */
public final class Words {
    /** In a file: words on this line say nothing. */
    private static final String SILENT = "-";

    private final Map<String, Set<String>> same = new HashMap<>();
    private final Set<String> silent = new HashSet<>();
    private final Map<String, Set<String>> alike = new HashMap<>();
    private int longest = 1;

    private Words() {}

    /** @param own the bureau's own words, or null */
    public static Words read(@Nullable Path own) {
        Words words = new Words();
        try (InputStream in = requireNonNull(Words.class.getResourceAsStream("/org/qiantang/catalog/words.txt"))) {
            words.take(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            if (own != null) {
                words.take(Files.readString(own));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the words of the search: " + e.getMessage(), e);
        }
        words.same.keySet().forEach(word -> {
            List<Run> runs = Run.of(word);
            if (runs.size() == 1 && runs.getFirst().han() && word.length() > 1) {
                words.alike
                        .computeIfAbsent(Sound.whole(Sound.syllables(word)), sound -> new LinkedHashSet<>())
                        .add(word);
            }
        });
        return words;
    }

    private void take(String text) {
        for (String line : text.split("\n")) {
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            boolean says = !content.startsWith(SILENT);
            List<String> group = Arrays.stream((says ? content : content.substring(1)).split("[,，]"))
                    .map(Words::plain)
                    .filter(each -> !each.isEmpty())
                    .toList();
            for (String each : group) {
                longest = Math.max(longest, each.length());
                if (says) {
                    Set<String> others = same.computeIfAbsent(each, key -> new LinkedHashSet<>());
                    group.stream().filter(other -> !other.equals(each)).forEach(others::add);
                } else {
                    silent.add(each);
                }
            }
        }
    }

    /** Han as it is; other words by their stems. */
    static String plain(String words) {
        List<Run> runs = Run.of(words);
        return runs.stream()
                .map(run -> run.han() ? run.text() : stem(run.text()))
                .collect(Collectors.joining(" "));
    }

    /** What the present English stemmer makes of a word. */
    static String stem(String word) {
        EnglishStemmer stemmer = new EnglishStemmer();
        stemmer.setCurrent(word);
        stemmer.stem();
        return stemmer.getCurrent();
    }

    Set<String> same(String plain) {
        return same.getOrDefault(plain, Set.of());
    }

    /** Known words that sound like these syllables. */
    Set<String> alike(List<String> syllables) {
        return alike.getOrDefault(Sound.whole(syllables), Set.of());
    }

    boolean isSilent(String plain) {
        return silent.contains(plain);
    }

    boolean isKnown(String plain) {
        return same.containsKey(plain);
    }

    /** A part of what was asked: a known word, one that says nothing, or what stands between such. */
    record Part(String text, boolean known, boolean silent) {}

    /** One character means a word only by itself: 挂车 is not 车. */
    private Part between(String han) {
        return new Part(han, isKnown(han), false);
    }

    /** Cuts Han characters at the words that are known, the longest first. */
    List<Part> cut(String han) {
        List<Part> parts = new ArrayList<>();
        int rest = 0;
        int at = 0;
        while (at < han.length()) {
            int end = at;
            for (int to = Math.min(han.length(), at + longest); to > at; to--) {
                String word = han.substring(at, to);
                if (isSilent(word) || word.length() > 1 && isKnown(word)) {
                    end = to;
                    break;
                }
            }
            if (end == at) {
                at++;
                continue;
            }
            if (rest < at) {
                parts.add(between(han.substring(rest, at)));
            }
            String word = han.substring(at, end);
            parts.add(new Part(word, isKnown(word), isSilent(word)));
            at = end;
            rest = end;
        }
        if (rest < han.length()) {
            parts.add(between(han.substring(rest)));
        }
        return parts;
    }
}
