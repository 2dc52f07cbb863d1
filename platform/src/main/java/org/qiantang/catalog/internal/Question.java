package org.qiantang.catalog.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.qiantang.catalog.internal.ThingIndex.Part;

/**
 * What somebody typed, understood: ideas, each of which can be met by its words, by words that mean the same, by the same sound, by initials
 * or by a spelling that is nearly right, and each of these counts less than the one before.
 */
public final class Question {
    private static final int MOST_IDEAS = 12;
    private static final int LONGEST_PHRASE = 4;
    private static final float SAME = 0.8f;
    private static final float SOUND = 0.4f;
    private static final float SPOKEN = 0.9f;
    private static final float INITIALS = 0.75f;
    private static final float BEGINNING = 0.5f;
    private static final float NEARLY = 0.35f;
    private static final float WHOLE = 0.25f;
    private static final float FIRST = 1000f;
    /** What two parts of a thing say alike counts a little more than what one says. */
    private static final float BOTH = 0.15f;

    /** Asks for nothing in particular. */
    public static final Query EVERYTHING = MatchAllDocsQuery.INSTANCE;

    private final List<Query> ideas = new ArrayList<>();
    private final List<Query> besides = new ArrayList<>();
    private final Set<String> marks = new LinkedHashSet<>();
    private final Set<String> sounds = new LinkedHashSet<>();
    private final List<String> written = new ArrayList<>();
    private final List<String> typed = new ArrayList<>();

    private Question() {}

    public static Question of(String text, Words words) {
        Question question = new Question();
        List<Run> runs = Run.of(text);
        question.understand(runs, words, true);
        if (question.ideas.isEmpty()) {
            question.understand(runs, words, false);
        }
        return question;
    }

    private void understand(List<Run> runs, Words words, boolean withoutSilent) {
        int i = 0;
        while (i < runs.size() && ideas.size() < MOST_IDEAS) {
            Run run = runs.get(i);
            if (run.han()) {
                han(run.text(), words, withoutSilent);
                i++;
            } else {
                i += letters(runs, i, words, withoutSilent);
            }
        }
    }

    private void han(String run, Words words, boolean withoutSilent) {
        List<Words.Part> parts = withoutSilent ? words.cut(run) : List.of(new Words.Part(run, false, false));
        int before = ideas.size();
        for (Words.Part part : parts) {
            if (part.silent()) {
                continue;
            }
            int length = part.text().codePointCount(0, part.text().length());
            if (length == 1 && !part.known() && parts.size() > 1) {
                continue;
            }
            List<Query> ways = new ArrayList<>();
            marks.addAll(Run.pairs(part.text()));
            ways.add(most(
                    Run.pairs(part.text()).stream()
                            .map(pair -> anywhere(pair, Written.WORDS))
                            .toList(),
                    0.6));
            if (length > 1) {
                List<String> sound = Sound.pairs(Sound.syllables(part.text()));
                sounds.addAll(sound);
                written.add(part.text());
                ways.add(new BoostQuery(
                        most(
                                sound.stream()
                                        .map(pair -> anywhere(pair, Written.SOUND))
                                        .toList(),
                                0.75),
                        SOUND));
                if (!part.known()) {
                    alike(Sound.syllables(part.text()), words, ways, SOUND);
                }
            }
            if (length > 2) {
                ways.add(new BoostQuery(jumbled(part.text()), NEARLY));
            }
            same(part.text(), words, ways);
            ideas.add(new DisjunctionMaxQuery(ways, BOTH));
        }
        if (ideas.size() - before > 1) {
            for (String pair : Run.pairs(run)) {
                besides.add(new BoostQuery(anywhere(pair, Written.WORDS), WHOLE));
            }
        }
    }

    /** @return how many runs were understood together */
    private int letters(List<Run> runs, int at, Words words, boolean withoutSilent) {
        for (int length = Math.min(LONGEST_PHRASE, runs.size() - at); length > 1; length--) {
            List<Run> several = runs.subList(at, at + length);
            if (several.stream().anyMatch(Run::han)) {
                continue;
            }
            String phrase = String.join(
                    " ", several.stream().map(run -> Words.stem(run.text())).toList());
            if (words.isKnown(phrase)) {
                List<Query> ways = new ArrayList<>();
                ways.add(all(phrase));
                same(phrase, words, ways);
                ideas.add(new DisjunctionMaxQuery(ways, BOTH));
                return length;
            }
        }
        // Syllables typed apart are one word.
        int end = at;
        StringBuilder spoken = new StringBuilder();
        while (end < runs.size()
                && Sound.split(runs.get(end).text()).size() == 1
                && !words.isSilent(Words.stem(runs.get(end).text()))) {
            spoken.append(runs.get(end).text());
            end++;
        }
        if (end - at > 1) {
            List<Query> ways = new ArrayList<>();
            for (Run each : runs.subList(at, end)) {
                besides.add(anywhere(Words.stem(each.text()), Written.WORDS));
            }
            spoken(Sound.split(spoken.toString()), words, ways);
            ideas.add(new DisjunctionMaxQuery(ways, BOTH));
            return end - at;
        }
        word(runs.get(at).text(), words, withoutSilent);
        return 1;
    }

