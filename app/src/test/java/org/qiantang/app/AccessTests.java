package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.security.RuleLines;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who gets in, to what, and how a refusal reads. */
class AccessTests {
    private static final String ID = "00000000-0000-4000-8000-000000000000";

    /**
     * Every endpoint and who may call it; the letters are ENGINEER, OFFICER, ANALYST, AUDITOR (U), the three duties: system,
     * security (X) and audit (T), RESIDENT, and ZONE_MEMBER (Z).
     */
    private static final List<String> TABLE = List.of(
            "GET /api/session EOAUSXTRZ",
            "PUT /api/session/password EOAUSXTRZ",
            "POST /api/session/second-factor EOAUSXTRZ",
            "PUT /api/session/second-factor EOAUSXTRZ",
            "POST /api/session/presence EOAUSXTRZ",
            "GET /api/session/identities EOAUSXTRZ",
            "GET /api/identities/newcomers S",
            "GET /api/accounts/{username}/identities SX",
            "POST /api/accounts/{username}/identities S",
            "DELETE /api/accounts/{username}/identities S",
            "GET /api/accounts SX",
            "POST /api/accounts S",
            "PUT /api/accounts/{username} S",
            "PUT /api/accounts/{username}/resident S",
            "POST /api/accounts/{username}/disable S",
            "POST /api/accounts/{username}/enable S",
            "POST /api/accounts/{username}/password S",
            "PUT /api/accounts/{username}/roles X",
            "POST /api/accounts/{username}/unlock X",
            "DELETE /api/accounts/{username}/second-factor X",
            "GET /api/audit T",
            "GET /api/evidence/holds T",
            "POST /api/evidence/holds T",
            "POST /api/evidence/holds/{id}/release T",
            "POST /api/audit/verification T",
            "GET /api/evidence EOAUSXTRZ",
            "GET /api/evidence/{index} EOAUSXTRZ",
            "GET /api/divisions EOAUSXTZ",
            "GET /api/divisions/{code} EOAUSXTZ",
            "GET /api/organisation/departments EOAUSXTZ",
            "GET /api/organisation/departments/{id} EOAUSXTZ",
            "GET /api/organisation/template S",
            "GET /api/organisation/export/{kind} S",
            "POST /api/organisation/import/{kind} S",
            "POST /api/organisation/import/{kind}/apply S",
            "GET /api/openapi EOAUSXTZ",
            "GET /api/departments EOAUSXTZ",
            "GET /api/overview EOAU",
            "GET /api/fleet EOAU",
            "GET /api/storage EOAUSXTZ",
            "GET /api/sources E",
            "POST /api/sources E",
            "POST /api/sources/test E",
            "GET /api/sources/{id} E",
            "PUT /api/sources/{id} E",
            "POST /api/sources/{id}/test E",
            "DELETE /api/sources/{id} E",
            "POST /api/sources/{id}/runs E",
            "GET /api/sources/{id}/schedule EU",
            "PUT /api/sources/{id}/schedule E",
            "DELETE /api/sources/{id}/schedule E",
            "GET /api/calendar/{year} EOAUSXTZ",
            "PUT /api/calendar/{year} E",
            "GET /api/sources/{id}/runs EU",
            "GET /api/sources/{id}/following EU",
            "POST /api/sources/{id}/following E",
            "DELETE /api/sources/{id}/following E",
            "GET /api/sources/{id}/deliveries EU",
            "GET /api/sources/{id}/events EU",
            "GET /api/sources/{id}/devices EU",
            "POST /api/sources/{id}/devices E",
            "POST /api/sources/{id}/devices/token E",
            "DELETE /api/sources/{id}/devices E",
            "GET /api/sources/{id}/quarantine EU",
            "GET /api/sources/{id}/rejects EU",
            "GET /api/sources/{id}/rejects/counts EU",
            "GET /api/sources/{id}/rejects/export EU",
            "POST /api/sources/{id}/rejects/replay E",
            "POST /api/sources/{id}/verification E",
            "GET /api/sources/{id}/verifications EU",
            "GET /api/verifications/{id} EU",
            "POST /api/verifications/{id}/cancel E",
            "GET /api/verifications/{id}/document EU",
            "GET /api/runs EU",
            "GET /api/runs/{id} EU",
            "GET /api/runs/{id}/events EU",
            "POST /api/runs/{id}/cancel E",
            "GET /api/runs/{id}/receipt EU",
            "GET /api/runs/{id}/rejects EU",
            "GET /api/search EOAZ",
            "GET /api/resources EOA",
            "GET /api/resources/{id} EOA",
            "GET /api/resources/{id}/schemas EOA",
            "POST /api/resources/schemas/seen EOA",
            "GET /api/resources/{id}/classification EOA",
            "POST /api/resources/{id}/classification EO",
            "POST /api/resources/{id}/classification/undo EO",
            "GET /api/resources/{id}/profile EOA",
            "GET /api/profile-alarms EO",
            "POST /api/profile-alarms/{id}/seen EO",
            "POST /api/profile-alarms/{id}/settle EO",
            "GET /api/resources/{id}/lineage EOA",
            "GET /api/resources/{id}/lineage/versions EOA",
            "GET /api/resources/{id}/impact EOA",
            "GET /api/lineage/openlineage EU",
            "GET /api/lineage/openlineage/{id} EU",
            "GET /api/resources/{id}/preview EA",
            "POST /api/resources/{id}/export EOA",
            "GET /api/directory EOAZ",
            "POST /api/directory O",
            "GET /api/directory/export EOA",
            "POST /api/directory/import O",
            "GET /api/directory/dcat EOA",
            "GET /api/directory/{id} EOAZ",
            "GET /api/directory/{id}/versions EOA",
            "PUT /api/directory/{id} O",
            "POST /api/directory/{id}/submit O",
            "POST /api/directory/{id}/change O",
            "POST /api/directory/{id}/discard O",
            "POST /api/directory/{id}/take E",
            "POST /api/directory/{id}/return E",
            "POST /api/directory/{id}/publish E",
            "POST /api/directory/{id}/retire E",
            "GET /api/data EOA",
            "GET /api/data/candidates EOA",
            "GET /api/data/{id} EOA",
            "POST /api/data E",
            "PUT /api/data/{id} E",
            "POST /api/data/{id}/withdrawals E",
            "GET /api/quality EOAU",
            "GET /api/quality/departments/{id} EOAU",
            "POST /api/quality/adopt EO",
            "GET /api/resources/{id}/quality EOA",
            "POST /api/resources/{id}/quality/rules EO",
            "POST /api/resources/{id}/quality/attempt EO",
            "POST /api/resources/{id}/quality/adopt EO",
            "GET /api/quality/rules/{id} EOA",
            "PUT /api/quality/rules/{id} EO",
            "POST /api/quality/rules/{id}/retire EO",
            "POST /api/quality/rules/{id}/run EO",
            "GET /api/quality/rules/{id}/failing EOA",
            "GET /api/tickets EOU",
            "POST /api/tickets EOA",
            "GET /api/tickets/{id} EOU",
            "POST /api/tickets/{id}/dispatch E",
            "POST /api/tickets/{id}/close E",
            "POST /api/tickets/{id}/accept O",
            "POST /api/tickets/{id}/return O",
            "POST /api/tickets/{id}/begin O",
            "POST /api/tickets/{id}/fix O",
            "GET /api/objections EOU",
            "GET /api/objections/{id} EOU",
            "POST /api/objections/{id}/accept O",
            "POST /api/objections/{id}/refuse O",
            "POST /api/objections/{id}/handle O",
            "POST /api/objections/{id}/archive E",
            "GET /api/my/entries R",
            "GET /api/my/entries/{id}/records R",
            "GET /api/my/objections R",
            "POST /api/my/objections R",
            "GET /api/my/objections/{id} R",
            "POST /api/my/objections/{id}/withdraw R",
            "PUT /api/directory/{id}/statistic EO",
            "GET /api/value EU",
            "GET /api/value/export EU",
            "GET /api/my/holdings R",
            "GET /api/my/footprints R",
            "GET /api/my/footprints/{index}/proof R",
            "POST /api/my/footprints/{index}/question R",
            "GET /api/my/questions R",
            "GET /api/footprints/questions EOU",
            "POST /api/footprints/questions/{id}/answer EO",
            "GET /api/footprints/delays EU",
            "POST /api/footprints/delays E",
            "POST /api/footprints/delays/{id}/end E",
            "GET /api/footprints/withheld EU",
            "PUT /api/resources/{id}/withheld E",
            "DELETE /api/resources/{id}/withheld E",
            "GET /api/mappings EOA",
            "POST /api/mappings E",
            "POST /api/mappings/check E",
            "GET /api/mappings/{table} EOA",
            "POST /api/mappings/{table}/record EOA",
            "POST /api/mappings/{table}/run E",
            "POST /api/mappings/{table}/retire E",
            "GET /api/ledger EOA",
            "POST /api/ledger EO",
            "GET /api/ledger/projects EOA",
            "POST /api/ledger/projects EO",
            "GET /api/ledger/projects/{id} EOA",
            "GET /api/ledger/{id} EOA",
            "PUT /api/ledger/{id} EO",
            "GET /api/share/cart OZ",
            "PUT /api/share/cart/{id} OZ",
            "PUT /api/share/cart/resources/{id} OZ",
            "DELETE /api/share/cart/{id} OZ",
            "GET /api/share/applications EOUZ",
            "POST /api/share/applications OZ",
            "GET /api/share/applications/{id} EOUZ",
            "PUT /api/share/applications/{id} OZ",
            "GET /api/share/applications/{id}/attachments EOUZ",
            "POST /api/share/applications/{id}/attachments OZ",
            "GET /api/share/applications/{id}/attachments/{attachment} EOUZ",
            "DELETE /api/share/applications/{id}/attachments/{attachment} OZ",
            "POST /api/share/applications/{id}/submit OZ",
            "POST /api/share/applications/{id}/withdraw OZ",
            "POST /api/share/applications/{id}/return E",
            "POST /api/share/applications/{id}/pass E",
            "POST /api/share/applications/{id}/refuse E",
            "POST /api/share/parts/{id}/grant EO",
            "POST /api/share/parts/{id}/reject EO",
            "POST /api/share/parts/{id}/negotiate O",
            "POST /api/share/parts/{id}/statements O",
            "POST /api/share/parts/{id}/escalate O",
            "GET /api/share/grants EOAUZ",
            "GET /api/share/grants/{id} EOAUZ",
            "POST /api/share/grants/{id}/change EO",
            "POST /api/share/grants/{id}/suspend EO",
            "POST /api/share/grants/{id}/resume EO",
            "POST /api/share/grants/{id}/revoke EO",
            "POST /api/share/grants/{id}/renew O",
            "GET /api/resources/{id}/readers EOU",
            "GET /api/share/readable/{username} EOAU",
            "GET /api/services EOAU",
            "POST /api/services EO",
            "POST /api/services/complete EO",
            "GET /api/services/{name} EOAU",
            "POST /api/services/{name}/versions EO",
            "PUT /api/services/{name}/v{version} EO",
            "POST /api/services/{name}/v{version}/publish EO",
            "POST /api/services/{name}/v{version}/deprecate EO",
            "POST /api/services/{name}/v{version}/retire EO",
            "GET /api/services/{name}/v{version}/openapi.json EOAU",
            "GET /api/services/{name}/v{version}/mock EOAU",
            "GET /api/services/{name}/v{version}/try EOA",
            "GET /api/clients EOU",
            "POST /api/clients EO",
            "PUT /api/clients/{client}/scopes EO",
            "POST /api/clients/{client}/credentials EO",
            "DELETE /api/clients/{client}/credentials/{credential} EO",
            "POST /api/clients/{client}/revoke EO",
            "GET /api/signing-keys XT",
            "POST /api/signing-keys/rotate X",
            "GET /api/exchange/keys XT",
            "POST /api/exchange/keys/rotate X",
            "GET /api/exchange/mirrors EOAU",
            "POST /api/exchange/mirrors O",
            "GET /api/exchange/mirrors/{id} EOAU",
            "GET /api/exchange/mirrors/{id}/ledger EOAU",
            "POST /api/exchange/mirrors/{id}/restart O",
            "POST /api/exchange/mirrors/{id}/end O",
            "GET /api/exchange/subscriptions EOAU",
            "POST /api/exchange/subscriptions O",
            "GET /api/exchange/subscriptions/{id} EOAU",
            "GET /api/exchange/subscriptions/{id}/events O",
            "GET /api/exchange/subscriptions/{id}/stream O",
            "POST /api/exchange/subscriptions/{id}/acknowledge O",
            "POST /api/exchange/subscriptions/{id}/restart O",
            "POST /api/exchange/subscriptions/{id}/resume O",
            "POST /api/exchange/subscriptions/{id}/end O",
            "PUT /api/exchange/subscriptions/{id}/address O",
            "POST /api/exchange/subscriptions/{id}/secret O",
            "GET /api/exchange/subscriptions/{id}/ledger EOAU",
            "GET /api/exchange/subscriptions/{id}/letters EOAU",
            "POST /api/exchange/subscriptions/{id}/letters/{letter}/redeliver O",
            "POST /api/exchange/subscriptions/{id}/letters/{letter}/discard O",
            "GET /api/exchange/card EOAUXT",
            "GET /api/exchange/peers EOAUXT",
            "POST /api/exchange/peers E",
            "GET /api/exchange/peers/{peer} EOAUXT",
            "PUT /api/exchange/peers/{peer}/card E",
            "POST /api/exchange/peers/{peer}/confirm X",
            "POST /api/exchange/peers/{peer}/suspend X",
            "POST /api/exchange/peers/{peer}/resume X",
            "POST /api/exchange/peers/{peer}/end X",
            "GET /api/exchange/peers/{peer}/offers EOAU",
            "GET /api/exchange/peers/{peer}/services EOAU",
            "GET /api/exchange/peers/{peer}/services/{name}/v{version}/try OA",
            "GET /api/exchange/applications EOU",
            "POST /api/exchange/applications O",
            "GET /api/exchange/applications/{id} EOU",
            "PUT /api/exchange/applications/{id} O",
            "POST /api/exchange/applications/{id}/submit O",
            "POST /api/exchange/applications/{id}/release E",
            "POST /api/exchange/applications/{id}/return E",
            "POST /api/exchange/applications/{id}/withdraw O",
            "POST /api/exchange/applications/{id}/parts/{part}/negotiate O",
            "POST /api/exchange/applications/{id}/parts/{part}/statements O",
            "POST /api/exchange/applications/{id}/parts/{part}/escalate O",
            "GET /api/exchange/grants EOAU",
            "POST /api/sql EOA",
            "DELETE /api/sql/{id} EOA",
            "GET /api/sql/saved EOA",
            "POST /api/sql/saved EOA",
            "PUT /api/sql/saved/{id} EOA",
            "DELETE /api/sql/saved/{id} EOA",
            "GET /api/zones EUZ",
            "POST /api/zones E",
            "GET /api/zones/candidates E",
            "GET /api/zones/reviews EU",
            "GET /api/zones/{id} EUZ",
            "PUT /api/zones/{id} E",
            "POST /api/zones/{id}/revoke E",
            "GET /api/zones/{id}/runs EUZ",
            "POST /api/zones/{id}/runs Z",
            "GET /api/zones/{id}/releases EUZ",
            "GET /api/zone-runs/{id} EUZ",
            "POST /api/zone-runs/{id}/submit Z",
            "POST /api/zone-runs/{id}/discard Z",
            "POST /api/zone-runs/{id}/sample E",
            "POST /api/zone-runs/{id}/approve E",
            "POST /api/zone-runs/{id}/refuse E",
            "GET /api/releases/{id}/manifest EUZ",
            "GET /api/releases/{id}/file EZ",
            "POST /api/releases/recognise EU",
            "GET /api/products EOAUZ",
            "POST /api/products EZ",
            "GET /api/products/{id} EOAUZ",
            "PUT /api/products/{id} EZ",
            "POST /api/products/{id}/publish E",
            "POST /api/products/{id}/withdraw EZ",
            "POST /api/sql/export EOA");

