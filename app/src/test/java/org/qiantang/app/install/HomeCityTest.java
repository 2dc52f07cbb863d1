package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.demo.OtherCity;
import org.qiantang.core.Problem;

/** Which city a home is, and that it stays that city. */
class HomeCityTest {
    @TempDir
    Path folder;

    private Home home;
    private Path city;

    @BeforeEach
    void aFolderOfACity() throws IOException {
        home = Home.at(folder.resolve("home")).create();
        city = folder.resolve("city");
        try (Stream<Path> all = Files.walk(OtherCity.FOLDER)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Path copy = city.resolve(OtherCity.FOLDER.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    @Test
    void aHomeIsTheCityThatComesWithTheProgramUntilItIsGivenAnother() throws IOException {
        assertThat(home.city().name()).isEqualTo("杭州市");

        home.adoptCity(city);
        assertThat(home.city().name()).isEqualTo("洛阳市");
        assertThat(home.city().installation()).contains("河洛");

        // The home does not need the folder any more, and the same folder may be named at every start.
        home.adoptCity(city);
        Files.move(city, folder.resolve("elsewhere"));
        assertThat(home.city().name()).isEqualTo("洛阳市");
        assertThat(home.city().layers()).hasSize(2);
    }

    @Test
    void aHomeThatBeganWithACityStaysWithIt() throws IOException {
        home.adoptCity(city);
        Files.writeString(
                city.resolve("city.properties"),
                Files.readString(city.resolve("city.properties")).replace("name=洛阳市", "name=别的市"));
        assertRefused(InstallProblem.OTHER_CITY, "洛阳市");
        assertThat(home.city().name()).isEqualTo("洛阳市");

        home = Home.at(folder.resolve("began")).create();
        Files.writeString(home.operatorToken(), "token\n");
        assertRefused(InstallProblem.OTHER_CITY, "杭州市");
        assertThat(home.city().name()).isEqualTo("杭州市");
    }

    @Test
    void aFolderThatIsNoCityIsRefusedBeforeAnythingIsCopied() throws IOException {
        Files.delete(city.resolve("districts.csv"));

        assertRefused(InstallProblem.CITY_UNUSABLE, "districts.csv");
        assertThat(home.demo()).isEmptyDirectory();

        // A copy that a kill cut short counts for nothing.
        Path left = Files.createDirectories(home.demo().resolve("city.part/layers"));
        Files.writeString(left.resolve("of another folder.sql"), "SELECT 1");
        assertThat(home.city().name()).isEqualTo("杭州市");
        home.adoptCity(OtherCity.FOLDER);
        assertThat(home.demo().resolve("city/layers")).isDirectoryNotContaining("glob:**another*");
    }

    private void assertRefused(InstallProblem code, String why) {
        assertThatThrownBy(() -> home.adoptCity(city)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.zh()).contains(why);
        });
    }
}
