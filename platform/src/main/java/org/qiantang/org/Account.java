package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.security.Principal;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is signed in, or could be.
 *
 * @param obligations what they have to do first; until then they may do nothing else
 * @param revision grows with every change of what the account may do
 * @param excused what this session need not do, because a provider of identities vouched for the person
 */
public record Account(
        String username,
        String displayName,
        Set<Role> roles,
        @Nullable Department department,
        Set<Obligation> obligations,
        long revision,
        Set<Obligation> excused)
        implements Principal {
    public Account {
        requireNonNull(username, "username is null");
        requireNonNull(displayName, "displayName is null");
        roles = Set.copyOf(roles);
        EnumSet<Obligation> left = EnumSet.noneOf(Obligation.class);
        left.addAll(obligations);
        left.removeAll(excused);
        obligations = Set.copyOf(left);
        excused = Set.copyOf(excused);
    }

    public Account(
            String username,
            String displayName,
            Set<Role> roles,
            @Nullable Department department,
            Set<Obligation> obligations,
            long revision) {
        this(username, displayName, roles, department, obligations, revision, Set.of());
    }

    public Account(String username, String displayName, Set<Role> roles, @Nullable Department department) {
        this(username, displayName, roles, department, Set.of(), 0);
    }

    /** The operator of the installation, who comes with a token from the home folder. The three duties are no part of it, nor is being a resident. */
    public static Account operator() {
        EnumSet<Role> all = EnumSet.complementOf(EnumSet.copyOf(Role.DUTIES));
        all.removeAll(Set.of(Role.RESIDENT, Role.ZONE_MEMBER));
        return new Account("operator", "operator", all, null);
    }

    /** The same account, in a session that need not do this. */
    public Account excusedFrom(Set<Obligation> excused) {
        return new Account(username, displayName, roles, department, obligations, revision, excused);
    }

    @Override
    public String getName() {
        return username;
    }

    /** Whether no person is behind it: a department's system, or another installation. No person's name has a colon. */
    public boolean isProgram() {
        return username.indexOf(':') > 0;
    }

    public boolean has(Role role) {
        return roles.contains(role);
    }

    public boolean isAdministrator() {
        return roles.stream().anyMatch(Role::isDuty);
    }
}
