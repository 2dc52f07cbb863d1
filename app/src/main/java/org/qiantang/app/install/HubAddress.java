package org.qiantang.app.install;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the hub of a home is reached.
 *
 * @param forOneCommand the hub runs inside a command of the command line and ends with it, so nobody else should lean on it
 */
public record HubAddress(long pid, int port, String url, boolean forOneCommand) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The address the running hub wrote, if one is running and has come up. */
    public static Optional<HubAddress> of(Home home) {
        Optional<Long> holder = HomeLock.holder(home);
        try {
            return Home.read(home.hubFile())
                    .map(text -> JSON.readValue(text, HubAddress.class))
                    .filter(address -> holder.isPresent() && holder.get() == address.pid());
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    void write(Home home) {
        Home.write(home.hubFile(), JSON.writeValueAsString(this) + "\n");
    }
}
