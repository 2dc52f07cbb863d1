package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.security.Principal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Somebody who is signed in, or could be. */
public record Account(
        String username,
        String displayName,
        Set<Role> roles,
        @Nullable Department department) implements Principal {
    public Account {
        requireNonNull(username, "username is null");
        requireNonNull(displayName, "displayName is null");
        roles = Set.copyOf(roles);
    }

    /** The operator of the installation, who comes with a token from the home folder. */
    public static Account operator() {
        return new Account("operator", "operator", Set.of(Role.values()), null);
    }

    @Override
    public String getName() {
        return username;
    }

    public boolean has(Role role) {
        return roles.contains(role);
    }
}
