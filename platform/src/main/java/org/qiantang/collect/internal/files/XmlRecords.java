package org.qiantang.collect.internal.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.codehaus.stax2.XMLStreamReader2;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.core.Problem;

/**
 * The records of an XML document. Their attributes and the elements in them are their fields; an element that holds more than a text,
 * and elements that repeat in a record, are kept as they are written.
 */
final class XmlRecords implements Records {
    private static final int DEEPEST = 512;
    private static final String INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";
    private static final String TEXT = "#text";
    private static final String ELEMENT = "#element";

    private final FileBytes.Counting file;
    private final XmlText text;
    private final XMLStreamReader2 xml;
    private final XmlShape shape;
    private final XmlShape.Place place;
    private final List<Field> fields = new ArrayList<>();
    private final Map<String, Integer> byName = new HashMap<>();
    private long number;
    private long start;
    private long end;

    private XmlRecords(FileBytes.Counting file, TextEncoding encoding, XmlShape shape)
            throws IOException, XMLStreamException {
        this.file = file;
        this.shape = shape;
        place = new XmlShape.Place(shape);
        text = XmlText.of(encoding, file);
        xml = Xml.reader(text);
    }

    /** Reads the document and says what it holds. */
    static RecordTable table(FileBytes file) throws IOException {
        TextEncoding encoding = XmlText.encoding(file);
        XmlShape.Placed placed;
        try {
            placed = XmlShape.of(() -> XmlText.of(encoding, file.open()));
        } catch (XMLStreamException e) {
            throw corrupt(e);
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("format", "XML");
        details.putAll(encoding.details());
        details.put("records", placed.shape().words());
        if (!placed.around().isEmpty()) {
            details.put("around", placed.around());
        }
        return RecordTable.survey(
                file,
                () -> {
                    FileBytes.Counting raw = file.open();
                    try {
                        return new XmlRecords(raw, encoding, placed.shape());
                    } catch (XMLStreamException e) {
                        raw.close();
                        throw corrupt(e);
                    } catch (IOException | RuntimeException e) {
                        raw.close();
                        throw e;
                    }
                },
                details);
    }

    private static Problem corrupt(XMLStreamException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new Problem(CollectProblem.CORRUPT_FILE, "reason", "not XML: " + message);
    }

    /** An element's name as it is written, with its prefix. */
    static String nameOf(XMLStreamReader xml) {
        String prefix = xml.getPrefix();
        return prefix == null || prefix.isEmpty() ? xml.getLocalName() : prefix + ":" + xml.getLocalName();
    }

    static String attributeName(XMLStreamReader xml, int attribute) {
        String prefix = xml.getAttributePrefix(attribute);
        String name = xml.getAttributeLocalName(attribute);
        return prefix == null || prefix.isEmpty() ? name : prefix + ":" + name;
    }

    static void requireShallow(int depth) throws XMLStreamException {
        if (depth > DEEPEST) {
            throw new XMLStreamException("more than " + DEEPEST + " levels");
        }
    }

    /** A value of the record; {@code from} and {@code to} are where its element is written. */
    private static final class Field {
        private final String name;
        private Kind kind;
        private byte[] value;
        private final long from;
        private final long to;
        /** The elements of this name so far, once there are several. */
        private @Nullable ByteArrayOutputStream several;

        Field(String name, Kind kind, byte[] value, long from, long to) {
            this.name = name;
            this.kind = kind;
            this.value = value;
            this.from = from;
            this.to = to;
        }
    }

    @Override
    public boolean next() throws IOException {
        try {
            while (xml.hasNext()) {
                int event = Xml.next(xml);
                long at = xml.getLocationInfo().getStartingByteOffset();
                text.keepFrom(at);
                if (event == XMLStreamConstants.START_ELEMENT) {
                    if (place.enter(nameOf(xml))) {
                        start = at;
                        read();
                        number++;
                        return true;
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT) {
                    place.leave();
                }
            }
            return false;
        } catch (XMLStreamException e) {
            throw new IOException(
                    "not XML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    private void read() throws XMLStreamException {
        fields.clear();
        byName.clear();
        if (shape.name().isEmpty()) {
            add(ELEMENT, Kind.TEXT, nameOf(xml));
        }
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            String name = attributeName(xml, i);
            add(shape.ambiguous().contains(name) ? "@" + name : name, Kind.UNTYPED, xml.getAttributeValue(i));
        }
        StringBuilder own = new StringBuilder();
        StringBuilder said = new StringBuilder();
        boolean elements = false;
        boolean simple = false;
        boolean nil = false;
        String child = "";
        long from = 0;
        int level = 0;
        for (; ; ) {
            int event = Xml.next(xml);
            long at = xml.getLocationInfo().getStartingByteOffset();
            switch (event) {
                case XMLStreamConstants.START_ELEMENT -> {
                    requireShallow(place.depth() + ++level);
                    if (level == 1) {
                        elements = true;
                        child = nameOf(xml);
                        from = at;
                        said.setLength(0);
                        nil = isNil();
                        simple = hasInstanceAttributesOnly();
                    } else {
                        simple = false;
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    if (level == 0) {
                        end = text.afterTag(at);
                        if (!own.toString().isBlank() || (!elements && fields.isEmpty())) {
                            add(TEXT, Kind.UNTYPED, own.toString());
                        }
                        place.leave();
                        return;
                    }
                    if (--level == 0) {
                        add(child, simple, nil, said, from, text.afterTag(at));
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                    if (level == 0) {
                        own.append(xml.getText());
                    } else if (simple) {
                        said.append(xml.getText());
                    }
                }
                default -> {}
            }
        }
    }

    private void add(String name, Kind kind, String value) {
        fields.add(new Field(name, kind, value.getBytes(StandardCharsets.UTF_8), 0, 0));
    }

    private void add(String name, boolean simple, boolean nil, CharSequence said, long from, long to) {
        Integer before = byName.get(name);
        if (before != null) {
            Field field = fields.get(before);
            ByteArrayOutputStream several = field.several;
            if (several == null) {
                several = new ByteArrayOutputStream();
                several.writeBytes(text.between(field.from, field.to));
                field.several = several;
                field.kind = Kind.NESTED;
            }
            several.writeBytes(text.between(from, to));
            return;
        }
        byName.put(name, fields.size());
        fields.add(
                simple
                        ? new Field(
                                name,
                                nil ? Kind.NULL : Kind.UNTYPED,
                                said.toString().getBytes(StandardCharsets.UTF_8),
                                from,
                                to)
                        : new Field(name, Kind.NESTED, text.between(from, to), from, to));
    }

    private boolean hasInstanceAttributesOnly() {
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            if (!INSTANCE.equals(xml.getAttributeNamespace(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean isNil() {
        String nil = xml.getAttributeValue(INSTANCE, "nil");
        return "true".equals(nil) || "1".equals(nil);
    }

    @Override
    public @Nullable RejectedRow fault() {
        return null;
    }

    @Override
    public String where() {
        return "record " + number;
    }

    /** A record that is a text and no more. */
    @Override
    public boolean isBare() {
        return fields.size() == 1 && fields.getFirst().name.equals(TEXT);
    }

    @Override
    public int fields() {
        return fields.size();
    }

    @Override
    public String name(int field) {
        return fields.get(field).name;
    }

    @Override
    public boolean isName(int field, byte[] utf8) {
        return Arrays.equals(fields.get(field).name.getBytes(StandardCharsets.UTF_8), utf8);
    }

    @Override
    public Kind kind(int field) {
        return fields.get(field).kind;
    }

    @Override
    public byte[] value(int field) {
        Field asked = fields.get(field);
        ByteArrayOutputStream several = asked.several;
        if (several != null) {
            asked.value = several.toByteArray();
            asked.several = null;
        }
        return asked.value;
    }

    @Override
    public byte[] raw() {
        return text.between(start, end);
    }

    @Override
    public long bytesRead() {
        return file.count();
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
