package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A thing and what is said of it, the unit in which {@link RdfForm} writes a graph. */
final class RdfNode {
    static final String RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    static final String XSD = "http://www.w3.org/2001/XMLSchema#";

    /** What a statement says of its subject. */
    sealed interface Term {}

    record Iri(String text) implements Term {}

    /** @param language or {@code datatype}, or neither for plain text */
    record Literal(
            String text,
            @Nullable String language,
            @Nullable String datatype) implements Term {}

    record Said(String predicate, Term object) {}

    private final String subject;
    private final List<Said> said = new ArrayList<>();

    RdfNode(String subject, String... types) {
        this.subject = subject;
        for (String type : types) {
            iri(RDF + "type", type);
        }
    }

    RdfNode iri(String predicate, String iri) {
        said.add(new Said(predicate, new Iri(iri)));
        return this;
    }

    RdfNode text(String predicate, String text, String language) {
        said.add(new Said(predicate, new Literal(RdfForm.sayable(text), language, null)));
        return this;
    }

    RdfNode plain(String predicate, String text) {
        said.add(new Said(predicate, new Literal(RdfForm.sayable(text), null, null)));
        return this;
    }

    RdfNode date(String predicate, java.time.LocalDate day) {
        said.add(new Said(predicate, new Literal(day.toString(), null, XSD + "date")));
        return this;
    }

    String subject() {
        return subject;
    }

    List<Said> said() {
        return said;
    }
}
