package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qiantang.catalog.TestDirectory.HEALTH;
import static org.qiantang.catalog.TestDirectory.OFFICER;
import static org.qiantang.catalog.TestDirectory.OTHER_OFFICER;
import static org.qiantang.catalog.TestDirectory.POLICE;

import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.jena.graph.Graph;
import org.apache.jena.graph.NodeFactory;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.riot.RDFParser;
import org.apache.jena.shacl.ShaclValidator;
import org.apache.jena.shacl.Shapes;
import org.apache.jena.shacl.ValidationReport;
import org.apache.jena.shacl.validation.Severity;
import org.apache.jena.sparql.graph.GraphFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What other portals harvest from us, judged by somebody else's shapes and read by somebody else's parser. */
class DcatTests {
    private static final String BASE = "https://data.example.gov";
    private static final String DCT = "http://purl.org/dc/terms/";

    /**
     * What is only recommended and cannot be said truly: a department of a Chinese city is no body of the European list, no licence was
     * granted, and the guide's form does not ask for a period or for the corners of a country.
     */
    private static final Set<String> EXPECTED_WARNINGS = Set.of(
            "<" + DCT + "publisher>",
            "<" + DCT + "license>",
            "<" + DCT + "temporal>",
            "<http://www.w3.org/ns/dcat#centroid>",
            "<http://www.w3.org/ns/dcat#bbox>");

    private TestDirectory directory;

    @BeforeEach
    void publish() throws Exception {
        directory = new TestDirectory();
        EntryRulesTest.Draft vehicles = new EntryRulesTest.Draft();
        vehicles.theme = Guide.Theme.CONSTRUCTION;
        vehicles.openClass = Guide.OpenClass.RESTRICTED;
        vehicles.openCondition = "实名申请";
        vehicles.title = "机动车 \"登记\" \\ <新版> & 其他\n第二行\ttab '单引号' 𠮷";
        directory.publish(directory.collect(POLICE, "vehicle", "车", "a:string:甲"), vehicles.statement(), OFFICER);
        EntryRulesTest.Draft beds = new EntryRulesTest.Draft();
        beds.title = "医院床位";
        beds.classification = "202001";
        beds.theme = Guide.Theme.HEALTH;
        beds.shareClass = Guide.ShareClass.UNCONDITIONAL;
        beds.shareCondition = null;
        beds.shareMode = Guide.ShareMode.FILE;
        beds.openClass = Guide.OpenClass.OPEN;
        beds.related = List.of("306001/1");
        directory.publish(directory.collect(HEALTH, "bed", "床位", "a:int:甲"), beds.statement(), OTHER_OFFICER);
        EntryRulesTest.Draft secret = new EntryRulesTest.Draft();
        secret.title = "不共享的表";
        secret.shareClass = Guide.ShareClass.NOT_SHARED;
        secret.shareCondition = "《中华人民共和国反恐怖主义法》第四十八条";
        directory.publish(directory.collect(POLICE, "secret", "秘", "a:string:甲"), secret.statement(), OFFICER);
        directory.collect(HEALTH, "draft", "只是草稿", "a:string:甲");
    }

    private String written(RdfForm form) {
        StringWriter out = new StringWriter();
        new DcatExport(directory.jdbc, directory.site, directory.clock).write(form, BASE, out);
        return out.toString();
    }

    private static Graph parsed(RdfForm form, String text) {
        Lang lang = switch (form) {
            case JSON_LD -> Lang.JSONLD11;
            case RDF_XML -> Lang.RDFXML;
            case TURTLE -> Lang.TURTLE;
        };
        Graph graph = GraphFactory.createDefaultGraph();
        RDFParser.create().source(new StringReader(text)).lang(lang).base(BASE).parse(graph);
        return graph;
    }

    @Test
    void theThreeFormsSayTheSame() {
        Map<RdfForm, Graph> graphs = new EnumMap<>(RdfForm.class);
        for (RdfForm form : RdfForm.values()) {
            graphs.put(form, parsed(form, written(form)));
        }

        assertThat(graphs.get(RdfForm.TURTLE).size()).isGreaterThan(100);
        assertThat(graphs.get(RdfForm.JSON_LD).isIsomorphicWith(graphs.get(RdfForm.TURTLE)))
                .isTrue();
        assertThat(graphs.get(RdfForm.RDF_XML).isIsomorphicWith(graphs.get(RdfForm.TURTLE)))
                .isTrue();
        assertThat(graphs.get(RdfForm.TURTLE)
                        .contains(
                                null,
                                NodeFactory.createURI(DCT + "title"),
                                NodeFactory.createLiteralLang("机动车 \"登记\" \\ <新版> & 其他\n第二行\ttab '单引号' 𠮷", "zh")))
                .isTrue();
    }

