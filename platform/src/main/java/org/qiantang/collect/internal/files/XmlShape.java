package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;
import org.jspecify.annotations.Nullable;

/**
 * Which elements of an XML document are its records: those that repeat below the root, or below the only element that has some. When
 * several names repeat side by side each of these elements is a record.
 *
 * @param path names of the elements around a record, from the root
 * @param name the records' name, or an empty string where they have several
 * @param ambiguous names that are an attribute of a record as well as an element in one
 */
record XmlShape(List<String> path, String name, Set<String> ambiguous) {
    /** What is written beside the records is kept with the table up to this size; more of it is data of its own. */
    private static final int MOST_AROUND = 16 << 10;

    private static final int MOST_LEVELS = 8;
    private static final int MOST_NODES = 4096;

    XmlShape {
        path = List.copyOf(path);
        ambiguous = Set.copyOf(ambiguous);
    }

    String words() {
        return path.isEmpty()
                ? "the document is one record"
                : "each " + String.join("/", path) + "/" + (name.isEmpty() ? "*" : name);
    }

    /** A shape and what stands around its records. */
    record Placed(XmlShape shape, String around) {}

    /** Opens the document from its start. */
    interface Opener {
        XmlText open() throws IOException;
    }

    static Placed of(Opener document) throws IOException, XMLStreamException {
        Node root;
        try (XmlText text = document.open()) {
            root = survey(text);
        }
        XmlShape found = records(root, new ArrayList<>());
        if (found != null) {
            try (XmlText text = document.open()) {
                String around = around(text, found);
                if (around != null) {
                    return new Placed(found, around);
                }
            }
        }
        return new Placed(new XmlShape(List.of(), root.name, root.ambiguous()), "");
    }

    /** All elements of one name in elements of one name. */
    private static final class Node {
        private final String name;
        private final Map<String, Node> children = new LinkedHashMap<>();
        private final Set<String> attributes = new HashSet<>();
        private long count;

        Node(String name) {
            this.name = name;
        }

        Set<String> ambiguous() {
            Set<String> both = new HashSet<>(attributes);
            both.retainAll(children.keySet());
            return both;
        }
    }

    private static Node survey(XmlText text) throws XMLStreamException {
        XMLStreamReader2 xml = Xml.reader(text);
        Deque<Node> open = new ArrayDeque<>();
        Node root = new Node("");
        int depth = 0;
        int nodes = 0;
        while (xml.hasNext()) {
            int event = Xml.next(xml);
            text.keepFrom(xml.getLocationInfo().getStartingByteOffset());
            if (event == XMLStreamConstants.START_ELEMENT) {
                XmlRecords.requireShallow(++depth);
                Node parent = open.peek();
                if (depth == 1) {
                    root = new Node(XmlRecords.nameOf(xml));
                    open.push(root);
                } else if (parent != null && open.size() == depth - 1 && depth <= MOST_LEVELS) {
                    String name = XmlRecords.nameOf(xml);
                    Node node = parent.children.get(name);
                    if (node == null && nodes++ < MOST_NODES) {
                        node = new Node(name);
                        parent.children.put(name, node);
                    }
                    if (node != null) {
                        node.count++;
                        open.push(node);
                    }
                }
                Node node = open.peek();
                if (node != null && open.size() == depth) {
                    for (int i = 0; i < xml.getAttributeCount() && node.attributes.size() < MOST_NODES; i++) {
                        node.attributes.add(XmlRecords.attributeName(xml, i));
                    }
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                if (open.size() == depth) {
                    open.pop();
                }
                depth--;
            }
        }
        return root;
    }

    private static @Nullable XmlShape records(Node node, List<String> above) {
        List<String> path = new ArrayList<>(above);
        path.add(node.name);
        List<Node> repeated =
                node.children.values().stream().filter(child -> child.count > 1).toList();
        if (repeated.size() == 1) {
            return new XmlShape(
                    path, repeated.getFirst().name, repeated.getFirst().ambiguous());
        }
        if (repeated.size() > 1) {
            Set<String> ambiguous = new HashSet<>();
            node.children.values().forEach(child -> ambiguous.addAll(child.attributes));
            Set<String> elements = new HashSet<>();
            node.children.values().forEach(child -> elements.addAll(child.children.keySet()));
            ambiguous.retainAll(elements);
            return new XmlShape(path, "", ambiguous);
        }
        XmlShape only = null;
        for (Node child : node.children.values()) {
            XmlShape inside = records(child, path);
            if (inside != null && only != null) {
                return null;
            }
            only = inside == null ? only : inside;
        }
        return only;
    }

    /** What is written outside of the records, without the white space; null when it is much. */
    private static @Nullable String around(XmlText text, XmlShape shape) throws XMLStreamException {
        XMLStreamReader2 xml = Xml.reader(text);
        StringBuilder around = new StringBuilder();
        Place place = new Place(shape);
        long from = 0;
        boolean outside = false;
        while (xml.hasNext()) {
            int event = Xml.next(xml);
            long to = xml.getLocationInfo().getStartingByteOffset();
            if (outside && to > from) {
                String written = new String(text.between(from, to), StandardCharsets.UTF_8);
                around.append(written.isBlank() ? "" : written);
                if (around.length() > MOST_AROUND) {
                    return null;
                }
            }
            text.keepFrom(to);
            from = to;
            boolean inside = place.isInRecord();
            if (event == XMLStreamConstants.START_ELEMENT) {
                place.enter(XmlRecords.nameOf(xml));
                inside = place.isInRecord();
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                place.leave();
            }
            outside = !inside;
        }
        return around.toString();
    }

    /** Where in a document a reader stands. */
    static final class Place {
        private final XmlShape shape;
        private int depth;
        /** Elements of the path that are open. */
        private int matched;

        private int recordDepth;

        Place(XmlShape shape) {
            this.shape = shape;
        }

        int depth() {
            return depth;
        }

        boolean isInRecord() {
            return recordDepth > 0;
        }

        /** Enters an element; true when it is a record. */
        boolean enter(String name) {
            depth++;
            int around = shape.path.size();
            if (depth == matched + 1
                    && depth <= around
                    && shape.path.get(depth - 1).equals(name)) {
                matched++;
            } else if (depth == around + 1 && matched == around && (shape.name.isEmpty() || shape.name.equals(name))) {
                recordDepth = depth;
                return true;
            }
            return false;
        }

        void leave() {
            if (recordDepth == depth) {
                recordDepth = 0;
            }
            depth--;
            matched = Math.min(matched, depth);
        }
    }
}
