package org.qiantang.app;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.StandardEnvironment;

/** A key nobody reads is a mistake that would otherwise go unseen for years. */
final class KnownKeys {
    private static final String PREFIX = "qiantang.";
    /** Stands for what the operator calls one of several. */
    private static final String NAME = "<name>";

    private KnownKeys() {}

    /** Every key there is, in kebab case. */
    static Set<String> all() {
        Set<String> keys = new TreeSet<>();
        collect(QiantangProperties.class, PREFIX, keys);
        return keys;
    }

    /** @throws IllegalStateException naming the keys that are unknown and those that are not */
    static void check(ConfigurableEnvironment environment) {
        Set<String> known = all();
        Set<String> comparable = known.stream().map(KnownKeys::comparable).collect(Collectors.toSet());
        List<Pattern> named = known.stream()
                .filter(key -> key.contains(NAME))
                .map(key -> Pattern.compile(Stream.of(comparable(key).split(NAME))
                        .map(Pattern::quote)
                        .collect(Collectors.joining("[a-z0-9]+"))))
                .toList();
        Set<String> unknown = new TreeSet<>();
        environment.getPropertySources().forEach(source -> {
            // Variables of the environment are named by other rules, and other programs.
            boolean ours = !source.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
            if (ours && source instanceof EnumerablePropertySource<?> keys) {
                for (String key : keys.getPropertyNames()) {
                    if (key.startsWith(PREFIX)
                            && !comparable.contains(comparable(key))
                            && named.stream()
                                    .noneMatch(each ->
                                            each.matcher(comparable(key)).matches())) {
                        unknown.add(key);
                    }
                }
            }
        });
        if (!unknown.isEmpty()) {
            throw new IllegalStateException("Unknown configuration key " + String.join(", ", unknown) + ". Known are: "
                    + String.join(", ", known) + ".");
        }
    }

    private static void collect(Class<?> type, String prefix, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()) {
                collect(component.getType(), key + ".", keys);
            } else if (component.getGenericType() instanceof ParameterizedType map
                    && map.getRawType() == Map.class
                    && map.getActualTypeArguments()[1] instanceof Class<?> value) {
                collect(value, key + "." + NAME + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }

    private static String comparable(String key) {
        return key.replace("-", "")
                .replace("_", "")
                .replaceFirst("\\[\\d+]$", "")
                .toLowerCase(Locale.ROOT);
    }
}
