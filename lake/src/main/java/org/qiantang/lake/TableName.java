package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

/** A table of the lake: a namespace such as {@code raw_police} and a name such as {@code public__resident}. */
public record TableName(String namespace, String name) implements Comparable<TableName> {
    public TableName {
        requireNonNull(namespace, "namespace is null");
        requireNonNull(name, "name is null");
        if (namespace.isBlank() || name.isBlank()) {
            throw new IllegalArgumentException("A table needs a namespace and a name");
        }
    }

    @Override
    public int compareTo(TableName other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "." + name;
    }
}