    @Test
    void onlyWhatIsSharedOrOpenedLeaves() {
        String turtle = written(RdfForm.TURTLE);

        assertThat(turtle).contains("医院床位").doesNotContain("不共享的表").doesNotContain("只是草稿");
        Graph graph = parsed(RdfForm.TURTLE, turtle);
        assertThat(graph.find(null, NodeFactory.createURI("http://www.w3.org/ns/dcat#dataset"), null)
                        .toList())
                .hasSize(2);
        assertThat(graph.find(null, NodeFactory.createURI(DCT + "relation"), null)
                        .toList())
                .hasSize(1);
    }

    @Test
    void whatWasFoundSensitiveSinceItWasOpenedDoesNotLeave() {
        directory.jdbc.sql("update catalog_resources set level = 'L3'").update();

        String turtle = written(RdfForm.TURTLE);

        assertThat(turtle).doesNotContain("医院床位").contains("306001/");
    }

    @Test
    void whatIsNotSharedIsNotCalledRestricted() throws Exception {
        EntryRulesTest.Draft kept = new EntryRulesTest.Draft();
        kept.title = "只受限开放的表";
        kept.shareClass = Guide.ShareClass.NOT_SHARED;
        kept.shareCondition = "《中华人民共和国反恐怖主义法》第四十八条";
        kept.openClass = Guide.OpenClass.RESTRICTED;
        kept.openCondition = "实名申请";
        Entry entry =
                directory.publish(directory.collect(POLICE, "kept", "留", "a:string:甲"), kept.statement(), OFFICER);

        Graph graph = parsed(RdfForm.TURTLE, written(RdfForm.TURTLE));

        assertThat(graph.find(
                                NodeFactory.createURI(BASE + "/api/directory/" + entry.id()),
                                NodeFactory.createURI(DCT + "accessRights"),
                                null)
                        .toList())
                .singleElement()
                .satisfies(triple -> assertThat(triple.getObject().getURI()).endsWith("/NON_PUBLIC"));
    }

    @Test
    void allShapesOfTheProfileAreKept() throws Exception {
        ValidationReport report = validate(parsed(RdfForm.RDF_XML, written(RdfForm.RDF_XML)));

        // A department of a Chinese city is no body of the European list, and no licence is claimed that nobody has
        // granted.
        assertThat(report.getEntries().stream()
                        .filter(entry -> !entry.severity().equals(Severity.Warning)
                                || !EXPECTED_WARNINGS.contains(String.valueOf(entry.resultPath())))
                        .map(Object::toString))
                .isEmpty();
    }

    @Test
    void aBrokenExportIsCaught() throws Exception {
        Graph graph = parsed(RdfForm.TURTLE, written(RdfForm.TURTLE));
        graph.find(null, NodeFactory.createURI(DCT + "description"), null)
                .toList()
                .forEach(graph::delete);
        graph.find(null, NodeFactory.createURI("http://www.w3.org/ns/dcat#accessURL"), null)
                .toList()
                .forEach(graph::delete);

        ValidationReport report = validate(graph);

        assertThat(report.conforms()).isFalse();
        assertThat(report.getEntries().stream()
                        .filter(entry -> entry.severity().equals(Severity.Violation))
                        .map(entry -> String.valueOf(entry.resultPath())))
                .anyMatch(path -> path.contains("description"))
                .anyMatch(path -> path.contains("accessURL"));
    }

    /** Both sets of shapes: those of the profile's page, and those generated from its vocabulary. */
    private static ValidationReport validate(Graph data) throws Exception {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isDirectory(folder.resolve("shared/data/dcat-ap-shacl"))) {
            folder = folder.getParent();
        }
        Assumptions.assumeTrue(folder != null, "shared/data/dcat-ap-shacl is not beside the checkout");
        Graph shapes = GraphFactory.createDefaultGraph();
        for (String file : List.of(
                "html/shacl/shapes.ttl",
                "html/shacl/range.ttl",
                "html/shacl/shapes_recommended.ttl",
                "html/shacl/mdr-vocabularies.shape.ttl",
                "html/shacl/deprecateduris.ttl",
                "shacl/dcat-ap-SHACL.ttl")) {
            RDFDataMgr.read(
                    shapes,
                    folder.resolve("shared/data/dcat-ap-shacl/3.0.0/" + file)
                            .toUri()
                            .toString(),
                    Lang.TURTLE);
        }
        return ShaclValidator.get().validate(Shapes.parse(shapes), data);
    }
}