    private static final Map<Role, Character> LETTERS = Map.of(
            Role.ENGINEER, 'E',
            Role.OFFICER, 'O',
            Role.ANALYST, 'A',
            Role.AUDITOR, 'U',
            Role.SYSTEM_ADMIN, 'S',
            Role.SECURITY_ADMIN, 'X',
            Role.AUDIT_ADMIN, 'T',
            Role.RESIDENT, 'R',
            Role.ZONE_MEMBER, 'Z');

    private static final Set<String> OPEN = Set.of(
            "GET /api/health",
            "POST /api/session",
            "DELETE /api/session",
            "GET /api/session/oidc",
            "DELETE /api/session/oidc",
            "POST /api/session/oidc/{provider}",
            "POST /api/session/oidc/{provider}/request",
            "POST /api/session/oidc/{provider}/second-factor",
            "GET /api/open/datasets",
            "GET /api/open/datasets/{id}",
            "GET /api/open/datasets/{id}/rows",
            "GET /api/open/datasets/{id}/file",
            "GET /api/open/dcat",
            "GET /api/open/products",
            "GET /api/open/products/{id}",
            "GET /api/open/products/{id}/releases/{release}/file",
            "POST /api/events/{stream}");

    /** What programs look for where the standard says; not of the API. */
    private static final Set<String> WELL_KNOWN = Set.of("GET /.well-known/oauth-authorization-server");

