package org.qiantang.cluster.password;

import io.trino.spi.Plugin;
import io.trino.spi.security.PasswordAuthenticator;
import io.trino.spi.security.PasswordAuthenticatorFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Lets those into the cluster whose name and password stand in a file; Trino publishes no such plugin of its own. */
public final class PasswordFilePlugin implements Plugin {
    @Override
    public Iterable<PasswordAuthenticatorFactory> getPasswordAuthenticatorFactories() {
        return List.of(new Factory());
    }

    private static final class Factory implements PasswordAuthenticatorFactory {
        @Override
        public String getName() {
            return "qiantang-file";
        }

        @Override
        public PasswordAuthenticator create(Map<String, String> settings) {
            return new PasswordFile(Path.of(settings.get("passwords")));
        }
    }
}
