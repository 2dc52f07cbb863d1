package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules, kept as data beside this class, by which a table gets its theme and a field whom it speaks of and whether it is more than
 * general data. They propose; a person decides.
 */
public final class Grading {
    private static final Set<ContentKind> OF_PERSONS = EnumSet.of(
            ContentKind.ID_NUMBER,
            ContentKind.ID_DOCUMENT,
            ContentKind.INSURED_NO,
            ContentKind.NAME,
            ContentKind.PHONE);
    private static final Set<ContentKind> IDENTIFYING =
            EnumSet.of(ContentKind.ID_NUMBER, ContentKind.ID_DOCUMENT, ContentKind.INSURED_NO);

    private final List<ThemeRule> themes = new ArrayList<>();
    private final List<GradeRule> grades = new ArrayList<>();
    private final long importantPersons;

    /** @param importantPersons from so many identified persons on a table's personal fields are proposed as important data */
    public Grading(long importantPersons) {
        if (importantPersons < 1) {
            throw new IllegalArgumentException("Not a number of persons: " + importantPersons);
        }
        this.importantPersons = importantPersons;
        try (InputStream in = requireNonNull(Grading.class.getResourceAsStream("grading.tsv"), "grading.tsv")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .forEach(this::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String[] rule) {
        switch (rule[0]) {
            case "theme" -> themes.add(new ThemeRule(Guide.Theme.valueOf(rule[1]), Pattern.compile(rule[2])));
            case "grade" ->
                grades.add(new GradeRule(
                        Grade.valueOf(rule[1]), rule[2], rule.length > 3 ? Pattern.compile(rule[3]) : null));
            default -> throw new IllegalStateException("No such rule: " + rule[0]);
        }
    }

    private record ThemeRule(Guide.Theme theme, Pattern words) {}

    private record GradeRule(
            Grade grade, String rule, @Nullable Pattern words) {}

    /**
     * A table as the rules look at it.
     *
     * @param words everything that is said of it
     * @param rows or 0 while nobody knows
     * @param hasTime whether its rows are of a moment
     */
    record Table(String words, long rows, Collection<ContentKind> kinds, boolean hasTime) {
        Table {
            words = words.toLowerCase(Locale.ROOT);
            kinds = Set.copyOf(kinds);
        }
    }

    /**
     * What is proposed of a field beside its level.
     *
     * @param rule why it is more than general, or null
     */
    record Proposal(Subject subject, Grade grade, @Nullable String rule) {}

    Guide.Theme theme(Table table) {
        return themes.stream()
                .filter(each -> each.words.matcher(table.words).find())
                .map(ThemeRule::theme)
                .findFirst()
                .orElse(Guide.Theme.PUBLIC_SERVICE);
    }

    Proposal propose(Table table, @Nullable ContentKind kind) {
        Subject subject = kind == null ? subject(table) : kind.subject();
        for (GradeRule each : grades) {
            boolean applies = switch (each.rule) {
                case "persons" ->
                    subject == Subject.PERSON
                            && table.rows >= importantPersons
                            && table.kinds.stream().anyMatch(IDENTIFYING::contains);
                case "coordinates" ->
                    kind == ContentKind.COORDINATE
                            && each.words != null
                            && each.words.matcher(table.words).find();
                default -> throw new IllegalStateException("No such rule: " + each.rule);
            };
            if (applies) {
                return new Proposal(
                        subject, each.grade, each.rule.equals("persons") ? "persons:" + importantPersons : each.rule);
            }
        }
        return new Proposal(subject, Grade.GENERAL, null);
    }

    /** What a field of no kind speaks of: whom or what the rows of its table are. */
    private static Subject subject(Table table) {
        if (table.kinds.contains(ContentKind.USCC)) {
            return Subject.LEGAL_PERSON;
        }
        if (table.kinds.stream().anyMatch(OF_PERSONS::contains)) {
            return Subject.PERSON;
        }
        if (table.kinds.contains(ContentKind.COORDINATE) || table.kinds.contains(ContentKind.ADDRESS)) {
            return Subject.PLACE;
        }
        return table.hasTime ? Subject.EVENT : Subject.THING;
    }
}