    /** The doors of programs that are no controllers; who comes proves there who they are. */
    private static final Set<String> TOKENS = Set.of("GET /oauth2/jwks", "POST /oauth2/token");

    /** Where programs call; which of them may is TokensTests' business. */
    private static final Set<String> PROGRAMS = Set.of(
            "GET /services/{name}/v{version}",
            "GET /services/{name}/v{version}/mock",
            "GET /peers/{peer}/services/{name}/v{version}",
            "GET /feeds",
            "GET /feeds/{id}",
            "GET /feeds/{id}/events",
            "GET /feeds/{id}/stream",
            "POST /feeds/{id}/acknowledge",
            "POST /extracts/{id}");

    /** Where other installations come, by signed messages alone. */
    private static final Set<String> PEERS = Set.of(
            "GET /peer/keys",
            "GET /peer/catalogue",
            "GET /peer/standing",
            "PUT /peer/applications/{id}",
            "POST /peer/applications/{id}/withdraw",
            "POST /peer/applications/{id}/parts/{part}/negotiate",
            "POST /peer/applications/{id}/parts/{part}/statements",
            "POST /peer/applications/{id}/parts/{part}/escalate",
            "GET /peer/services",
            "POST /peer/calls",
            "POST /peer/subscriptions",
            "GET /peer/subscriptions/{id}/events",
            "POST /peer/subscriptions/{id}/acknowledge",
            "POST /peer/subscriptions/{id}/restart",
            "POST /peer/subscriptions/{id}/end",
            "GET /peer/subscriptions/{id}/ledger");

