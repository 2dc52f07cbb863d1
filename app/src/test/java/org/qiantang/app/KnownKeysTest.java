package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class KnownKeysTest {
    @Test
    void aKeyNobodyReadsStopsTheStartAndIsNamed() {
        assertThatThrownBy(() -> KnownKeys.check(with("qiantang.hoem", "/x")))
                .hasMessageContaining("qiantang.hoem")
                .hasMessageContaining("qiantang.home");
    }

    @Test
    void knownKeysPassHoweverTheyAreSpelled() {
        assertThat(KnownKeys.all()).contains("qiantang.master-key-file", "qiantang.database.url");
        assertThatCode(() -> KnownKeys.check(with("qiantang.masterKeyFile", "/x")))
                .doesNotThrowAnyException();
        assertThatCode(() -> KnownKeys.check(with("qiantang.master-key-file", "/x")))
                .doesNotThrowAnyException();
    }

    @Test
    void aProviderMayHaveAnyNameButOnlyKeysThatAreRead() {
        assertThatCode(() -> KnownKeys.check(with("qiantang.oidc.city-staff.clientId", "x")))
                .doesNotThrowAnyException();
        assertThatCode(() -> KnownKeys.check(with("qiantang.oidc.a.scopes[0]", "openid")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> KnownKeys.check(with("qiantang.oidc.a.roles-claim", "x")))
                .hasMessageContaining("qiantang.oidc.a.roles-claim");
        assertThatThrownBy(() -> KnownKeys.check(with("qiantang.oidc.issuer", "x")))
                .hasMessageContaining("qiantang.oidc.issuer");
    }

    private static StandardEnvironment with(String key, String value) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("arguments", Map.of(key, value)));
        return environment;
    }
}
