package org.qiantang.app.demo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.qiantang.core.ELicenceIdentifier;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.UnifiedSocialCreditCode;
import tools.jackson.databind.json.JsonMapper;

/** The rows themselves, without PostgreSQL and without files. */
class DemoCityTest {
    private static final double SCALE = 0.02;
    private static final CityFolder BUILT_IN = CityFolder.builtIn();
    private static final DemoCity CITY = new DemoCity(42, SCALE);

    private record Read(SourceSystem source, Table table, List<Map<String, @Nullable String>> rows) {}

    private static Map<String, Read> readAll(List<Truth> truth) {
        Map<String, Read> all = new TreeMap<>();
        truth.add(CITY.write((source, table) -> {
            List<Map<String, @Nullable String>> rows = new ArrayList<>();
            all.put(source.name() + "/" + Truth.qualified(table), new Read(source, table, rows));
            return row -> {
                if (row.raw() == null) {
                    Map<String, @Nullable String> values = new HashMap<>();
                    table.columns().forEach(c -> values.put(c.name(), row.value(c.name())));
                    rows.add(values);
                }
            };
        }));
        return all;
    }

    private static Map<String, Read> readAll() {
        return readAll(new ArrayList<>());
    }

    private static Map<String, String> digests(DemoCity city) {
        Map<String, MessageDigest> digests = new TreeMap<>();
        city.write((source, table) -> {
            MessageDigest digest = sha256();
            digests.put(source.name() + "/" + Truth.qualified(table), digest);
            StringBuilder line = new StringBuilder();
            return row -> {
                line.setLength(0);
                for (int c = 0; c < table.columns().size(); c++) {
                    line.append(row.isNone(c) ? "\\N" : "").append('\t');
                    row.append(c, line);
                }
                digest.update(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
            };
        });
        return digests.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        e -> HexFormat.of().formatHex(e.getValue().digest()),
                        (a, b) -> a,
                        TreeMap::new));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void atLeastTenDepartmentsHoldAtLeastSixtyTablesAndNoneIsEmpty() {
        Map<String, Read> all = readAll();

        assertThat(BUILT_IN.departments()).hasSizeGreaterThanOrEqualTo(12);
        assertThat(BUILT_IN.systems().stream().map(SourceSystem::departmentId).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(
                        BUILT_IN.departments().stream().map(DemoDepartment::id).toList());
        assertThat(BUILT_IN.systems().stream().filter(s -> s.kind() == DemoSource.Kind.POSTGRES))
                .hasSizeGreaterThanOrEqualTo(5);
        assertThat(all).hasSizeGreaterThanOrEqualTo(70);
        all.forEach((name, read) -> assertThat(read.rows()).as(name).isNotEmpty());
    }

    @Test
    void theSameSeedGivesTheSameRowsAndAnotherSeedOthers() {
        Map<String, String> first = digests(CITY);

        assertThat(digests(new DemoCity(42, SCALE))).isEqualTo(first);
        Map<String, String> other = digests(new DemoCity(43, SCALE));
        long same = first.entrySet().stream()
                .filter(e -> e.getValue().equals(other.get(e.getKey())))
                .count();
        // Code lists and institutions known by their place are the same in every city.
        assertThat(same).isLessThanOrEqualTo(6);
    }

    /** Homes that began with this city find its files and databases as they left them, and published numbers stay comparable. */
    @Test
    void theCityThatComesWithQiantangStaysAsItIs() {
        MessageDigest all = sha256();
        digests(CITY)
                .forEach((table, digest) -> all.update((table + " " + digest + "\n").getBytes(StandardCharsets.UTF_8)));
        String planted = JsonMapper.shared()
                .writeValueAsString(
                        TruthFile.content(new City(BUILT_IN, 42, SCALE), CITY.write((s, t) -> r -> {}), List.of()));
        MessageDigest truth = sha256();
        truth.update(planted.getBytes(StandardCharsets.UTF_8));

        assertThat(List.of(
                        HexFormat.of().formatHex(all.digest()), HexFormat.of().formatHex(truth.digest())))
                .containsExactly(
                        "fbd759fefa91c879d32946b66a4ecf58c52015c5920a9b27c4430e599e4c7871",
                        "36089b3f37ffc5080bec672c510a34630237c3d8f6b4b5753208e5192cd9c7bc");
    }

    @Test
    void theCityGrowsWithTheScale() {
        long small = new DemoCity(42, 0.02)
                .write((s, t) -> r -> {}).rows().values().stream()
                        .mapToLong(n -> n)
                        .sum();
        long larger = new DemoCity(42, 0.2)
                .write((s, t) -> r -> {}).rows().values().stream()
                        .mapToLong(n -> n)
                        .sum();
        long whole = new DemoCity(42, 1)
                .write((s, t) -> r -> {}).rows().values().stream()
                        .mapToLong(n -> n)
                        .sum();

        assertThat(small).isBetween(20_000L, 60_000L);
        assertThat(larger).isBetween(150_000L, 300_000L);
        assertThat(whole).isBetween(900_000L, 1_200_000L);
    }

    @Test
    void keysAreUniqueAndForeignKeysLeadSomewhere() {
        Map<String, Read> all = readAll();

        all.forEach((name, read) -> {
            List<String> keys = read.table().keyColumns();
            if (!keys.isEmpty()) {
                Set<List<@Nullable String>> seen = new HashSet<>();
                read.rows()
                        .forEach(row -> assertThat(
                                        seen.add(keys.stream().map(row::get).toList()))
                                .as(name + " " + row)
                                .isTrue());
            }
        });
        for (TruthFile.Relation relation : TruthFile.relations(BUILT_IN)) {
            Set<String> targets = values(all, relation.to());
            List<String> froms = list(all, relation.from());
            long found = froms.stream().filter(targets::contains).count();
            double share = froms.isEmpty() ? 1 : (double) found / froms.size();
            assertThat(share).as(relation.toString()).isGreaterThanOrEqualTo(relation.declared() ? 1 : 0.85);
        }
    }

    private static Read get(Map<String, Read> all, String name) {
        return requireNonNull(all.get(name), name);
    }

    private static Set<String> values(Map<String, Read> all, TruthFile.End end) {
        return new HashSet<>(list(all, end));
    }

    private static List<String> list(Map<String, Read> all, TruthFile.End end) {
        List<String> values = new ArrayList<>();
        for (Map<String, @Nullable String> row :
                get(all, end.source() + "/" + end.table()).rows()) {
            String value = row.get(end.column());
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    @Test
    void everyIdentifierChecksExceptThosePlantedAsFaulty() {
        List<Truth> truth = new ArrayList<>();
        Map<String, Read> all = readAll(truth);
        Set<String> planted = new HashSet<>();
        for (Truth.Entry entry : truth.getFirst().entries(BUILT_IN)) {
            switch (entry.plant()) {
                case BAD_ID_CHECK, IMPOSSIBLE_ID_DATE, FULL_WIDTH_ID, BAD_USCC_CHECK, BAD_LICENCE_CHECK ->
                    entry.places().stream()
                            .filter(p -> p.part() == Truth.Part.SHOWS)
                            .forEach(p -> {
                                p.values().values().forEach(v -> planted.add(p.source() + "/" + p.table() + "/" + v));
                            });
                default -> {}
            }
        }
        int[] checked = new int[3];
        List<String> faulty = new ArrayList<>();
        Set<String> noticed = new HashSet<>();
        all.forEach((name, read) -> {
            for (Column column : read.table().columns()) {
                int kind = kind(column);
                for (Map<String, @Nullable String> row :
                        kind < 0 ? List.<Map<String, @Nullable String>>of() : read.rows()) {
                    String value = row.get(column.name());
                    if (value == null) {
                        continue;
                    }
                    checked[kind]++;
                    boolean valid = switch (kind) {
                        case 0 -> IdentityNumber.find(value).isPresent();
                        case 1 -> UnifiedSocialCreditCode.find(value).isPresent();
                        default -> ELicenceIdentifier.find(value).isPresent();
                    };
                    if (!valid) {
                        noticed.add(name + "/" + value);
                    }
                    if (!valid && !planted.contains(name + "/" + value)) {
                        faulty.add(name + "." + column.name() + " " + value);
                    }
                }
            }
        });

        assertThat(faulty).isEmpty();
        assertThat(noticed).hasSize(5 * new City(BUILT_IN, 42, SCALE).plantedEach());
        assertThat(checked[0]).isGreaterThan(5_000);
        assertThat(checked[1]).isGreaterThan(1_000);
        assertThat(checked[2]).isGreaterThan(100);
    }

    /** 0 identity number, 1 credit code, 2 licence identifier, -1 none of them; by comment, as a person would tell. */
    private static int kind(Column column) {
        String comment = column.comment();
        if (comment.contains("身份证号")
                || comment.contains("公民身份号码")
                || column.name().equals("owner_id_no")
                || column.name().equals("certno")
                || column.name().equals("id_no")
                || column.name().equals("licence_no") && comment.equals("驾驶证号")) {
            return 0;
        }
        if (comment.contains("统一社会信用代码") || comment.equals("企业代码") || comment.equals("持证主体代码")) {
            return 1;
        }
        return comment.startsWith("电子证照标识") ? 2 : -1;
    }

    @Test
    void identityNumbersAreUniqueAndSayWhatTheRegisterSays() {
        Read residents = get(readAll(), "police/public.resident");
        Set<String> seen = new HashSet<>();

        for (Map<String, @Nullable String> row : residents.rows()) {
            IdentityNumber number = IdentityNumber.of(String.valueOf(row.get("id_number")));
            assertThat(seen.add(number.text())).isTrue();
            assertThat(number.birthDate().toString()).isEqualTo(row.get("birth_date"));
            assertThat(String.valueOf(number.sex().code())).isEqualTo(row.get("sex"));
        }
        City large = new City(BUILT_IN, 7, 3);
        Set<String> many = new HashSet<>();
        for (long i = 0; i < large.persons(); i++) {
            assertThat(many.add(large.person(i).idNumber())).isTrue();
        }
    }

    @Test
    void everyKindIsPlantedAndEveryEntryIsFoundInTheRows() {
        List<Truth> truth = new ArrayList<>();
        Map<String, Read> all = readAll(truth);

        Map<Plant, Long> kinds = truth.getFirst().entries(BUILT_IN).stream()
                .collect(Collectors.groupingBy(Truth.Entry::plant, TreeMap::new, Collectors.counting()));
        for (Plant plant : Plant.values()) {
            assertThat(kinds).containsKey(plant);
        }
        for (Truth.Entry entry : truth.getFirst().entries(BUILT_IN)) {
            assertThat(entry.places().stream()
                            .filter(place -> place.part() == Truth.Part.SHOWS)
                            .map(Truth.Place::source)
                            .collect(Collectors.toSet()))
                    .as(entry.id())
                    .isEqualTo(entry.plant().sources());
            boolean several = entry.plant().group() != Plant.Group.DIRTY;
            assertThat(entry.places()).as(entry.id()).hasSizeGreaterThanOrEqualTo(several ? 2 : 1);
            for (Truth.Place place : entry.places()) {
                List<Map<String, @Nullable String>> found =
                        get(all, place.source() + "/" + place.table()).rows().stream()
                                .filter(row -> place.key().entrySet().stream()
                                        .allMatch(k -> String.valueOf(row.get(k.getKey()))
                                                .equals(String.valueOf(k.getValue()))))
                                .toList();
                assertThat(found)
                        .as(entry.id() + " " + place)
                        .hasSize(place.table().equals("学籍") && entry.plant() == Plant.DUPLICATE_ROW ? 2 : 1);
                place.values()
                        .forEach((column, value) -> assertThat(found.getFirst().get(column))
                                .as(entry.id())
                                .isEqualTo(value));
            }
        }
    }

    @Test
    void whoIsDeadAndStillPaidIsInTheTruthAndNobodyElse() {
        List<Truth> truth = new ArrayList<>();
        Map<String, Read> all = readAll(truth);
        Map<String, String> deaths = new HashMap<>();
        get(all, "civil_affairs/public.death_registration")
                .rows()
                .forEach(row -> deaths.put(String.valueOf(row.get("id_no")), String.valueOf(row.get("death_date"))));

        Set<String> paid = new HashSet<>();
        for (Map<String, @Nullable String> row :
                get(all, "social_security/public.pension_payment").rows()) {
            String died = deaths.get(String.valueOf(row.get("id_no")));
            if (died != null && died.compareTo(String.valueOf(row.get("paid_at"))) < 0) {
                paid.add(String.valueOf(row.get("id_no")));
            }
        }

        Set<String> planted = truth.getFirst().entries(BUILT_IN).stream()
                .filter(e -> e.plant() == Plant.DEAD_BUT_PENSION)
                .flatMap(e -> e.places().stream())
                .filter(p -> p.table().equals("public.pension_payment"))
                .map(p -> String.valueOf(p.values().get("id_no")))
                .collect(Collectors.toSet());
        assertThat(paid).isEqualTo(planted);
    }

    @Test
    void anyScaleHoldsEveryKind() {
        for (double scale : new double[] {0.001, 0.02, 0.1}) {
            for (long seed = 1; seed <= 5; seed++) {
                Map<Plant, Long> kinds = new DemoCity(seed, scale)
                        .write((s, t) -> r -> {}).entries(BUILT_IN).stream()
                                .collect(
                                        Collectors.groupingBy(Truth.Entry::plant, TreeMap::new, Collectors.counting()));
                assertThat(kinds).as("seed " + seed + " scale " + scale).hasSize(Plant.values().length);
            }
        }
    }

    @Test
    void theDustReachesTheStationsOneAfterTheOther() {
        City city = new City(BUILT_IN, 42, SCALE);
        Air air = new Air(city);
        Map<String, @Nullable Object> episode = TruthFile.episode(city);
        List<?> stations = (List<?>) requireNonNull(episode.get("stations"));

        assertThat(stations).hasSameSizeAs(air.stations());
        String previous = "";
        for (Object one : stations) {
            Map<?, ?> station = (Map<?, ?>) one;
            String start = String.valueOf(station.get("start"));
            assertThat(start).isGreaterThanOrEqualTo(previous);
            assertThat(String.valueOf(station.get("peak"))).isGreaterThan(start);
            assertThat(String.valueOf(station.get("end"))).isGreaterThan(String.valueOf(station.get("peak")));
            assertThat((Integer) station.get("peakMicrogramsPerCubicMetre")).isGreaterThan(100);
            previous = start;
        }
    }
}
