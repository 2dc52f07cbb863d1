package org.qiantang.app.oidc;

import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.qiantang.app.QiantangProperties;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.stereotype.Component;

/** The providers of identities of this installation. */
@Component
final class Providers {
    private final Map<String, Provider> providers = new LinkedHashMap<>();

    Providers(QiantangProperties properties, Clock clock) {
        new TreeMap<>(properties.oidc()).forEach((id, settings) -> {
            if (!id.matches("[a-z0-9][a-z0-9-]{0,39}")) {
                throw new IllegalStateException(
                        "qiantang.oidc." + id + ": a provider's name has 1 to 40 small letters, digits or hyphens");
            }
            providers.put(id, new Provider(id, settings, clock));
        });
    }

    Collection<Provider> list() {
        return providers.values();
    }

    Provider get(String id) {
        Provider provider = providers.get(id);
        if (provider == null) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", "provider " + id);
        }
        return provider;
    }
}
