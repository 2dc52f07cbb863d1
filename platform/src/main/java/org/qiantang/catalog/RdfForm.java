package org.qiantang.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** A form in which other directories read ours. Each writes node by node, so that a directory of any size needs no memory. */
public enum RdfForm {
    JSON_LD("application/ld+json", "jsonld") {
        @Override
        void write(Writer out, Consumer<Consumer<RdfNode>> nodes) {
            try (JsonGenerator json = JSON.createGenerator(out)) {
                json.writeStartObject();
                json.writeName("@context");
                json.writePOJO(PREFIXES);
                json.writeName("@graph");
                json.writeStartArray();
                nodes.accept(node -> json(json, node));
                json.writeEndArray();
                json.writeEndObject();
            }
        }
    },
    RDF_XML("application/rdf+xml", "rdf") {
        @Override
        void write(Writer out, Consumer<Consumer<RdfNode>> nodes) {
            try {
                XMLStreamWriter xml = XML.createXMLStreamWriter(out);
                xml.writeStartDocument("UTF-8", "1.0");
                xml.writeStartElement("rdf:RDF");
                for (Map.Entry<String, String> prefix : PREFIXES.entrySet()) {
                    xml.writeAttribute("xmlns:" + prefix.getKey(), prefix.getValue());
                }
                nodes.accept(node -> xml(xml, node));
                xml.writeEndElement();
                xml.writeEndDocument();
                xml.flush();
            } catch (XMLStreamException e) {
                throw broken(e);
            }
        }
    },
    TURTLE("text/turtle", "ttl") {
        @Override
        void write(Writer out, Consumer<Consumer<RdfNode>> nodes) {
            try {
                for (Map.Entry<String, String> prefix : PREFIXES.entrySet()) {
                    out.write("@prefix " + prefix.getKey() + ": <" + prefix.getValue() + "> .\n");
                }
                nodes.accept(node -> turtle(out, node));
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final XMLOutputFactory XML = XMLOutputFactory.newDefaultFactory();
    private static final Map<String, String> PREFIXES = prefixes();
    private static final Pattern LOCAL = Pattern.compile("[A-Za-z][A-Za-z0-9]*");
    /** What XML 1.0 cannot hold, escaped or not. */
    private static final Pattern NOT_XML =
            Pattern.compile("[^\\x09\\x0A\\x0D\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]");

    private final String mediaType;
    private final String extension;

    RdfForm(String mediaType, String extension) {
        this.mediaType = mediaType;
        this.extension = extension;
    }

    public String mediaType() {
        return mediaType;
    }

    public String extension() {
        return extension;
    }

    /** Writes all nodes that are handed to the consumer's consumer. */
    abstract void write(Writer out, Consumer<Consumer<RdfNode>> nodes);

    private static Map<String, String> prefixes() {
        Map<String, String> prefixes = new LinkedHashMap<>();
        prefixes.put("rdf", RdfNode.RDF);
        prefixes.put("xsd", RdfNode.XSD);
        prefixes.put("dcat", "http://www.w3.org/ns/dcat#");
        prefixes.put("dct", "http://purl.org/dc/terms/");
        prefixes.put("dcatap", "http://data.europa.eu/r5r/");
        prefixes.put("foaf", "http://xmlns.com/foaf/0.1/");
        prefixes.put("vcard", "http://www.w3.org/2006/vcard/ns#");
        prefixes.put("skos", "http://www.w3.org/2004/02/skos/core#");
        prefixes.put("adms", "http://www.w3.org/ns/adms#");
        prefixes.put("rdfs", "http://www.w3.org/2000/01/rdf-schema#");
        return prefixes;
    }

    /** {@code prefix:local} for what a prefix shortens; everything we say has a predicate that one does. */
    private static @Nullable String shortened(String iri) {
        for (Map.Entry<String, String> prefix : PREFIXES.entrySet()) {
            if (iri.startsWith(prefix.getValue())
                    && LOCAL.matcher(iri.substring(prefix.getValue().length())).matches()) {
                return prefix.getKey() + ":" + iri.substring(prefix.getValue().length());
            }
        }
        return null;
    }

    private static String predicate(String iri) {
        String shortened = shortened(iri);
        if (shortened == null) {
            throw new IllegalStateException("No prefix for " + iri);
        }
        return shortened;
    }

    private static void json(JsonGenerator json, RdfNode node) {
        Map<String, List<RdfNode.Term>> byPredicate = new LinkedHashMap<>();
        node.said()
                .forEach(said -> byPredicate
                        .computeIfAbsent(said.predicate(), each -> new java.util.ArrayList<>())
                        .add(said.object()));
        json.writeStartObject();
        json.writeStringProperty("@id", node.subject());
        byPredicate.forEach((predicate, terms) -> {
            boolean types = predicate.equals(RdfNode.RDF + "type");
            json.writeName(types ? "@type" : predicate(predicate));
            json.writeStartArray();
            for (RdfNode.Term term : terms) {
                switch (term) {
                    case RdfNode.Iri iri when types -> json.writeString(iri.text());
                    case RdfNode.Iri iri -> {
                        json.writeStartObject();
                        json.writeStringProperty("@id", iri.text());
                        json.writeEndObject();
                    }
                    case RdfNode.Literal literal -> {
                        json.writeStartObject();
                        json.writeStringProperty("@value", literal.text());
                        if (literal.language() != null) {
                            json.writeStringProperty("@language", literal.language());
                        }
                        if (literal.datatype() != null) {
                            json.writeStringProperty("@type", literal.datatype());
                        }
                        json.writeEndObject();
                    }
                }
            }
            json.writeEndArray();
        });
        json.writeEndObject();
    }

    private static void xml(XMLStreamWriter xml, RdfNode node) {
        try {
            xml.writeStartElement("rdf:Description");
            xml.writeAttribute("rdf:about", node.subject());
            for (RdfNode.Said said : node.said()) {
                switch (said.object()) {
                    case RdfNode.Iri iri -> {
                        xml.writeEmptyElement(predicate(said.predicate()));
                        xml.writeAttribute("rdf:resource", iri.text());
                    }
                    case RdfNode.Literal literal -> {
                        xml.writeStartElement(predicate(said.predicate()));
                        if (literal.language() != null) {
                            xml.writeAttribute("xml:lang", literal.language());
                        }
                        if (literal.datatype() != null) {
                            xml.writeAttribute("rdf:datatype", literal.datatype());
                        }
                        xml.writeCharacters(literal.text());
                        xml.writeEndElement();
                    }
                }
            }
            xml.writeEndElement();
        } catch (XMLStreamException e) {
            throw broken(e);
        }
    }

    private static UncheckedIOException broken(XMLStreamException e) {
        return new UncheckedIOException(e.getNestedException() instanceof IOException io ? io : new IOException(e));
    }

    private static void turtle(Writer out, RdfNode node) {
        try {
            out.write("\n<" + node.subject() + ">");
            String end = "";
            for (RdfNode.Said said : node.said()) {
                out.write(end + "\n    "
                        + (said.predicate().equals(RdfNode.RDF + "type") ? "a" : predicate(said.predicate())) + " ");
                switch (said.object()) {
                    case RdfNode.Iri iri -> {
                        String shortened = shortened(iri.text());
                        out.write(shortened == null ? "<" + iri.text() + ">" : shortened);
                    }
                    case RdfNode.Literal literal -> {
                        out.write('"' + escaped(literal.text()) + '"');
                        if (literal.language() != null) {
                            out.write("@" + literal.language());
                        }
                        if (literal.datatype() != null) {
                            out.write("^^" + predicate(literal.datatype()));
                        }
                    }
                }
                end = " ;";
            }
            out.write(" .\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    /** A text without what not every form can hold, so that all forms say the same. A lone carriage return reads as a new line in XML. */
    static String sayable(String text) {
        return NOT_XML.matcher(text.replace("\r\n", "\n").replace('\r', '\n')).replaceAll("");
    }
}
