package org.qiantang.app.security;

import static org.qiantang.org.Role.ANALYST;
import static org.qiantang.org.Role.AUDITOR;
import static org.qiantang.org.Role.AUDIT_ADMIN;
import static org.qiantang.org.Role.ENGINEER;
import static org.qiantang.org.Role.OFFICER;
import static org.qiantang.org.Role.RESIDENT;
import static org.qiantang.org.Role.SECURITY_ADMIN;
import static org.qiantang.org.Role.SYSTEM_ADMIN;
import static org.qiantang.org.Role.ZONE_MEMBER;

import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qiantang.exchange.Peer;
import org.qiantang.invoke.Client;
import org.qiantang.invoke.Scope;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Who may call what. An endpoint that is not in this table cannot be reached by anybody; that every endpoint is in it is a test's
 * business.
 */
public final class AccessRules implements AuthorizationManager<RequestAuthorizationContext> {
    /** Whoever has an account, residents too. */
    private static final Set<Role> ANYBODY = EnumSet.allOf(Role.class);
    /** Whoever works for the city. */
    private static final Set<Role> EVERYBODY = EnumSet.complementOf(EnumSet.of(RESIDENT));
    /** The three administrators keep the platform; what is collected is not theirs to see. */
    private static final Set<Role> CITY = Set.of(ENGINEER, OFFICER, ANALYST, AUDITOR);

    /** Who keeps the line to other installations, too. */
    private static final Set<Role> CITY_AND_SECURITY =
            Set.of(ENGINEER, OFFICER, ANALYST, AUDITOR, SECURITY_ADMIN, AUDIT_ADMIN);
    /** And who works inside a zone, of what is theirs. */
    private static final Set<Role> CITY_AND_ZONES = Set.of(ENGINEER, OFFICER, ANALYST, AUDITOR, ZONE_MEMBER);

    static final Set<Role> NOBODY_NEEDED = Set.of();

    /** Programs of departments, which have no role; told from the others by being this very set. */
    private static final Set<Role> CLIENTS = EnumSet.noneOf(Role.class);

    /** Other installations, by signed messages alone: whoever signs in is none, whatever role they have. */
    private static final Set<Role> PEERS = EnumSet.noneOf(Role.class);

    /** Where programs come with their tokens. */
    public static final List<String> PROGRAMS =
            List.of("/services/**", "/peers/**", "/feeds", "/feeds/**", "/extracts/**");

    /** What a token has to be for is told by this and the name of the scope. */
    private static final String SCOPE = "SCOPE_";

    /** Where other installations come. */
    public static final String PEERS_DOOR = "/peer/**";

    /** Open to everybody who is no person: what is behind it asks for a device's token itself. */
    static final String DEVICES_DOOR = "/api/events/{stream}";

    /** One's own session: open to who still has to do something first. */
    private static final String OWN = "/api/session";

