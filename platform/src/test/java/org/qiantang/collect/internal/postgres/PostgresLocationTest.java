package org.qiantang.collect.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

class PostgresLocationTest {
    @Test
    void credentialsInTheUrlAreTakenOutOfIt() {
        PostgresLocation location =
                PostgresLocation.of("jdbc:postgresql://db:5433/city?user=a%40b&sslmode=require&password=p%26w", "", "");

        assertThat(location)
                .isEqualTo(new PostgresLocation("jdbc:postgresql://db:5433/city?sslmode=require", "a@b", "p&w"));
    }

    @Test
    void credentialsBeforeTheHostAreTakenOutOfIt() {
        PostgresLocation location = PostgresLocation.of("jdbc:postgresql://clerk:p%40w@db/city", "", "");

        assertThat(location).isEqualTo(new PostgresLocation("jdbc:postgresql://db/city", "clerk", "p@w"));
    }

    @Test
    void credentialsGivenBesideTheUrlGoFirst() {
        PostgresLocation location =
                PostgresLocation.of(" jdbc:postgresql://db/city?user=a&password=b ", "clerk", "secret");

        assertThat(location).isEqualTo(new PostgresLocation("jdbc:postgresql://db/city", "clerk", "secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db",
                "jdbc:mysql://db/city",
                "postgresql://db/city",
                "jdbc:postgresql://db:port/city",
                "jdbc:postgresql://db/city?user=%zz"
            })
    void whatIsNoLocationIsRefused(String text) {
        assertThatThrownBy(() -> PostgresLocation.of(text, "clerk", ""))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.BAD_LOCATION));
    }

    @ParameterizedTest
    @ValueSource(strings = {"socketFactory", "sslfactory", "loggerFile", "options", "authenticationPluginClassName"})
    void parametersThatReachBeyondTheConnectionAreRefused(String parameter) {
        assertThatThrownBy(() -> PostgresLocation.of("jdbc:postgresql://db/city?" + parameter + "=x", "clerk", ""))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(CollectProblem.BAD_LOCATION_PARAMETER);
                    assertThat(problem.zh()).contains(parameter);
                });
    }

    @Test
    void accountMustBeNamed() {
        assertThatThrownBy(() -> PostgresLocation.of("jdbc:postgresql://db/city", "", "secret"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.NO_USERNAME));
    }
}
