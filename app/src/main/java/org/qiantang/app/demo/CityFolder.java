package org.qiantang.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Csv;

/**
 * The folder that says which city the demo city is: its divisions, departments, people, source systems, words and names. One comes with
 * the program; any other folder of the same form makes another city, and no line of code knows a city by name.
 */
public final class CityFolder {
    /** What a generated table needs so many of: its rows number them. */
    private static final int WORDS = 20;

    private static final int LEAST_DISTRICTS = 2;
    /** The least number of schools and stations there are, one per district. */
    private static final int MOST_DISTRICTS = 26;

    private static final List<String> WORDS_OF_A_CITY = List.of(
            "short-name",
            "initial",
            "letters",
            "province-short-name",
            "province-initial",
            "area-code",
            "officers-department",
            "applicants-department",
            "plates",
            "first-registered",
            "roads",
            "rivers",
            "funeral-homes",
            "event-series",
            "stage",
            "crafts",
            "lift-makers");

    private static final List<String> ORGANISATION = List.of("posts.csv", "people.csv");

    private static final Map<String, String> LINES = Map.of(
            "sources.csv", "name,department,title",
            "departments.csv", "id,name,name_en,division,ordinal",
            "divisions.csv", "code,name,name_en,valid_from,valid_to,successors",
            "districts.csv", "code,name,since,until,successors,longitude,latitude,streets");

    private final @Nullable Path directory;
    private final Properties properties;
    private final String name;
    private final String code;
    private final String province;
    private final ZoneId zone;
    private final List<DemoDepartment> departments;
    private final List<District> districts;
    private final List<Abolished> abolished;
    private final List<SourceSystem> systems;
    /** Those there are, by code. */
    private final Map<String, Line> divisions = new HashMap<>();

    /**
     * @param longitude of its middle, degrees CGCS2000
     */
    record District(String code, String name, long since, double longitude, double latitude, List<String> streets) {}

    /** A district that is no more; its code stays in registers and identity numbers. */
    record Abolished(String code, String name, long since, long until, List<String> successors) {}

    /** A line of a list, by column. */
    private record Line(Map<String, String> cells) {
        String get(String column) {
            return requireNonNull(cells.get(column), column);
        }
    }

    private static final class BuiltIn {
        static final CityFolder CITY = new CityFolder(null);
    }

