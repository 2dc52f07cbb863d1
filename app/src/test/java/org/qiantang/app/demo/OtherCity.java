package org.qiantang.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A second city, and how one tells whether anything of the first got into it. */
public final class OtherCity {
    public static final Path FOLDER = Path.of("src/test/resources/second-city");

    /** The product has the name of a district of the first city; nothing else of that city is anybody's but its own. */
    private static final Set<String> PRODUCT = Set.of("钱塘", "Qiantang");

    /** A division code of the first city, alone or at the head of a longer code or an identity number. */
    private static final Pattern CODES = Pattern.compile(
            "3301(0[0-9]|1[0-4]|2[27]|8[2-5])?|3301(0[0-9]|1[0-4]|2[27]|8[2-5])(\\d{3}|\\d{6}|\\d{9}|\\d{11}[0-9Xx])");

    private static final Set<String> NAMES = names();

    private OtherCity() {}

    /** The first name of the first city in a text; what another city happens to call the same is not one. */
    public static Optional<String> firstCityIn(String text) {
        return NAMES.stream().filter(text::contains).findFirst();
    }

    /** The same for a value of a table, which may also be a code. */
    public static Optional<String> firstCityInValue(String value) {
        return CODES.matcher(value).matches() ? Optional.of(value) : firstCityIn(value);
    }

    public static Set<String> namesOfTheFirstCity() {
        return NAMES;
    }

    private static Set<String> names() {
        CityFolder first = CityFolder.builtIn();
        CityFolder second = CityFolder.at(FOLDER);
        Set<String> names = namesOf(first);
        names.removeAll(namesOf(second));
        names.removeAll(PRODUCT);
        String everythingOfTheSecond = everything();
        // What is part of a longer word of the second city cannot be told apart in a text.
        names.removeIf(everythingOfTheSecond::contains);
        return names;
    }

    private static Set<String> namesOf(CityFolder city) {
        Set<String> names = new TreeSet<>();
        for (String word : List.of("name", "short-name", "province", "province-short-name")) {
            names.add(city.word(word));
        }
        for (String words : List.of("rivers", "brands", "funeral-homes", "roads", "stage", "crafts", "lift-makers")) {
            names.addAll(city.words(words));
        }
        cells(city.file("divisions.csv")).forEach(division -> {
            names.add(division[1]);
            names.add(division[1].replaceFirst("[区县市]$", ""));
            names.add(division[2]);
        });
        cells(city.communities()).forEach(community -> names.add(community[1]));
        cells(city.file("posts.csv")).forEach(post -> names.addAll(List.of(post[2], post[3])));
        city.departments().forEach(department -> names.addAll(List.of(department.name(), department.nameEn())));
        city.systems().forEach(system -> names.add(system.title()));
        names.removeIf(name -> name.length() < 2);
        return names;
    }

    private static Stream<String[]> cells(byte[] list) {
        return new String(list, UTF_8).lines().skip(1).map(line -> line.split(",", -1));
    }

    private static String everything() {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file)).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toString();
    }
}
