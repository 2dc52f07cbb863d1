package org.qiantang.app.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The words of one command: named options anywhere, everything else in order. {@code --} ends the options. */
final class Options {
    private final Map<String, String> values = new HashMap<>();
    private final Map<String, List<String>> repeated = new HashMap<>();
    private final Set<String> flags = new HashSet<>();
    private final List<String> words = new ArrayList<>();

    private Options() {}

    /** A command line that cannot be understood; the message says why. */
    static final class UsageException extends RuntimeException {
        UsageException(String message) {
            super(message);
        }
    }

    /**
     * @param valued options that take a value, as {@code --name value} or {@code --name=value}
     * @param plain options that stand alone
     */
    static Options parse(List<String> arguments, Set<String> valued, Set<String> plain) {
        return parse(arguments, valued, plain, Set.of());
    }

    /** @param repeatable options that take a value and may be given several times */
    static Options parse(List<String> arguments, Set<String> valued, Set<String> plain, Set<String> repeatable) {
        Options options = new Options();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (word.equals("--")) {
                options.words.addAll(arguments.subList(i + 1, arguments.size()));
                break;
            }
            if (!word.startsWith("--")) {
                options.words.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word.substring(2) : word.substring(2, equals);
            if (plain.contains(name) && equals < 0) {
                options.flags.add(name);
            } else if (valued.contains(name) || repeatable.contains(name)) {
                if (equals < 0 && i + 1 == arguments.size()) {
                    throw new UsageException("Option --" + name + " needs a value.");
                }
                String value = equals < 0 ? arguments.get(++i) : word.substring(equals + 1);
                if (repeatable.contains(name)) {
                    options.repeated
                            .computeIfAbsent(name, any -> new ArrayList<>())
                            .add(value);
                } else if (options.values.put(name, value) != null) {
                    throw new UsageException("Option --" + name + " is given twice.");
                }
            } else {
                throw new UsageException("Unknown option " + word + ".");
            }
        }
        return options;
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The values of an option that may be given several times, in their order. */
    List<String> values(String name) {
        return repeated.getOrDefault(name, List.of());
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }

    /** The words besides the options; there must be as many as {@code names}. */
    List<String> words(String... names) {
        if (words.size() < names.length) {
            throw new UsageException("Missing " + names[words.size()] + ".");
        }
        if (words.size() > names.length) {
            throw new UsageException("Unexpected argument " + words.get(names.length) + ".");
        }
        return List.copyOf(words);
    }

    /** The words besides the options, of which there must be one at least. */
    List<String> manyWords(String name) {
        if (words.isEmpty()) {
            throw new UsageException("Missing " + name + ".");
        }
        return List.copyOf(words);
    }
}
