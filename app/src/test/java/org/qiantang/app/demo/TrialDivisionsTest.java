package org.qiantang.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trial city's divisions are a file; this holds it to the ground that the city's tables stand on. */
class TrialDivisionsTest {
    private static final long TRIAL_SEED = 20_261_031;

    /** {@code -Ddocs.write=true} writes it again. */
    @ParameterizedTest
    @ValueSource(strings = {"src/main/resources/trial-city", "src/test/resources/second-city"})
    void everyStreetAndCommunityOfATrialCityIsADivision(Path folder) throws IOException {
        CityFolder city = CityFolder.at(folder);
        Map<String, String> begins = new HashMap<>();
        Map<String, String> names = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve("divisions.csv"))) {
            String[] cells = line.split(",", -1);
            if (cells[4].isEmpty()) {
                begins.put(cells[0], cells[3]);
                names.put(cells[0], cells[1]);
            }
        }
        Places places = new Places(city, TRIAL_SEED);
        StringBuilder text = new StringBuilder("code,name,valid_from\n");
        for (Places.Street street : places.streets()) {
            String begin = begins.get(street.code().substring(0, 6));
            text.append(String.join(",", street.code(), street.name(), begin)).append('\n');
        }
        for (Places.Community community : places.communities()) {
            String begin = begins.get(community.code().substring(0, 6));
            text.append(String.join(",", community.code(), community.name(), begin))
                    .append('\n');
        }
        Path file = folder.resolve("communities.csv");
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(file, text);
        }

        assertThat(Files.readString(file)).isEqualTo(text.toString());
        assertThat(city.districts())
                .allSatisfy(district -> assertThat(names.get(district.code())).isEqualTo(district.name()));
        assertThat(CityFolder.builtIn().departments())
                .extracting(DemoDepartment::id)
                .isEqualTo(departments());
    }

    private static List<String> departments() throws IOException {
        return Files.readAllLines(folder.resolve("departments.csv")).stream()
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(',')))
                .toList();
    }
}
