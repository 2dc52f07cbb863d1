package org.qiantang.collect.internal.api;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.internal.api.ApiResource.Paging;
import org.qiantang.collect.internal.api.ApiResource.Step;
import org.qiantang.core.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How an interface is spoken to, read from a source's settings. Each setting is known or refused; a secret is refused in all of them, for
 * settings are shown and the password field is sealed.
 */
public record ApiSettings(
        URI base,
        List<ApiResource> resources,
        Signing signing,
        boolean allowPlain,
        double requestsPerSecond,
        int concurrency,
        Duration timeout,
        int retries,
        Duration backoff,
        int pageMegabytes,
        boolean inFull) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final Set<String> KNOWN = Set.of(
            "resources",
            "auth",
            "authName",
            "tokenUrl",
            "scope",
            "clientAuth",
            "algorithm",
            "canonical",
            "encoding",
            "timestampHeader",
            "timestampUnit",
            "nonceHeader",
            "signatureHeader",
            "idHeader",
            "allowPlain",
            "requestsPerSecond",
            "concurrency",
            "timeoutSeconds",
            "retries",
            "backoffMillis",
            "pageMegabytes",
            "inFull");

    private static final Set<String> CREDENTIAL_NAMES = Set.of(
            "password",
            "passwd",
            "pwd",
            "secret",
            "appsecret",
            "clientsecret",
            "secretkey",
            "apikey",
            "accesstoken",
            "authorization",
            "xapikey",
            "token",
            "signature",
            "cookie",
            "sk");
    private static final Pattern QUERY_PART = Pattern.compile("[?&]([^=&]+)=[^&]*");
    private static final Pattern BODY_MEMBER = Pattern.compile("\"([^\"]+)\"\\s*:\\s*\"(?!\\$\\{)[^\"]+\"");

    /** Reads what a source says; a {@link Problem} names the first setting that cannot be used. */
    public static ApiSettings of(SourceAccess access) {
        return of(access.location(), access.username(), access.secret(), access.settings());
    }

    static ApiSettings of(String location, String username, String secret, Map<String, String> settings) {
        settings.keySet().stream()
                .filter(key -> !KNOWN.contains(key))
                .sorted()
                .findFirst()
                .ifPresent(key -> {
                    throw isCredential(key)
                            ? new Problem(CollectProblem.SECRET_IN_SETTINGS, "setting", key)
                            : refused(key, "there is no such setting");
                });
        URI base = address(location, "location");
        if (base.getRawUserInfo() != null) {
            throw new Problem(CollectProblem.PASSWORD_IN_LOCATION);
        }
        refuseSecrets("location", location);
        boolean plain = flag(settings, "allowPlain");
        Signing signing = Signing.of(username, secret, settings);
        signing.tokenUrl().ifPresent(url -> refuseSecrets("tokenUrl", url.toString()));
        return new ApiSettings(
                base,
                resources(base, settings.get("resources")),
                signing,
                plain,
                number(settings, "requestsPerSecond", 0.01, 1_000, 10),
                (int) number(settings, "concurrency", 1, 16, 1),
                Duration.ofMillis((long) (number(settings, "timeoutSeconds", 0.1, 600, 60) * 1_000)),
                (int) number(settings, "retries", 0, 20, 5),
                Duration.ofMillis((long) number(settings, "backoffMillis", 1, 60_000, 500)),
                (int) number(settings, "pageMegabytes", 1, 64, 16),
                flag(settings, "inFull"));
    }

    /** Every address that is asked something, for those who decide where requests may go. */
    public List<URI> addresses() {
        List<URI> all = new ArrayList<>(List.of(base));
        signing.tokenUrl().ifPresent(all::add);
        return all;
    }

    private static List<ApiResource> resources(URI base, @Nullable String json) {
        List<ApiResource> resources;
        if (json == null || json.isBlank()) {
            resources = List.of(new ApiResource(
                    nameOf(base), null, null, null, null, null, null, null, null, null, null, null, null, null));
        } else {
            try {
                resources = List.of(JSON.readValue(json, ApiResource[].class));
            } catch (JacksonException | NullPointerException e) {
                throw refused(
                        "resources",
                        String.valueOf(e.getMessage()).lines().findFirst().orElse("not JSON"));
            }
        }
        if (resources.isEmpty()) {
            throw refused("resources", "it names no resource");
        }
        Set<String> names = new HashSet<>();
        for (ApiResource resource : resources) {
            check(resource);
            if (!names.add(resource.name().toLowerCase(Locale.ROOT))) {
                throw refused("resources", "two are called \"" + resource.name() + "\"");
            }
        }
        return resources;
    }

    /** The last part of the path that says something: {@code https://host/api/v1/permits?page=1} is called permits. */
    private static String nameOf(URI base) {
        String path = base.getPath() == null ? "" : base.getPath();
        String last = Optional.of(path.replaceAll("/+$", ""))
                .map(text -> text.substring(text.lastIndexOf('/') + 1))
                .orElse("");
        return last.isBlank() ? "records" : last;
    }

    private static void check(ApiResource resource) {
        String name = resource.name();
        if (name.isBlank()
                || name.length() > 100
                || name.chars().anyMatch(c -> Character.isISOControl(c) || c == '"')) {
            throw refused("resources", "a resource's name is empty, too long or holds a quote: " + name);
        }
        String path = resource.path() == null ? "" : resource.path();
        if (!path.isEmpty() && !path.startsWith("/") && !path.startsWith("?")) {
            throw refused("path", "\"" + path + "\" does not begin with / or ?");
        }
        refuseSecrets("path", path);
        if (resource.body() != null) {
            BODY_MEMBER.matcher(resource.body()).results().forEach(member -> refuseSecret("body", member.group(1)));
        }
        if (resource.headers() != null) {
            resource.headers().keySet().forEach(header -> refuseSecret("headers", header));
            resource.headers().forEach((header, value) -> {
                if (!header.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")
                        || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
                    throw refused("headers", header + " is no header");
                }
            });
        }
        pointer("records", resource.records());
        pointer("total", resource.total());
        Paging paging = resource.paging();
        if (paging != null) {
            pointer("next", paging.next());
            boolean needsParam = switch (paging.step()) {
                case PAGE, OFFSET, CURSOR -> !resource.bodyTakesParameters();
                case NONE, LINK -> false;
            };
            if (needsParam && paging.param() == null) {
                throw refused("paging", paging.step() + " needs the name of its parameter");
            }
            if (paging.step() == Step.CURSOR && paging.next() == null) {
                throw refused("paging", "CURSOR needs a pointer to the next cursor");
            }
            Integer size = paging.size();
            if (size != null && (size < 1 || size > 100_000)) {
                throw refused("paging", "no such page size: " + size);
            }
        }
        if (resource.ok() != null) {
            pointer("ok", resource.ok().at());
        }
        ApiResource.Since since = resource.since();
        if (since != null) {
            if (since.key().isEmpty()) {
                throw refused("since", "it needs the fields that tell records apart");
            }
            try {
                Times.of(since);
            } catch (DateTimeException | IllegalArgumentException e) {
                throw refused("since", String.valueOf(e.getMessage()));
            }
        }
    }

    /** How times are written in requests. */
    record Times(String format, ZoneId zone, @Nullable DateTimeFormatter pattern) {
        static Times of(ApiResource.Since since) {
            String format = since.format() == null ? "iso" : since.format();
            ZoneId zone = ZoneId.of(since.zone() == null ? "Asia/Shanghai" : since.zone());
            return switch (format) {
                case "iso", "epoch-seconds", "epoch-millis" -> new Times(format, zone, null);
                default ->
                    new Times(
                            format,
                            zone,
                            DateTimeFormatter.ofPattern(format, Locale.ROOT).withZone(zone));
            };
        }

        String write(java.time.Instant at) {
            return switch (format) {
                case "iso" -> at.toString();
                case "epoch-seconds" -> Long.toString(at.getEpochSecond());
                case "epoch-millis" -> Long.toString(at.toEpochMilli());
                default -> java.util.Objects.requireNonNull(pattern).format(at);
            };
        }
    }

    private static void pointer(String setting, @Nullable String pointer) {
        if (pointer != null && !pointer.isEmpty()) {
            try {
                JsonPointer.compile(pointer);
            } catch (IllegalArgumentException e) {
                throw refused(setting, "\"" + pointer + "\" is no JSON pointer such as /data/list");
            }
        }
    }

    static URI address(String text, String setting) {
        try {
            URI uri = new URI(text.strip());
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if (!(scheme.equals("http") || scheme.equals("https"))
                    || uri.getHost() == null
                    || uri.getRawFragment() != null) {
                throw refused(setting, "it is no address that begins with https:// or http://");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw refused(setting, "it is no address: " + e.getReason());
        }
    }

    private static void refuseSecrets(String setting, String address) {
        QUERY_PART.matcher(address).results().forEach(part -> refuseSecret(setting, part.group(1)));
    }

    private static void refuseSecret(String setting, String name) {
        if (isCredential(name)) {
            throw new Problem(CollectProblem.SECRET_IN_SETTINGS, "setting", setting + ": " + name);
        }
    }

    private static boolean isCredential(String name) {
        return CREDENTIAL_NAMES.contains(name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", ""));
    }

    private static boolean flag(Map<String, String> settings, String key) {
        return switch (settings.getOrDefault(key, "false")) {
            case "true" -> true;
            case "false", "" -> false;
            default -> throw refused(key, "it is neither true nor false");
        };
    }

    private static double number(
            Map<String, String> settings, String key, double least, double most, double otherwise) {
        String text = settings.getOrDefault(key, "");
        if (text.isBlank()) {
            return otherwise;
        }
        try {
            double value = Double.parseDouble(text.strip());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw refused(key, "\"" + text + "\" is no number");
        }
        throw refused(key, text + " is not between " + least + " and " + most);
    }

    static Problem refused(String setting, String reason) {
        return new Problem(CollectProblem.BAD_SETTING, "setting", setting, "reason", reason);
    }
}
