package org.qiantang.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The words after a benchmark's name: {@code --name VALUE}, and {@code --name} alone for what is false unless said. */
record Arguments(Map<String, String> values) {
    Arguments {
        values = Map.copyOf(values);
    }

    /** @throws IllegalArgumentException for a word that is not among the defaults, or a number that is none or below one */
    static Arguments parse(List<String> words, Map<String, String> defaults) {
        Map<String, String> values = new LinkedHashMap<>(defaults);
        for (int i = 0; i < words.size(); i++) {
            String name = words.get(i).replaceFirst("^--", "");
            String usual = defaults.get(name);
            if (usual == null || name.equals(words.get(i))) {
                throw new IllegalArgumentException("Unknown option " + words.get(i));
            }
            if (usual.equals("false")) {
                values.put(name, "true");
                continue;
            }
            i++;
            if (i >= words.size()) {
                throw new IllegalArgumentException("--" + name + " needs a value.");
            }
            String value = words.get(i);
            if (usual.matches("\\d+") && !value.matches("[1-9]\\d{0,8}")) {
                throw new IllegalArgumentException("--" + name + " is a number from 1 on, not " + value + ".");
            }
            values.put(name, value);
        }
        return new Arguments(values);
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("No option is called " + name);
        }
        return value;
    }

    int number(String name) {
        return Integer.parseInt(text(name));
    }

    boolean is(String name) {
        return Boolean.parseBoolean(text(name));
    }
}