    private CityFolder(@Nullable Path directory) {
        this.directory = directory;
        properties = new Properties();
        try {
            properties.load(new StringReader(text("city.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        name = word("name");
        code = word("code");
        province = word("province");
        if (!code.matches("\\d{4}")) {
            throw new IllegalArgumentException("city.properties: code has four digits, not " + code);
        }
        try {
            zone = ZoneId.of(word("time-zone"));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("city.properties: time-zone=" + word("time-zone"), e);
        }
        departments = lines("departments.csv").stream()
                .map(line -> new DemoDepartment(line.get("id"), line.get("name"), line.get("name_en")))
                .toList();
        lines("divisions.csv").stream()
                .filter(line -> line.get("valid_to").isEmpty())
                .forEach(line -> divisions.put(line.get("code"), line));
        districts = lines("districts.csv").stream()
                .filter(line -> line.get("until").isEmpty())
                .map(CityFolder::district)
                .toList();
        abolished = lines("districts.csv").stream()
                .filter(line -> !line.get("until").isEmpty())
                .map(line -> new Abolished(
                        line.get("code"),
                        line.get("name"),
                        day(line.get("since")),
                        day(line.get("until")),
                        split(line.get("successors"))))
                .toList();
        if (districts.size() < LEAST_DISTRICTS || districts.size() > MOST_DISTRICTS || abolished.isEmpty()) {
            throw new IllegalArgumentException("districts.csv: from " + LEAST_DISTRICTS + " to " + MOST_DISTRICTS
                    + " districts and at least one that was abolished");
        }
        for (District district : districts) {
            if (!district.code().matches(code + "\\d{2}") || district.streets().isEmpty()) {
                throw new IllegalArgumentException(
                        "districts.csv: " + district.code() + " is not a code under " + code + " with streets");
            }
            Line division = divisions.get(district.code());
            if (division == null || !division.get("name").equals(district.name())) {
                throw new IllegalArgumentException(
                        "divisions.csv lacks " + district.code() + " " + district.name() + " of districts.csv");
            }
        }
        // A word that is lacking is named now, not in the middle of a table.
        WORDS_OF_A_CITY.forEach(this::word);
        for (String numbered : List.of("brands", "community-first", "community-second")) {
            if (words(numbered).size() != WORDS) {
                throw new IllegalArgumentException("city.properties: " + numbered + " has " + WORDS + " words, not "
                        + words(numbered).size());
            }
        }
        for (String registered : words("first-registered")) {
            if (!registered.matches("\\d{6}")) {
                throw new IllegalArgumentException(
                        "city.properties: first-registered has codes of six digits, not " + registered);
            }
        }
        systems = readSystems();
        for (String each : List.of("officers-department", "applicants-department")) {
            if (!isDepartment(word(each))) {
                throw new IllegalArgumentException(
                        "city.properties: " + each + " is none of departments.csv: " + word(each));
            }
        }
        // What is read when the hub is up already is missed now.
        ORGANISATION.forEach(this::file);
        layers();
    }

    /** The city that comes with the program. */
    public static CityFolder builtIn() {
        return BuiltIn.CITY;
    }

    /**
     * Reads a folder.
     *
     * @throws IllegalArgumentException when it is not one of a city; the message says which file lacks what
     */
    public static CityFolder at(Path directory) {
        return new CityFolder(directory.toAbsolutePath().normalize());
    }

    /** As the city is called in full, 某某市. */
    public String name() {
        return name;
    }

    /** Where its clocks stand. */
    public ZoneId zone() {
        return zone;
    }

    /** What its installation calls itself unless the operator says otherwise. */
    public Optional<String> installation() {
        return Optional.ofNullable(properties.getProperty("installation"))
                .map(String::strip)
                .filter(name -> !name.isEmpty());
    }

    /** The department whose data the trial's officer looks after. */
    public String officersDepartment() {
        return word("officers-department");
    }

    /** The department that has to ask others for theirs. */
    public String applicantsDepartment() {
        return word("applicants-department");
    }

    /** In the order of its list. */
    public List<DemoDepartment> departments() {
        return departments;
    }

    /** A file of the folder as it is. */
    public byte[] file(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("The city's folder lacks " + name));
    }

    /** The streets and communities that its tables have, as a list of divisions: they began with their districts. */
    public byte[] communities() {
        Places places = new Places(this, DemoCity.SEED);
        StringBuilder list = new StringBuilder("code,name,valid_from\n");
        places.streets().forEach(street -> addTo(list, street.code(), street.name()));
        places.communities().forEach(community -> addTo(list, community.code(), community.name()));
        return list.toString().getBytes(UTF_8);
    }

    private void addTo(StringBuilder list, String code, String name) {
        String began = requireNonNull(divisions.get(code.substring(0, 6))).get("valid_from");
        list.append(String.join(",", code, name, began)).append('\n');
    }

    /** The mappings that make its standard and base tables, in the order they are applied. */
    public List<String> layers() {
        return find("layers.txt").map(list -> new String(list, UTF_8)).stream()
                .flatMap(String::lines)
                .filter(line -> !line.isBlank())
                .map(name -> text("layers/" + name.strip()))
                .toList();
    }

    /** Its four digits of GB/T 2260. */
    String code() {
        return code;
    }

    String province() {
        return province;
    }

    /** One word of its own. */
    String word(String key) {
        String word = properties.getProperty(key, "").strip();
        if (word.isEmpty()) {
            throw new IllegalArgumentException("city.properties lacks " + key);
        }
        return word;
    }

    /** Several words of its own, by spaces. */
    List<String> words(String key) {
        return split(word(key));
    }

    List<District> districts() {
        return districts;
    }

    List<Abolished> abolished() {
        return abolished;
    }

    /** Its source systems, in the order they are registered. */
    List<SourceSystem> systems() {
        return systems;
    }

    Optional<SourceSystem> findSystem(String name) {
        return systems.stream().filter(system -> system.name().equals(name)).findFirst();
    }

    SourceSystem system(String name) {
        return findSystem(name).orElseThrow(() -> new IllegalArgumentException("No source system " + name));
    }

    private boolean isDepartment(String id) {
        return departments.stream().anyMatch(department -> department.id().equals(id));
    }

    private List<SourceSystem> readSystems() {
        Map<String, SourceSystem> generated = new HashMap<>();
        Systems.GENERATED.forEach(system -> generated.put(system.name(), system));
        List<SourceSystem> all = new ArrayList<>();
        for (Line line : lines("sources.csv")) {
            String name = line.get("name");
            if (!name.matches("[a-z][a-z0-9_]{0,40}")) {
                throw new IllegalArgumentException("sources.csv: " + name + " is not a name of small letters");
            }
            if (!isDepartment(line.get("department"))) {
                throw new IllegalArgumentException(
                        "sources.csv: " + name + " belongs to nobody of departments.csv: " + line.get("department"));
            }
            SourceSystem system = generated.get(name);
            all.add((system == null ? SourceSystem.files(name, ownFiles(name)) : system)
                    .registered(line.get("title"), line.get("department")));
        }
        if (all.stream().map(SourceSystem::name).distinct().count() < all.size()) {
            throw new IllegalArgumentException("sources.csv: two sources have one name");
        }
        return List.copyOf(all);
    }

    /** The files of a source that is not generated, which lie in the folder themselves. */
    private List<Path> ownFiles(String source) {
        Path folder = directory == null ? null : directory.resolve("sources").resolve(source);
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "sources.csv: there is neither a generated source " + source + " nor a folder sources/" + source);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static District district(Line line) {
        try {
            return new District(
                    line.get("code"),
                    line.get("name"),
                    day(line.get("since")),
                    Double.parseDouble(line.get("longitude")),
                    Double.parseDouble(line.get("latitude")),
                    split(line.get("streets")));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("districts.csv: " + line.get("code") + " has no coordinates", e);
        }
    }

    private static long day(String text) {
        try {
            return LocalDate.parse(text).toEpochDay();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("districts.csv: " + text + " is not a day", e);
        }
    }

    private static List<String> split(String text) {
        return Stream.of(text.split(" ")).filter(Predicate.not(String::isBlank)).toList();
    }

    private List<Line> lines(String name) {
        List<List<String>> lines = Csv.read(new StringReader(text(name)));
        String header = requireNonNull(LINES.get(name));
        if (lines.isEmpty() || !String.join(",", lines.getFirst()).equals(header)) {
            throw new IllegalArgumentException(name + ": the first line is " + header);
        }
        List<String> columns = lines.getFirst();
        List<Line> read = new ArrayList<>();
        for (List<String> line : lines.subList(1, lines.size())) {
            if (line.size() != columns.size()) {
                throw new IllegalArgumentException(name + ": " + String.join(",", line));
            }
            Map<String, String> cells = new HashMap<>();
            for (int c = 0; c < columns.size(); c++) {
                cells.put(columns.get(c), line.get(c).strip());
            }
            read.add(new Line(cells));
        }
        return read;
    }

    private String text(String name) {
        return new String(file(name), UTF_8);
    }

    private Optional<byte[]> find(String name) {
        try {
            if (directory != null) {
                Path file = directory.resolve(name).normalize();
                return file.startsWith(directory) && Files.isRegularFile(file)
                        ? Optional.of(Files.readAllBytes(file))
                        : Optional.empty();
            }
            try (InputStream content = CityFolder.class.getResourceAsStream("/trial-city/" + name)) {
                return content == null ? Optional.empty() : Optional.of(content.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "CityFolder[" + name() + "]";
    }
}
