package org.qiantang.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another city is another folder: its tables are whole, and nothing of the first city is in them. */
class SecondCityTest {
    private static final CityFolder SECOND = CityFolder.at(OtherCity.FOLDER);
    private static final DemoCity CITY = new DemoCity(SECOND, 7, 0.02);

    @TempDir
    Path folder;

    @Test
    void noCellOfAnyTableNamesTheFirstCity() {
        Map<String, String> found = new TreeMap<>();
        long[] cells = {0};
        CITY.write((source, table) -> row -> {
            for (int c = 0; c < table.columns().size(); c++) {
                if (!row.isNone(c) && row.isText(c)) {
                    String value = row.textAt(c);
                    cells[0]++;
                    String column = source.name() + "/" + table.name() + "."
                            + table.columns().get(c).name();
                    OtherCity.firstCityInValue(value).ifPresent(name -> found.put(column, name + " in " + value));
                }
            }
        });

        assertThat(found).isEmpty();
        assertThat(cells[0]).isGreaterThan(100_000);
        assertThat(OtherCity.namesOfTheFirstCity())
                .contains("杭州", "浙江", "Hangzhou", "西湖", "萧山区", "钱塘区", "清波街道", "钱塘江", "云栖")
                .doesNotContain("钱塘", "Qiantang")
                .hasSizeGreaterThan(300);
        // The first city's own tables would not pass.
        Set<String> ownTables = new TreeSet<>();
        new DemoCity(7, 0.002).write((source, table) -> row -> {
            for (int c = 0; c < table.columns().size(); c++) {
                if (!row.isNone(c)
                        && row.isText(c)
                        && OtherCity.firstCityInValue(row.textAt(c)).isPresent()) {
                    ownTables.add(source.name() + "/" + table.name());
                }
            }
        });
        assertThat(ownTables).hasSizeGreaterThan(35);
    }

    @Test
    void itHasASourceFewerAndASourceMore() {
        List<String> first =
                CityFolder.builtIn().systems().stream().map(SourceSystem::name).toList();
        List<String> second = SECOND.systems().stream().map(SourceSystem::name).toList();

        assertThat(first).contains("education").doesNotContain("heritage_sites");
        assertThat(second).contains("heritage_sites").doesNotContain("education");
        assertThat(SECOND.departments())
                .extracting(DemoDepartment::id)
                .contains("heritage")
                .doesNotContain("education");
        assertThat(SECOND.system("police").title())
                .isNotEqualTo(CityFolder.builtIn().system("police").title());
        assertThat(SECOND.systems().stream().map(SourceSystem::departmentId))
                .allSatisfy(department -> assertThat(SECOND.departments())
                        .extracting(DemoDepartment::id)
                        .contains(department));
    }

    @Test
    void itsTruthTellsOnlyOfWhatItsSourcesShow() {
        Map<String, Set<String>> sourcesByPlant = new HashMap<>();
        for (Truth.Entry entry : CITY.write((s, t) -> r -> {}).entries(SECOND)) {
            Set<String> sources = sourcesByPlant.computeIfAbsent(entry.plant().name(), p -> new HashSet<>());
            entry.places().stream()
                    .filter(place -> place.part() == Truth.Part.SHOWS)
                    .forEach(place -> sources.add(place.source()));
        }

        assertThat(sourcesByPlant)
                .doesNotContainKeys("FULL_WIDTH_ID", "IMPOSSIBLE_ID_DATE", "DUPLICATE_ROW")
                .hasSize(Plant.values().length - 3);
        sourcesByPlant.forEach((plant, sources) ->
                assertThat(sources).as(plant).isEqualTo(Plant.valueOf(plant).sources()));
        assertThat(TruthFile.relations(SECOND))
                .isNotEmpty()
                .noneMatch(relation -> relation.from().source().equals("education")
                        || relation.to().source().equals("education"));
    }

    @Test
    void keysAreUniqueWithAnotherNumberOfDistricts() {
        assertThat(SECOND.districts()).hasSize(14);
        CITY.write((source, table) -> {
            List<String> keys = table.keyColumns();
            Set<List<@Nullable String>> seen = new HashSet<>();
            return row -> {
                if (!keys.isEmpty() && row.raw() == null) {
                    List<@Nullable String> key = new ArrayList<>();
                    keys.forEach(column -> key.add(row.value(column)));
                    assertThat(seen.add(key))
                            .as(source.name() + "/" + table.name() + key)
                            .isTrue();
                }
            };
        });
    }

    @Test
    void aFolderThatLacksSomethingIsRefusedByTheNameOfWhatIsMissing() throws IOException {
        assertThatThrownBy(() -> CityFolder.at(folder)).hasMessageContaining("city.properties");
        copy();
        assertThat(CityFolder.at(folder).name()).isEqualTo(SECOND.name());

        refuses("city.properties", "rivers=", "streams=", "lacks rivers");
        refuses("city.properties", "time-zone=Asia/Urumqi", "time-zone=Nowhere", "time-zone=Nowhere");
        refuses("city.properties", "code=4103", "code=41", "four digits");
        refuses("city.properties", "brands=洛水 ", "brands=", "brands has 20 words, not 19");
        refuses(
                "districts.csv",
                "410302,老城区,1990-01-01,,,112.47",
                "410302,老城区,1990-01-01,,,",
                "410302 has no coordinates");
        refuses("districts.csv", "410302,老城区", "510302,老城区", "510302 is not a code under 4103");
        refuses("city.properties", "first-registered=410302", "first-registered=4103", "six digits, not 4103");
        refuses("districts.csv", "code,name", "name,code", "the first line is code,name");
        refuses("sources.csv", "transport,transport", "metro,transport", "neither a generated source metro");
        refuses("sources.csv", "transport,transport", "transport,metro", "nobody of departments.csv: metro");
        refuses(
                "city.properties",
                "officers-department=hotline",
                "officers-department=metro",
                "none of departments.csv: metro");
        refuses("divisions.csv", "410302,老城区", "410301,老城区", "lacks 410302 老城区");
        refuses("layers.txt", "10-divisions.sql", "11-divisions.sql", "lacks layers/11-divisions.sql");
        refuses("sources.csv", "transport,transport", "../x,transport", "../x is not a name");
    }

    private void copy() throws IOException {
        try (Stream<Path> all = Files.walk(OtherCity.FOLDER)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(OtherCity.FOLDER.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private void refuses(String file, String part, String instead, String why) throws IOException {
        Path changed = folder.resolve(file);
        String whole = Files.readString(changed);
        assertThat(whole).contains(part);
        Files.writeString(changed, whole.replace(part, instead));
        assertThatThrownBy(() -> CityFolder.at(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
        Files.writeString(changed, whole);
    }
}