    @TempDir
    static Path home;

    private static RunningHub hub;
    private static final Map<Role, Client> CLIENTS = new EnumMap<>(Role.class);

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        for (Role role : EnumSet.complementOf(EnumSet.of(Role.OPERATOR))) {
            CLIENTS.put(role, hub.as(role));
        }
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    void eachRoleReachesWhatTheTableSaysAndNothingElse() {
        List<String> wrong = new ArrayList<>();
        // With an anti-forgery token, so that it is not its absence that keeps a stranger out.
        Client stranger = hub.anonymous();
        stranger.get("/api/health");
        for (String line : TABLE) {
            String[] parts = line.split(" ");
            CLIENTS.forEach((role, client) -> {
                char letter = LETTERS.get(role);
                boolean allowed = parts[2].indexOf(letter) >= 0;
                Answer answer = client.call(parts[0], path(parts[1]), parts[0].equals("POST") ? "{}" : null);
                boolean refused = answer.status() == 403
                        && answer.code().equals(role == Role.ZONE_MEMBER ? "org.inside_zone" : "org.not_allowed");
                if (answer.status() == 401 || refused == allowed || answer.status() >= 500) {
                    wrong.add(role + " " + line + " → " + answer);
                }
            });
            Answer answer = stranger.call(parts[0], path(parts[1]), null);
            if (answer.status() != 401 || !answer.code().equals("org.not_signed_in")) {
                wrong.add("stranger " + line + " → " + answer);
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static String path(String pattern) {
        return pattern.replace("{id}", ID)
                .replace("{letter}", ID)
                .replace("{release}", ID)
                .replace("{attachment}", ID)
                .replace("{year}", "2026")
                .replace("{username}", "nobody")
                .replace("{code}", "99")
                .replace("{index}", "0")
                .replace("{kind}", "POSTS")
                .replace("{table}", "std_person.nobody")
                .replace("{name}", "nothing")
                .replace("{version}", "1")
                .replace("{client}", "nobody")
                .replace("{credential}", ID)
                .replace("{part}", ID)
                .replace("{peer}", "nowhere");
    }

    @Test
    void everyEndpointIsInTheTable() {
        Set<String> listed = new TreeSet<>(OPEN);
        listed.addAll(PROGRAMS);
        listed.addAll(PEERS);
        listed.addAll(WELL_KNOWN);
        TABLE.forEach(line -> listed.add(line.substring(0, line.lastIndexOf(' '))));
        Set<String> mapped = new TreeSet<>();
        Set<String> outside = new TreeSet<>();
        for (RequestMappingInfoHandlerMapping mappings : hub.beans(RequestMappingInfoHandlerMapping.class)) {
            for (RequestMappingInfo mapping : mappings.getHandlerMethods().keySet()) {
                for (String path : mapping.getPatternValues()) {
                    if (!path.equals("/error")) {
                        assertThat(mapping.getMethodsCondition().getMethods())
                                .as(path)
                                .isNotEmpty();
                        mapping.getMethodsCondition().getMethods().forEach(method -> mapped.add(method + " " + path));
                    } else {
                        outside.add(path);
                    }
                }
            }
        }
        assertThat(outside).containsExactly("/error");
        mapped.removeIf(each -> each.startsWith("GET /api/openapi"));
        listed.remove("GET /api/openapi");

        assertThat(listed).containsExactlyElementsOf(mapped);
    }

    /** Every door that the program has, whoever made it, is knocked at by every method by somebody who is not signed in. */
    @Test
    void noDoorOpensToAStrangerButTheOpenOnesAndTheConsole() {
        Set<String> doors = new TreeSet<>();
        Set<String> unknown = new TreeSet<>();
        for (HandlerMapping mapping : hub.beans(HandlerMapping.class)) {
            switch (mapping) {
                case RequestMappingInfoHandlerMapping methods ->
                    methods.getHandlerMethods().keySet().forEach(each -> doors.addAll(each.getPatternValues()));
                case AbstractUrlHandlerMapping urls ->
                    doors.addAll(urls.getHandlerMap().keySet());
                case RouterFunctionMapping functions ->
                    assertThat(functions.getRouterFunction()).isNull();
                default -> unknown.add(mapping.getClass().getName());
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(hub.bean(ServletContext.class).getServletRegistrations().values().stream()
                        .flatMap(each -> each.getMappings().stream()))
                .containsExactly("/");
        RuleLines.all().forEach(line -> doors.add(line.substring(line.indexOf(' ') + 1)));
        doors.addAll(List.of(
                "/actuator",
                "/actuator/env",
                "/v3/api-docs",
                "/swagger-ui/index.html",
                "/api",
                "/api/",
                "/assets/",
                "/.git/config",
                "/application.properties"));

        Client stranger = hub.anonymous();
        stranger.get("/api/health");
        List<String> wrong = new ArrayList<>();
        for (String door : doors) {
            for (String method : List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")) {
                String rule = (method.equals("HEAD") ? "GET" : method) + " " + door;
                if (OPEN.contains(rule) || WELL_KNOWN.contains(rule) || TOKENS.contains(rule)) {
                    continue;
                }
                String path = path(door).replaceAll("\\{\\w+}|\\*+", "x");
                Answer answer = stranger.call(method, path, null);
                boolean closed = Set.of(401, 403, 404, 405).contains(answer.status());
                boolean console = Set.of("GET", "HEAD").contains(method)
                        && !door.startsWith("/api")
                        && answer.status() == 200
                        && (method.equals("HEAD") || answer.text().contains("<div id=\"app\">"));
                if (!closed && !console || answer.text().contains("Exception")) {
                    wrong.add(method + " " + path + " → " + answer);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(doors).hasSizeGreaterThan(150).contains("/error", "/**", "/assets/**", "/api/openapi");
    }

    @Test
    void noLineOfTheRulesIsWithoutAnEndpointAndTheOpenOnesAreThese() {
        Set<String> listed = new TreeSet<>(OPEN);
        listed.addAll(WELL_KNOWN);
        listed.addAll(TOKENS);
        Set<String> open = Set.copyOf(listed);
        listed.addAll(PROGRAMS);
        listed.addAll(PEERS);
        TABLE.forEach(line -> listed.add(line.substring(0, line.lastIndexOf(' '))));

        assertThat(RuleLines.all()).containsExactlyInAnyOrderElementsOf(listed);
        assertThat(RuleLines.open()).isEqualTo(open);
    }

    @Test
    void noPersonCallsByTheDoorOfPrograms() {
        for (String line : PROGRAMS) {
            for (Client person : people()) {
                String method = line.substring(0, line.indexOf(' '));
                Answer answer = person.call(method, path(line.substring(method.length() + 1)), null);

                assertThat(answer.status()).as(line).isEqualTo(401);
                assertThat(answer.code()).isEqualTo("invoke.token_refused");
                assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                        .startsWith("Bearer");
            }
        }
        assertThat(hub.anonymous().get("/services").status()).isEqualTo(401);
        assertThat(hub.anonymous().get("/oauth2/authorize").status()).isEqualTo(401);
    }

    @Test
    void noPersonCallsByTheDoorOfPeers() {
        for (String line : PEERS) {
            String method = line.substring(0, line.indexOf(' '));
            for (Client person : people()) {
                Answer answer = person.call(method, path(line.substring(method.length() + 1)), null);

                assertThat(answer.status()).as(line).isIn(401, 403);
            }
        }
    }

    private static List<Client> people() {
        List<Client> people = new ArrayList<>(CLIENTS.values());
        people.add(hub.operator());
        people.add(hub.anonymous());
        return people;
    }

    @Test
    void whoIsNotSignedInIsToldSoInTheirLanguage() {
        assertThat(hub.anonymous().get("/api/session").json().path("trial").asBoolean())
                .isTrue();
        Client stranger = hub.anonymous();
        Answer zh = stranger.get("/api/overview");
        stranger.language = "en";
        Answer en = stranger.get("/api/overview");

        assertThat(zh.status()).isEqualTo(401);
        assertThat(zh.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(zh.code()).isEqualTo("org.not_signed_in");
        assertThat(zh.json().path("detail").asString()).contains("请登录");
        assertThat(en.json().path("detail").asString()).contains("Sign in");
        assertThat(en.json().path("zh").asString()).contains("请登录");
        assertThat(en.json().path("traceId").asString())
                .isEqualTo(en.headers().firstValue("X-Trace-Id").orElse(""));
    }

    @Test
    void nothingIsChangedWithoutTheAntiForgeryToken() {
        Client engineer = hub.as(Role.ENGINEER);
        engineer.sendsCsrf = false;

        Answer answer = engineer.post("/api/sources/" + ID + "/runs", null);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("org.no_csrf_token");
    }

    @Test
    void theAntiForgeryTokenComesWithTheFirstAnswerAndChangesWithTheSignIn() {
        Client client = hub.anonymous();
        client.get("/api/session");
        String before = client.cookie("QT-CSRF").orElseThrow();

        Client signedIn = hub.as(Role.OFFICER);

        assertThat(before).isNotBlank();
        assertThat(signedIn.cookie("QT-CSRF")).isPresent();
        assertThat(signedIn.cookie("QTSESSION")).isPresent();
        Answer signedOut = signedIn.delete("/api/session");
        assertThat(signedOut.status()).isEqualTo(204);
        assertThat(signedOut.headers().firstValue("Clear-Site-Data")).hasValue("\"cache\"");
        assertThat(signedIn.get("/api/overview").status()).isEqualTo(401);
    }

    @Test
    void noScriptAndNoOtherSiteGetsTheSession() {
        Client client = hub.anonymous();
        client.get("/api/health");

        Answer signedIn =
                client.post("/api/session", Map.of("username", "officer", "password", hub.passwordOf(Role.OFFICER)));

        List<String> cookies = signedIn.headers().allValues("Set-Cookie");
        assertThat(cookies)
                .anySatisfy(cookie -> assertThat(cookie)
                        .startsWith("QTSESSION=")
                        .contains("HttpOnly")
                        .contains("SameSite=Strict"));
        assertThat(cookies).allSatisfy(cookie -> assertThat(cookie).contains("SameSite=Strict"));
    }

    @Test
    void aSessionPlantedBeforeTheSignInIsNotTheOneAfterIt() {
        Client client = hub.as(Role.OFFICER);
        String before = client.cookie("QTSESSION").orElseThrow();

        client.post("/api/session", Map.of("username", "officer", "password", hub.passwordOf(Role.OFFICER)));

        // 128 bits of chance.
        assertThat(client.cookie("QTSESSION").orElseThrow())
                .isNotEqualTo(before)
                .matches("[0-9A-F]{32}");
    }

    @Test
    void nothingButTheConsoleIsServedBesideTheApi() {
        Client stranger = hub.anonymous();
        for (String path :
                List.of("/actuator", "/actuator/health", "/actuator/env", "/v3/api-docs", "/swagger-ui.html")) {
            Answer answer = stranger.get(path);
            assertThat(answer.text()).as(path).doesNotContain("_links").doesNotContain("openapi");
        }
        for (String path :
                List.of("/api/openapi.yaml", "/api/openapi/swagger-config", "/%61pi/sources", "/api/sources/")) {
            assertThat(stranger.get(path).status()).as(path).isEqualTo(401);
        }
        assertThat(stranger.get("/api/nonsense").status()).isEqualTo(401);
    }

    @Test
    void whatNobodyWouldTypeAsNameOrPasswordIsRefused() {
        Client stranger = hub.anonymous();
        stranger.get("/api/health");

        assertThat(stranger.post("/api/session", Map.of("username", "x".repeat(101), "password", ""))
                        .code())
                .isEqualTo("core.bad_request");
        assertThat(stranger.post("/api/session", Map.of("username", "x", "password", "x".repeat(1001)))
                        .code())
                .isEqualTo("core.bad_request");
        assertThat(stranger.post("/api/session", Map.of("username", "officer", "password", "密".repeat(72)))
                        .code())
                .isEqualTo("org.bad_credentials");
    }

    @Test
    void theOperatorComesInByTokenAndAWrongTokenIsNotHelpedByASession() {
        assertThat(hub.operator().get("/api/session").json().path("roles").toString())
                .contains("OPERATOR");
        Client engineer = hub.as(Role.ENGINEER);
        var request = java.net.http.HttpRequest.newBuilder(hub.uri("/api/sources"))
                .header("Authorization", "Bearer wrong")
                .header("Cookie", "QTSESSION=" + engineer.cookie("QTSESSION").orElseThrow())
                .build();
        try (var http = java.net.http.HttpClient.newHttpClient()) {
            assertThat(http.send(request, java.net.http.HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(401);
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void passwordsAreKeptAsSlowHashes() {
        assertThat(hub.bean(JdbcClient.class)
                        .sql("select password_hash from org_accounts")
                        .query(String.class)
                        .list())
                .hasSizeGreaterThanOrEqualTo(8)
                .allMatch(hash -> hash.matches("\\$2[aby]\\$1\\d\\$[./A-Za-z0-9]{53}"));
    }

    @Test
    void whoGuessesPasswordsHasToWait() {
        Client guesser = hub.anonymous();
        guesser.get("/api/health");
        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            Answer answer = guesser.post("/api/session", Map.of("username", "nobody", "password", "guess" + i));
            answers.add(answer.status());
            if (answer.status() == 429) {
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            }
        }
        assertThat(answers).startsWith(401, 401, 401, 401).contains(429);
        assertThat(hub.as(Role.OFFICER).get("/api/overview").status()).isEqualTo(200);
    }

    @Test
    void refusalsAreProblemsWhateverWentWrong() {
        Client engineer = CLIENTS.get(Role.ENGINEER);

        assertThat(engineer.get("/api/nonsense").code()).isEqualTo("core.not_found");
        assertThat(engineer.call("PUT", "/api/sources", "{}").code()).isEqualTo("core.method_not_allowed");
        assertThat(engineer.get("/api/runs/not-an-id").code()).isEqualTo("core.bad_request");
        assertThat(engineer.get("/api/runs/" + ID).code()).isEqualTo("core.not_found");
        assertThat(engineer.post("/api/sql", "{not json").code()).isEqualTo("core.bad_request");
        assertThat(engineer.post("/api/sql", Map.of("sql", " ")).code()).isEqualTo("core.bad_request");
        assertThat(engineer.get("/no/such/file.js").status()).isEqualTo(404);
    }

    @Test
    void aRequestIsNoLargerThanWhatIsMeantThereWhetherItSaysSoOrNot() {
        Client stranger = hub.anonymous();
        stranger.get("/api/health");
        String much = "{\"username\":\"" + "x".repeat(70_000) + "\"}";

        assertThat(stranger.post("/api/session", much).code()).isEqualTo("core.too_large");
        Answer chunked = stranger.stream("/api/session", much);
        assertThat(chunked.status()).isEqualTo(413);
        assertThat(chunked.code()).isEqualTo("core.too_large");
        assertThat(stranger.stream("/api/session", "{\"username\":\"nobody at all\",\"password\":\"\"}")
                        .code())
                .isEqualTo("org.bad_credentials");
        // A closed door does not read what is pushed through it.
        assertThat(stranger.stream("/api/sources", much).status()).isEqualTo(401);
    }

    @Test
    void whoWasRefusedIsInTheLogAndAWordInTheWrongFieldIsNot() {
        Client officer = CLIENTS.get(Role.OFFICER);
        try (HeardLog heard = new HeardLog()) {
            officer.get("/api/sources");
            Client stranger = hub.anonymous();
            stranger.get("/api/health");
            stranger.post("/api/session", Map.of("username", "my own secret", "password", ""));
            stranger.post("/api/session", Map.of("username", "analyst", "password", "wrong again"));
            hub.as(Role.ANALYST);

            assertThat(heard.lines())
                    .contains(
                            "Refused with org.not_allowed: officer from 127.0.0.1, GET /api/sources",
                            "A wrong password or code for an unknown name from 127.0.0.1",
                            "A wrong password or code for analyst from 127.0.0.1",
                            "analyst signed in by password from 127.0.0.1")
                    .noneMatch(line -> line.contains("my own secret") || line.contains("wrong again"));
        }
    }

    @Test
    void whatIsAnsweredIsKeptByNobodyAndReadByNoOtherSite() {
        Client engineer = CLIENTS.get(Role.ENGINEER);
        Client stranger = hub.anonymous();
        for (Answer answer : List.of(
                engineer.get("/api/overview"),
                engineer.get("/api/nonsense"),
                engineer.get("/api/openapi"),
                stranger.get("/api/sources"),
                stranger.post("/api/events/nothing", "{}"),
                CLIENTS.get(Role.SYSTEM_ADMIN).get("/api/organisation/export/POSTS"),
                engineer.get("/api/directory/export"))) {
            assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src")
                    .contains("frame-ancestors 'none'");
            assertThat(answer.headers().map().keySet())
                    .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("access-control-")
                            || name.equalsIgnoreCase("Server")
                            || name.equalsIgnoreCase("X-Powered-By"));
        }
    }

    @Test
    void noOtherOriginIsLetIn() throws Exception {
        var request = java.net.http.HttpRequest.newBuilder(hub.uri("/api/health"))
                .header("Origin", "https://elsewhere.example")
                .build();
        try (var http = java.net.http.HttpClient.newHttpClient()) {
            assertThat(http.send(request, java.net.http.HttpResponse.BodyHandlers.ofString())
                            .headers()
                            .map())
                    .doesNotContainKey("access-control-allow-origin");
        }
        // A form of another site can send neither JSON nor the token.
        assertThat(CLIENTS.get(Role.ENGINEER).form("/api/sources", "name=x").code())
                .isEqualTo("core.unsupported_media_type");
    }

    @Test
    void whatIsGivenAwayAsAFileSaysItsNameAndItsKind() {
        Answer csv = CLIENTS.get(Role.SYSTEM_ADMIN).get("/api/organisation/export/POSTS");

        assertThat(csv.headers().firstValue("Content-Type").orElse("").toLowerCase(java.util.Locale.ROOT))
                .isEqualTo("text/csv;charset=utf-8");
        assertThat(csv.headers().firstValue("Content-Disposition")).hasValue("attachment; filename=\"posts.csv\"");
        assertThat(CLIENTS.get(Role.ENGINEER)
                        .get("/api/directory/export")
                        .headers()
                        .firstValue("Content-Disposition")
                        .orElse(""))
                .startsWith("attachment; filename=\"directory.");
    }

    @Test
    void whatNobodyExpectedSaysNothingOfTheInsideAndIsWrittenDownOnce() {
        JdbcClient jdbc = hub.bean(JdbcClient.class);
        jdbc.sql("alter table catalog_ledger rename to catalog_ledger_away").update();
        try (HeardLog heard = new HeardLog()) {
            Answer answer = CLIENTS.get(Role.ENGINEER).get("/api/ledger");

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.code()).isEqualTo("core.internal");
            assertThat(answer.text())
                    .doesNotContain("catalog_ledger")
                    .doesNotContain("select")
                    .doesNotContain("Exception")
                    .doesNotContain("org.");
            assertThat(heard.lines()).containsOnlyOnce("GET /api/ledger failed");
        } finally {
            jdbc.sql("alter table catalog_ledger_away rename to catalog_ledger").update();
        }
    }

    @Test
    void pagesCannotBeFramedAndRunOnlyOurOwnScripts() {
        Answer answer = hub.anonymous().get("/api/health");

        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'self'")
                .contains("object-src 'none'")
                .contains("base-uri 'none'")
                .contains("script-src 'self';")
                .contains("frame-ancestors 'none'");
        assertThat(answer.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("same-origin");
    }

    @Test
    void theDescriptionNamesEveryEndpointWithASummary() {
        JsonNode api = CLIENTS.get(Role.ANALYST).get("/api/openapi").json();
        Set<String> described = new TreeSet<>();
        api.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    described.add(operation.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
                    assertThat(operation.getValue().path("summary").asString(""))
                            .as(path.getKey())
                            .isNotBlank();
                    assertThat(operation.getValue().path("tags")).isNotEmpty();
                }));
        Set<String> expected = new TreeSet<>(OPEN);
        TABLE.forEach(line -> expected.add(line.substring(0, line.lastIndexOf(' '))));
        expected.remove("GET /api/openapi");

        assertThat(described).containsExactlyElementsOf(expected);
        assertThat(api.path("components").path("securitySchemes").propertyNames())
                .contains("session", "operator");
    }

    /** The console's types are generated from the document; {@code -Ddocs.write=true} writes it again, then {@code npm run api}. */
    @Test
    void theDescriptionIsTheOneTheConsoleIsMadeFor() throws IOException {
        JsonNode api = CLIENTS.get(Role.ANALYST).get("/api/openapi").json();
        Path document = ErrorsDocumentTest.repository().resolve("web/packages/api/openapi.json");
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(
                    document,
                    JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(api) + "\n");
        }

        assertThat(api).isEqualTo(JsonMapper.shared().readTree(Files.readString(document)));
        assertThat(properties(api, "RunSummary", "required")).contains("id", "message");
        assertThat(api.at("/components/schemas/RunSummary/properties/message").toString())
                .contains("{\"type\":\"null\"}");
        assertThat(api.at("/components/schemas/RunSummary/properties/state").toString())
                .doesNotContain("null");
        assertThat(properties(api, "Statement", "required")).containsExactly("sql");
    }

    private static List<String> properties(JsonNode api, String schema, String list) {
        List<String> names = new ArrayList<>();
        api.at("/components/schemas/" + schema + "/" + list).forEach(name -> names.add(name.asString()));
        return names;
    }
}