    private void word(String word, Words words, boolean withoutSilent) {
        String stem = Words.stem(word);
        if (withoutSilent && (words.isSilent(stem) || words.isSilent(word))) {
            return;
        }
        typed.add(word);
        marks.add(stem);
        List<Query> ways = new ArrayList<>();
        ways.add(anywhere(stem, Written.WORDS));
        if (word.length() >= 2) {
            ways.add(new BoostQuery(
                    each(part -> new ConstantScoreQuery(new PrefixQuery(new Term(part.words(), word)))), BEGINNING));
        }
        if (stem.length() >= 4 && word.chars().noneMatch(Character::isDigit)) {
            int edits = stem.length() >= 8 ? 2 : 1;
            ways.add(new BoostQuery(
                    each(part -> new FuzzyQuery(new Term(part.words(), stem), edits, 1, 30, true)), NEARLY));
        }
        List<String> syllables = Sound.split(word);
        if (syllables.size() > 1) {
            spoken(syllables, words, ways);
        }
        if (word.length() >= 2 && word.length() <= 10 && word.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
            List<String> pairs = Run.pairs(word);
            ways.add(new BoostQuery(
                    each(part -> new PhraseQuery(part.initials(), pairs.toArray(String[]::new))), INITIALS));
        }
        same(stem, words, ways);
        ideas.add(new DisjunctionMaxQuery(ways, BOTH));
    }

    /** Nearly all of the characters, in whatever order, where a thing is named. */
    private static Query jumbled(String han) {
        List<Query> parts = new ArrayList<>();
        for (Part part : List.of(Part.TITLE, Part.NAME)) {
            List<Query> characters = han.codePoints()
                    .distinct()
                    .mapToObj(each -> (Query) new TermQuery(new Term(part.words(), Character.toString(each))))
                    .toList();
            parts.add(most(characters, 0.8));
        }
        return new DisjunctionMaxQuery(parts, BOTH);
    }

    private void alike(List<String> syllables, Words words, List<Query> ways, float weight) {
        for (String other : words.alike(syllables)) {
            List<Query> others = new ArrayList<>();
            others.add(all(other));
            same(other, words, others);
            ways.add(new BoostQuery(new DisjunctionMaxQuery(others, BOTH), weight));
        }
    }

    private void spoken(List<String> syllables, Words words, List<Query> ways) {
        List<String> pairs = Sound.pairs(syllables);
        sounds.addAll(pairs);
        ways.add(new BoostQuery(
                most(pairs.stream().map(pair -> anywhere(pair, Written.SOUND)).toList(), 0.75), SPOKEN));
        alike(syllables, words, ways, SPOKEN);
    }

    private void same(String plain, Words words, List<Query> ways) {
        for (String other : words.same(plain)) {
            ways.add(new BoostQuery(all(other), SAME));
        }
    }

    /** All of a phrase's words. */
    private Query all(String plain) {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        int clauses = 0;
        for (Run run : Run.of(plain)) {
            for (String token : run.han() ? Run.pairs(run.text()) : List.of(run.text())) {
                marks.add(token);
                all.add(anywhere(token, Written.WORDS), Occur.MUST);
                clauses++;
            }
        }
        // Of several words each says a part; else a long phrase would count more than the short word that means the
        // same.
        return new BoostQuery(all.build(), 1f / Math.max(1, clauses));
    }

    private enum Written {
        WORDS,
        SOUND
    }

    private static Query anywhere(String token, Written how) {
        return each(part -> new TermQuery(new Term(how == Written.WORDS ? part.words() : part.sound(), token)));
    }

    private static Query each(java.util.function.Function<Part, Query> of) {
        List<Query> parts = new ArrayList<>();
        for (Part part : Part.values()) {
            parts.add(new BoostQuery(of.apply(part), part.weight));
        }
        return new DisjunctionMaxQuery(parts, BOTH);
    }

    /** Enough of them; together they weigh as one. */
    private static Query most(List<Query> queries, double share) {
        BooleanQuery.Builder some = new BooleanQuery.Builder();
        queries.forEach(query -> some.add(query, Occur.SHOULD));
        some.setMinimumNumberShouldMatch(Math.max(1, (int) Math.ceil(queries.size() * share - 0.001)));
        return new BoostQuery(some.build(), 1f / (float) Math.sqrt(queries.size()));
    }

    /** Whether there is anything to look for. */
    public boolean isEmpty() {
        return ideas.isEmpty();
    }

    /** Things that meet (nearly) every idea. */
    public Query strictly() {
        int count = ideas.size();
        return query(count <= 2 ? count : (int) Math.ceil(count * 0.6));
    }

    /** Things that meet at least one, after those that meet nearly all. */
    public Query loosely() {
        return new BooleanQuery.Builder()
                .add(query(1), Occur.MUST)
                .add(new BoostQuery(new ConstantScoreQuery(strictly()), FIRST), Occur.SHOULD)
                .build();
    }

    private Query query(int atLeast) {
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        ideas.forEach(idea -> query.add(idea, Occur.SHOULD));
        query.setMinimumNumberShouldMatch(atLeast);
        BooleanQuery.Builder with = new BooleanQuery.Builder();
        with.add(query.build(), Occur.MUST);
        besides.forEach(each -> with.add(each, Occur.SHOULD));
        return with.build();
    }

    /** Words, pairs of characters and stems that explain why a text was found. */
    public Set<String> marks() {
        return marks;
    }

    /** Pairs of syllables that do. */
    public Set<String> sounds() {
        return sounds;
    }

    /** What was typed in Han characters. */
    public List<String> written() {
        return written;
    }

    /** What was typed in letters. */
    public List<String> typed() {
        return typed;
    }
}