    static final List<Rule> RULES = List.of(
            rule(HttpMethod.GET, "/api/health", NOBODY_NEEDED),
            rule(HttpMethod.POST, OWN, NOBODY_NEEDED),
            rule(HttpMethod.GET, OWN, ANYBODY),
            rule(HttpMethod.DELETE, OWN, NOBODY_NEEDED),
            rule(HttpMethod.PUT, OWN + "/password", ANYBODY),
            rule(HttpMethod.POST, OWN + "/second-factor", ANYBODY),
            rule(HttpMethod.PUT, OWN + "/second-factor", ANYBODY),
            rule(HttpMethod.POST, OWN + "/presence", ANYBODY),
            rule(HttpMethod.GET, OWN + "/identities", ANYBODY),
            rule(HttpMethod.GET, OWN + "/oidc", NOBODY_NEEDED),
            rule(HttpMethod.DELETE, OWN + "/oidc", NOBODY_NEEDED),
            rule(HttpMethod.POST, OWN + "/oidc/{provider}", NOBODY_NEEDED),
            rule(HttpMethod.POST, OWN + "/oidc/{provider}/request", NOBODY_NEEDED),
            rule(HttpMethod.POST, OWN + "/oidc/{provider}/second-factor", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/identities/newcomers", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.GET, "/api/accounts/{username}/identities", Set.of(SYSTEM_ADMIN, SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/api/accounts/{username}/identities", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.DELETE, "/api/accounts/{username}/identities", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.GET, "/api/accounts", Set.of(SYSTEM_ADMIN, SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/api/accounts", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.PUT, "/api/accounts/{username}", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.PUT, "/api/accounts/{username}/resident", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.POST, "/api/accounts/{username}/disable", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.POST, "/api/accounts/{username}/enable", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.POST, "/api/accounts/{username}/password", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.PUT, "/api/accounts/{username}/roles", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/api/accounts/{username}/unlock", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.DELETE, "/api/accounts/{username}/second-factor", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.GET, "/api/audit", Set.of(AUDIT_ADMIN)),
            rule(HttpMethod.POST, "/api/audit/verification", Set.of(AUDIT_ADMIN)),
            rule(HttpMethod.GET, "/api/evidence", ANYBODY),
            // Auditors every entry, everybody else their own.
            rule(HttpMethod.GET, "/api/evidence/holds", Set.of(AUDIT_ADMIN)),
            rule(HttpMethod.POST, "/api/evidence/holds", Set.of(AUDIT_ADMIN)),
            rule(HttpMethod.POST, "/api/evidence/holds/{id}/release", Set.of(AUDIT_ADMIN)),
            rule(HttpMethod.GET, "/api/evidence/{index}", ANYBODY),
            rule(HttpMethod.GET, "/api/divisions", EVERYBODY),
            rule(HttpMethod.GET, "/api/divisions/{code}", EVERYBODY),
            rule(HttpMethod.GET, "/api/organisation/departments", EVERYBODY),
            rule(HttpMethod.GET, "/api/organisation/departments/{id}", EVERYBODY),
            rule(HttpMethod.GET, "/api/organisation/template", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.GET, "/api/organisation/export/{kind}", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.POST, "/api/organisation/import/{kind}", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.POST, "/api/organisation/import/{kind}/apply", Set.of(SYSTEM_ADMIN)),
            rule(HttpMethod.GET, "/api/openapi", EVERYBODY),
            rule(HttpMethod.GET, "/api/departments", EVERYBODY),
            rule(HttpMethod.GET, "/api/overview", CITY),
            rule(HttpMethod.GET, "/api/fleet", CITY),
            rule(HttpMethod.GET, "/api/storage", EVERYBODY),
            rule(HttpMethod.GET, "/api/sources", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/sources", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/sources/test", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/sources/{id}", Set.of(ENGINEER)),
            rule(HttpMethod.PUT, "/api/sources/{id}", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/sources/{id}/test", Set.of(ENGINEER)),
            rule(HttpMethod.DELETE, "/api/sources/{id}", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/sources/{id}/runs", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/sources/{id}/schedule", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.PUT, "/api/sources/{id}/schedule", Set.of(ENGINEER)),
            rule(HttpMethod.DELETE, "/api/sources/{id}/schedule", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/calendar/{year}", EVERYBODY),
            rule(HttpMethod.PUT, "/api/calendar/{year}", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/sources/{id}/runs", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/sources/{id}/deliveries", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/sources/{id}/events", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/sources/{id}/devices", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.POST, "/api/sources/{id}/devices", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/sources/{id}/devices/token", Set.of(ENGINEER)),
            rule(HttpMethod.DELETE, "/api/sources/{id}/devices", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/sources/{id}/quarantine", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/sources/{id}/rejects", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/sources/{id}/rejects/counts", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/sources/{id}/rejects/export", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.POST, "/api/sources/{id}/rejects/replay", Set.of(ENGINEER)),
            rule(HttpMethod.POST, DEVICES_DOOR, NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/sources/{id}/following", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.POST, "/api/sources/{id}/following", Set.of(ENGINEER)),
            rule(HttpMethod.DELETE, "/api/sources/{id}/following", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/sources/{id}/verification", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/sources/{id}/verifications", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/verifications/{id}", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.POST, "/api/verifications/{id}/cancel", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/verifications/{id}/document", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/runs", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/runs/{id}", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/runs/{id}/events", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.POST, "/api/runs/{id}/cancel", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/runs/{id}/receipt", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/runs/{id}/rejects", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/search", Set.of(ENGINEER, OFFICER, ANALYST, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/resources", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/resources/{id}", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/resources/{id}/schemas", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/resources/schemas/seen", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/resources/{id}/classification", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/resources/{id}/classification", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/resources/{id}/classification/undo", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/resources/{id}/profile", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/profile-alarms", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/profile-alarms/{id}/seen", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/profile-alarms/{id}/settle", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/resources/{id}/lineage", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/resources/{id}/lineage/versions", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/resources/{id}/impact", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/lineage/openlineage", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/lineage/openlineage/{id}", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/resources/{id}/preview", Set.of(ENGINEER, ANALYST)),
            // What may be taken is the grant's to say.
            rule(HttpMethod.POST, "/api/resources/{id}/export", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/directory", Set.of(ENGINEER, OFFICER, ANALYST, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/directory", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/directory/export", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/directory/import", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/directory/dcat", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/directory/{id}", Set.of(ENGINEER, OFFICER, ANALYST, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/directory/{id}/versions", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.PUT, "/api/directory/{id}", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/directory/{id}/submit", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/directory/{id}/change", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/directory/{id}/discard", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/directory/{id}/take", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/directory/{id}/return", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/directory/{id}/publish", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/directory/{id}/retire", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/data", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/data/candidates", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/data/{id}", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/data", Set.of(ENGINEER)),
            rule(HttpMethod.PUT, "/api/data/{id}", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/data/{id}/withdrawals", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/ledger", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/ledger", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/ledger/projects", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/ledger/projects", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/ledger/projects/{id}", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/ledger/{id}", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.PUT, "/api/ledger/{id}", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/quality", CITY),
            rule(HttpMethod.GET, "/api/quality/departments/{id}", CITY),
            rule(HttpMethod.POST, "/api/quality/adopt", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/resources/{id}/quality", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/resources/{id}/quality/rules", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/resources/{id}/quality/attempt", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/resources/{id}/quality/adopt", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/quality/rules/{id}", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.PUT, "/api/quality/rules/{id}", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/quality/rules/{id}/retire", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/quality/rules/{id}/run", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/quality/rules/{id}/failing", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/tickets", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.POST, "/api/tickets", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.GET, "/api/tickets/{id}", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.POST, "/api/tickets/{id}/dispatch", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/tickets/{id}/close", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/tickets/{id}/accept", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/tickets/{id}/return", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/tickets/{id}/begin", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/tickets/{id}/fix", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/objections", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.GET, "/api/objections/{id}", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.POST, "/api/objections/{id}/accept", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/objections/{id}/refuse", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/objections/{id}/handle", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/objections/{id}/archive", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/my/entries", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/my/entries/{id}/records", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/my/objections", Set.of(RESIDENT)),
            rule(HttpMethod.POST, "/api/my/objections", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/my/objections/{id}", Set.of(RESIDENT)),
            rule(HttpMethod.POST, "/api/my/objections/{id}/withdraw", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/open/datasets", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/open/datasets/{id}", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/open/datasets/{id}/rows", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/open/datasets/{id}/file", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/open/dcat", NOBODY_NEEDED),
            rule(HttpMethod.PUT, "/api/directory/{id}/statistic", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/value", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/value/export", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/my/holdings", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/my/footprints", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/my/footprints/{index}/proof", Set.of(RESIDENT)),
            rule(HttpMethod.POST, "/api/my/footprints/{index}/question", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/my/questions", Set.of(RESIDENT)),
            rule(HttpMethod.GET, "/api/footprints/questions", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.POST, "/api/footprints/questions/{id}/answer", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/footprints/delays", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.POST, "/api/footprints/delays", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/footprints/delays/{id}/end", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/footprints/withheld", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.PUT, "/api/resources/{id}/withheld", Set.of(ENGINEER)),
            rule(HttpMethod.DELETE, "/api/resources/{id}/withheld", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/mappings", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/mappings", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/mappings/check", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/mappings/{table}", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/mappings/{table}/record", Set.of(ENGINEER, OFFICER, ANALYST)),
            rule(HttpMethod.POST, "/api/mappings/{table}/run", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/mappings/{table}/retire", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/share/cart", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.PUT, "/api/share/cart/{id}", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.PUT, "/api/share/cart/resources/{id}", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.DELETE, "/api/share/cart/{id}", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/share/applications", Set.of(ENGINEER, OFFICER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/share/applications", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/share/applications/{id}", Set.of(ENGINEER, OFFICER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.PUT, "/api/share/applications/{id}", Set.of(OFFICER, ZONE_MEMBER)),
            rule(
                    HttpMethod.GET,
                    "/api/share/applications/{id}/attachments",
                    Set.of(ENGINEER, OFFICER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/share/applications/{id}/attachments", Set.of(OFFICER, ZONE_MEMBER)),
            rule(
                    HttpMethod.GET,
                    "/api/share/applications/{id}/attachments/{attachment}",
                    Set.of(ENGINEER, OFFICER, AUDITOR, ZONE_MEMBER)),
            rule(
                    HttpMethod.DELETE,
                    "/api/share/applications/{id}/attachments/{attachment}",
                    Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/share/applications/{id}/submit", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/share/applications/{id}/withdraw", Set.of(OFFICER, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/share/applications/{id}/return", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/share/applications/{id}/pass", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/share/applications/{id}/refuse", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/share/parts/{id}/grant", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/share/parts/{id}/reject", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/share/parts/{id}/negotiate", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/share/parts/{id}/statements", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/share/parts/{id}/escalate", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/share/grants", CITY_AND_ZONES),
            rule(HttpMethod.GET, "/api/share/grants/{id}", CITY_AND_ZONES),
            rule(HttpMethod.POST, "/api/share/grants/{id}/change", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/share/grants/{id}/suspend", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/share/grants/{id}/resume", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/share/grants/{id}/revoke", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/share/grants/{id}/renew", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/resources/{id}/readers", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.GET, "/api/share/readable/{username}", CITY),
            rule(HttpMethod.GET, "/.well-known/oauth-authorization-server", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/oauth2/jwks", NOBODY_NEEDED),
            // Whoever comes proves there which client they are.
            rule(HttpMethod.POST, "/oauth2/token", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/services/{name}/v{version}", Scope.SERVICES),
            rule(HttpMethod.GET, "/services/{name}/v{version}/mock", Scope.SERVICES),
            rule(HttpMethod.GET, "/feeds", Scope.SUBSCRIPTIONS),
            rule(HttpMethod.GET, "/feeds/{id}", Scope.SUBSCRIPTIONS),
            rule(HttpMethod.GET, "/feeds/{id}/events", Scope.SUBSCRIPTIONS),
            rule(HttpMethod.GET, "/feeds/{id}/stream", Scope.SUBSCRIPTIONS),
            rule(HttpMethod.POST, "/feeds/{id}/acknowledge", Scope.SUBSCRIPTIONS),
            rule(HttpMethod.POST, "/extracts/{id}", Scope.EXTRACTS),
            rule(HttpMethod.GET, "/api/services", CITY),
            rule(HttpMethod.POST, "/api/services", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/services/complete", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/services/{name}", CITY),
            rule(HttpMethod.POST, "/api/services/{name}/versions", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.PUT, "/api/services/{name}/v{version}", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/services/{name}/v{version}/publish", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/services/{name}/v{version}/deprecate", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/services/{name}/v{version}/retire", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/services/{name}/v{version}/openapi.json", CITY),
            rule(HttpMethod.GET, "/api/services/{name}/v{version}/mock", CITY),
            rule(HttpMethod.GET, "/api/services/{name}/v{version}/try", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.GET, "/api/clients", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.POST, "/api/clients", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.PUT, "/api/clients/{client}/scopes", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/clients/{client}/credentials", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.DELETE, "/api/clients/{client}/credentials/{credential}", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.POST, "/api/clients/{client}/revoke", Set.of(ENGINEER, OFFICER)),
            rule(HttpMethod.GET, "/api/signing-keys", Set.of(SECURITY_ADMIN, AUDIT_ADMIN)),
            rule(HttpMethod.POST, "/api/signing-keys/rotate", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.GET, "/api/exchange/card", CITY_AND_SECURITY),
            rule(HttpMethod.GET, "/api/exchange/peers", CITY_AND_SECURITY),
            rule(HttpMethod.POST, "/api/exchange/peers", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/exchange/peers/{peer}", CITY_AND_SECURITY),
            rule(HttpMethod.PUT, "/api/exchange/peers/{peer}/card", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/exchange/peers/{peer}/confirm", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/api/exchange/peers/{peer}/suspend", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/api/exchange/peers/{peer}/resume", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/api/exchange/peers/{peer}/end", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.GET, "/api/exchange/peers/{peer}/offers", CITY),
            rule(HttpMethod.GET, "/api/exchange/peers/{peer}/services", CITY),
            rule(HttpMethod.GET, "/api/exchange/peers/{peer}/services/{name}/v{version}/try", Set.of(ANALYST, OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/applications", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.POST, "/api/exchange/applications", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/applications/{id}", Set.of(ENGINEER, OFFICER, AUDITOR)),
            rule(HttpMethod.PUT, "/api/exchange/applications/{id}", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/submit", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/release", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/return", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/withdraw", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/parts/{part}/negotiate", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/parts/{part}/statements", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/applications/{id}/parts/{part}/escalate", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/grants", CITY),
            rule(HttpMethod.GET, "/peers/{peer}/services/{name}/v{version}", Scope.SERVICES),
            rule(HttpMethod.GET, "/peer/keys", PEERS),
            rule(HttpMethod.GET, "/peer/catalogue", PEERS),
            rule(HttpMethod.GET, "/peer/standing", PEERS),
            rule(HttpMethod.PUT, "/peer/applications/{id}", PEERS),
            rule(HttpMethod.POST, "/peer/applications/{id}/withdraw", PEERS),
            rule(HttpMethod.POST, "/peer/applications/{id}/parts/{part}/negotiate", PEERS),
            rule(HttpMethod.POST, "/peer/applications/{id}/parts/{part}/statements", PEERS),
            rule(HttpMethod.POST, "/peer/applications/{id}/parts/{part}/escalate", PEERS),
            rule(HttpMethod.GET, "/peer/services", PEERS),
            rule(HttpMethod.POST, "/peer/calls", PEERS),
            rule(HttpMethod.GET, "/api/exchange/keys", Set.of(SECURITY_ADMIN, AUDIT_ADMIN)),
            rule(HttpMethod.POST, "/api/exchange/keys/rotate", Set.of(SECURITY_ADMIN)),
            rule(HttpMethod.POST, "/peer/subscriptions", PEERS),
            rule(HttpMethod.GET, "/peer/subscriptions/{id}/events", PEERS),
            rule(HttpMethod.POST, "/peer/subscriptions/{id}/acknowledge", PEERS),
            rule(HttpMethod.POST, "/peer/subscriptions/{id}/restart", PEERS),
            rule(HttpMethod.POST, "/peer/subscriptions/{id}/end", PEERS),
            rule(HttpMethod.GET, "/peer/subscriptions/{id}/ledger", PEERS),
            rule(HttpMethod.GET, "/api/exchange/mirrors", CITY),
            rule(HttpMethod.POST, "/api/exchange/mirrors", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/mirrors/{id}", CITY),
            rule(HttpMethod.GET, "/api/exchange/mirrors/{id}/ledger", CITY),
            rule(HttpMethod.POST, "/api/exchange/mirrors/{id}/restart", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/mirrors/{id}/end", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/subscriptions", CITY),
            rule(HttpMethod.POST, "/api/exchange/subscriptions", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/subscriptions/{id}", CITY),
            rule(HttpMethod.GET, "/api/exchange/subscriptions/{id}/events", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/subscriptions/{id}/stream", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/acknowledge", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/restart", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/resume", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/end", Set.of(OFFICER)),
            rule(HttpMethod.PUT, "/api/exchange/subscriptions/{id}/address", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/secret", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/exchange/subscriptions/{id}/ledger", CITY),
            rule(HttpMethod.GET, "/api/exchange/subscriptions/{id}/letters", CITY),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/letters/{letter}/redeliver", Set.of(OFFICER)),
            rule(HttpMethod.POST, "/api/exchange/subscriptions/{id}/letters/{letter}/discard", Set.of(OFFICER)),
            rule(HttpMethod.GET, "/api/zones", Set.of(ENGINEER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/zones", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/zones/candidates", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/zones/reviews", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/zones/{id}", Set.of(ENGINEER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.PUT, "/api/zones/{id}", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/zones/{id}/revoke", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/zones/{id}/runs", Set.of(ENGINEER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/zones/{id}/runs", Set.of(ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/zones/{id}/releases", Set.of(ENGINEER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/zone-runs/{id}", Set.of(ENGINEER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/zone-runs/{id}/submit", Set.of(ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/zone-runs/{id}/discard", Set.of(ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/zone-runs/{id}/sample", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/zone-runs/{id}/approve", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/zone-runs/{id}/refuse", Set.of(ENGINEER)),
            rule(HttpMethod.GET, "/api/releases/{id}/manifest", Set.of(ENGINEER, AUDITOR, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/releases/{id}/file", Set.of(ENGINEER, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/releases/recognise", Set.of(ENGINEER, AUDITOR)),
            rule(HttpMethod.GET, "/api/products", CITY_AND_ZONES),
            rule(HttpMethod.POST, "/api/products", Set.of(ENGINEER, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/products/{id}", CITY_AND_ZONES),
            rule(HttpMethod.PUT, "/api/products/{id}", Set.of(ENGINEER, ZONE_MEMBER)),
            rule(HttpMethod.POST, "/api/products/{id}/publish", Set.of(ENGINEER)),
            rule(HttpMethod.POST, "/api/products/{id}/withdraw", Set.of(ENGINEER, ZONE_MEMBER)),
            rule(HttpMethod.GET, "/api/open/products", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/open/products/{id}", NOBODY_NEEDED),
            rule(HttpMethod.GET, "/api/open/products/{id}/releases/{release}/file", NOBODY_NEEDED),
            rule(HttpMethod.POST, "/api/sql", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.DELETE, "/api/sql/{id}", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.GET, "/api/sql/saved", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.POST, "/api/sql/saved", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.PUT, "/api/sql/saved/{id}", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.DELETE, "/api/sql/saved/{id}", Set.of(ENGINEER, ANALYST, OFFICER)),
            rule(HttpMethod.POST, "/api/sql/export", Set.of(ENGINEER, ANALYST, OFFICER)));

    /** What is not the console's own pages and files. */
    private static final List<PathPattern> GOVERNED = List.of(
            PathPatternParser.defaultInstance.parse("/api/**"),
            PathPatternParser.defaultInstance.parse(PEERS_DOOR),
            PathPatternParser.defaultInstance.parse("/peers/**"),
            PathPatternParser.defaultInstance.parse("/services/**"),
            PathPatternParser.defaultInstance.parse("/feeds/**"),
            PathPatternParser.defaultInstance.parse("/extracts/**"),
            PathPatternParser.defaultInstance.parse("/oauth2/**"),
            PathPatternParser.defaultInstance.parse("/.well-known/**"));

    /** What the table says of a request. */
    public enum Verdict {
        OPEN,
        SIGN_IN,
        ALLOWED,
        NOT_ALLOWED,
        /** Not for who works inside a zone. */
        INSIDE_ZONE,
        /** Not before the password is changed and the second factor set. */
        OBLIGED,
        NO_SUCH_METHOD,
        NO_SUCH_PATH,
    }

    /** @param scope what a program's token has to be for; null where none gets in */
    record Rule(
            HttpMethod method,
            PathPattern path,
            Set<Role> roles,
            @Nullable Scope scope) {}

    private static Rule rule(HttpMethod method, String path, Set<Role> roles) {
        return new Rule(method, PathPatternParser.defaultInstance.parse(path), roles, null);
    }

    private static Rule rule(HttpMethod method, String path, Scope scope) {
        return new Rule(method, PathPatternParser.defaultInstance.parse(path), CLIENTS, scope);
    }

    /** How a token's scopes are told to this table. */
    public static List<GrantedAuthority> authorities(List<Scope> scopes) {
        return AuthorityUtils.createAuthorityList(
                scopes.stream().map(scope -> SCOPE + scope.word()).toList());
    }

    /** What a program's token has to be for to call this; empty where no program calls. */
    public static Optional<Scope> scope(HttpServletRequest request) {
        PathContainer path = PathContainer.parsePath(request.getRequestURI());
        HttpMethod asked = asked(request.getMethod());
        return RULES.stream()
                .filter(rule -> rule.method == asked && rule.path.matches(path))
                .findFirst()
                .map(Rule::scope);
    }

    private static HttpMethod asked(String method) {
        return method.equals("HEAD") ? HttpMethod.GET : HttpMethod.valueOf(method);
    }

    @Override
    public AuthorizationResult authorize(
            Supplier<? extends @Nullable Authentication> authentication, RequestAuthorizationContext context) {
        Authentication who = authentication.get();
        Verdict verdict = judge(
                context.getRequest().getMethod(),
                context.getRequest().getRequestURI(),
                who != null && who.getPrincipal() instanceof Account account ? account : null,
                who);
        return new AuthorizationDecision(verdict == Verdict.OPEN || verdict == Verdict.ALLOWED);
    }

    /** @param who null for somebody who is not signed in */
    public static Verdict judge(HttpServletRequest request, @Nullable Account who) {
        return judge(request.getMethod(), request.getRequestURI(), who, null);
    }

    private static Verdict judge(String method, String path, @Nullable Account who, @Nullable Authentication shown) {
        HttpMethod asked = asked(method);
        PathContainer parsed = PathContainer.parsePath(path);
        if (GOVERNED.stream().noneMatch(governed -> governed.matches(parsed))) {
            return asked == HttpMethod.GET ? Verdict.OPEN : Verdict.NO_SUCH_METHOD;
        }
        boolean pathKnown = false;
        for (Rule rule : RULES) {
            if (!rule.path.matches(parsed)) {
                continue;
            }
            pathKnown = true;
            if (rule.method == asked) {
                if (rule.roles == NOBODY_NEEDED) {
                    return Verdict.OPEN;
                }
                if (who == null) {
                    return Verdict.SIGN_IN;
                }
                if (rule.roles == PEERS || Peer.isBehind(who)) {
                    return rule.roles == PEERS && Peer.isBehind(who) ? Verdict.ALLOWED : Verdict.NOT_ALLOWED;
                }
                if (rule.roles == CLIENTS || Client.isBehind(who)) {
                    return Client.isBehind(who) && isFor(shown, rule.scope) ? Verdict.ALLOWED : Verdict.NOT_ALLOWED;
                }
                if (!path.startsWith(OWN) && !who.obligations().isEmpty()) {
                    return Verdict.OBLIGED;
                }
                if (allows(rule.roles, who)) {
                    return Verdict.ALLOWED;
                }
                return who.has(ZONE_MEMBER) ? Verdict.INSIDE_ZONE : Verdict.NOT_ALLOWED;
            }
        }
        if (who == null) {
            return Verdict.SIGN_IN;
        }
        return pathKnown ? Verdict.NO_SUCH_METHOD : Verdict.NO_SUCH_PATH;
    }

    private static boolean isFor(@Nullable Authentication shown, @Nullable Scope scope) {
        return shown != null
                && scope != null
                && shown.getAuthorities().stream().anyMatch(each -> (SCOPE + scope.word()).equals(each.getAuthority()));
    }

    /** Who has no role yet works for the city too; the operator may all that is not one of the three duties or a resident's own. */
    private static boolean allows(Set<Role> roles, Account who) {
        return roles == ANYBODY
                || roles == EVERYBODY && !who.has(RESIDENT)
                || (who.has(Role.OPERATOR) && !Role.DUTIES.containsAll(roles) && !roles.contains(RESIDENT))
                || who.roles().stream().anyMatch(roles::contains);
    }
}
