package org.qiantang.bench.pins;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ca.uhn.fhir.context.FhirContext;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.google.ortools.Loader;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.IntVar;
import com.google.ortools.sat.LinearExpr;
import com.google.zxing.BarcodeFormat;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
import com.graphhopper.GHRequest;
import com.graphhopper.GHResponse;
import com.graphhopper.GraphHopper;
import com.graphhopper.config.Profile;
import com.graphhopper.util.GHUtility;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.uber.h3core.H3Core;
import io.github.bucket4j.Bucket;
import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import io.trino.tpch.TpchTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.apache.datasketches.hll.HllSketch;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.cn.smart.SmartChineseAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.poi.hssf.usermodel.HSSFWorkbook;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.flowable.engine.RepositoryService;
import org.flowable.engine.RuntimeService;
import org.flowable.engine.TaskService;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.PointValuePair;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.hipparchus.optim.nonlinear.scalar.noderiv.SimplexOptimizer;
import org.hl7.fhir.r4.model.Patient;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kie.api.io.Resource;
import org.kie.dmn.api.core.DMNContext;
import org.kie.dmn.api.core.DMNModel;
import org.kie.dmn.api.core.DMNRuntime;
import org.kie.dmn.core.internal.utils.DMNRuntimeBuilder;
import org.kie.internal.io.ResourceFactory;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.io.geojson.GeoJsonReader;
import org.locationtech.jts.io.geojson.GeoJsonWriter;
import org.locationtech.proj4j.BasicCoordinateTransform;
import org.locationtech.proj4j.CRSFactory;
import org.locationtech.proj4j.CoordinateReferenceSystem;
import org.locationtech.proj4j.ProjCoordinate;
import org.openpdf.text.Paragraph;
import org.openpdf.text.pdf.PdfReader;
import org.openpdf.text.pdf.PdfWriter;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** One real call into each chosen library, all on one classpath and beside one running context: a version that breaks another shows here. */
@SpringBootTest(classes = PinnedProgram.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class PinsheetTest {
    @Autowired
    DataSource dataSource;

    @LocalServerPort
    int port;

    @TempDir
    Path temp;

    @Test
    void springServesAndSpringdocDescribesIt() throws Exception {
        assertThat(get("/city").body()).isEqualTo("杭州");
        assertThat(get("/v3/api-docs").body()).contains("\"/city\"");
        assertThat(get("/actuator/health").body()).contains("UP");
    }

    @Test
    void authorisationServerIssuesATokenAndPublishesItsKeys() throws Exception {
        HttpResponse<String> token = send(HttpRequest.newBuilder(uri("/oauth2/token"))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString("city:city".getBytes(UTF_8)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials")));

        assertThat(token.body()).contains("access_token");
        assertThat(get("/oauth2/jwks").body()).contains("\"kty\":\"RSA\"");
    }

    @Test
    void flywayMigratedAndJooqReadsPostgresql18(@Autowired DSLContext jooq, @Autowired JdbcClient jdbc) {
        assertThat(jooq.selectCount()
                        .from(DSL.table("flyway_schema_history"))
                        .where(DSL.field("success", Boolean.class).isTrue())
                        .fetchOne(0, int.class))
                .isPositive();
        assertThat(jdbc.sql("show server_version").query(String.class).single()).startsWith("18.");
    }

    @Test
    void modulithDeliversAnEventThroughItsTable(
            @Autowired ApplicationEventPublisher events,
            @Autowired TransactionTemplate transaction,
            @Autowired PinnedProgram.Listener listener) {
        transaction.executeWithoutResult(status -> events.publishEvent(new PinnedProgram.Published("归集")));

        await().until(() -> listener.heard().equals("归集"));
    }

    @Test
    void flowableRunsAProcess(
            @Autowired RepositoryService repository, @Autowired RuntimeService runtime, @Autowired TaskService tasks) {
        repository.createDeployment().addString("case.bpmn20.xml", """
                        <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
                          <process id="case" isExecutable="true">
                            <startEvent id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>
                            <userTask id="b" name="核验"/><sequenceFlow id="g" sourceRef="b" targetRef="c"/><endEvent id="c"/>
                          </process>
                        </definitions>""").deploy();
        String id = runtime.startProcessInstanceByKey("case", Map.of("district", "西湖"))
                .getId();

        tasks.complete(
                tasks.createTaskQuery().processInstanceId(id).singleResult().getId());

        assertThat(runtime.createProcessInstanceQuery().processInstanceId(id).count())
                .isZero();
    }

    @Test
    void dbSchedulerRunsAJob() {
        AtomicInteger ran = new AtomicInteger();
        OneTimeTask<Void> job = Tasks.oneTime("job").execute((instance, context) -> ran.incrementAndGet());
        Scheduler scheduler = Scheduler.create(dataSource, job)
                .threads(1)
                .pollingInterval(Duration.ofMillis(100))
                .build();
        scheduler.start();
        try {
            scheduler.scheduleIfNotExists(job.instance("1"), Instant.now());
            await().until(() -> ran.get() == 1);
        } finally {
            scheduler.stop();
        }
    }

    @Test
    void droolsDecides() {
        Resource dmn = ResourceFactory.newReaderResource(new StringReader("""
                        <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="air" namespace="t">
                          <inputData id="i" name="pm25"><variable name="pm25" typeRef="number"/></inputData>
                          <decision id="w" name="warning"><variable name="warning" typeRef="string"/>
                            <informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
                            <literalExpression id="l"><text>if pm25 &gt; 75 then "黄色" else "无"</text></literalExpression>
                          </decision>
                        </definitions>"""), "UTF-8");
        dmn.setSourcePath("air.dmn");
        DMNRuntime runtime = DMNRuntimeBuilder.fromDefaults()
                .buildConfiguration()
                .fromResources(List.of(dmn))
                .getOrElseThrow(IllegalStateException::new);
        DMNModel model = runtime.getModel("t", "air");
        DMNContext context = runtime.newContext();
        context.set("pm25", 80);

        assertThat(runtime.evaluateAll(model, context)
                        .getDecisionResultByName("warning")
                        .getResult())
                .isEqualTo("黄色");
    }

    @Test
    void orToolsSolvesToTheOptimum() {
        Loader.loadNativeLibraries();
        CpModel model = new CpModel();
        IntVar x = model.newIntVar(0, 10, "x");
        IntVar y = model.newIntVar(0, 10, "y");
        model.addLessOrEqual(LinearExpr.weightedSum(new IntVar[] {x, y}, new long[] {2, 3}), 20);
        model.maximize(LinearExpr.weightedSum(new IntVar[] {x, y}, new long[] {3, 4}));
        CpSolver solver = new CpSolver();

        assertThat(solver.solve(model)).isEqualTo(CpSolverStatus.OPTIMAL);
        assertThat(solver.objectiveValue()).isEqualTo(30);
    }

    @Test
    void hipparchusFindsAMinimum() {
        PointValuePair found = new SimplexOptimizer(1e-10, 1e-10)
                .optimize(
                        new MaxEval(1_000),
                        new ObjectiveFunction(p -> (p[0] - 3) * (p[0] - 3) + (p[1] + 1) * (p[1] + 1)),
                        GoalType.MINIMIZE,
                        new InitialGuess(new double[] {0, 0}),
                        new NelderMeadSimplex(2));

        assertThat(found.getPoint()[0]).isBetween(2.999, 3.001);
    }

    @Test
    void hivemqTalksToMoquette() throws Exception {
        int broker = freePort();
        Properties config = new Properties();
        config.setProperty("host", "127.0.0.1");
        config.setProperty("port", Integer.toString(broker));
        config.setProperty("persistence_enabled", "false");
        config.setProperty("telemetry_enabled", "false");
        config.setProperty("allow_anonymous", "true");
        config.setProperty("data_path", temp.toString());
        Server server = new Server();
        server.startServer(new MemoryConfig(config));
        Mqtt3BlockingClient client = MqttClient.builder()
                .useMqttVersion3()
                .identifier("pins")
                .serverHost("127.0.0.1")
                .serverPort(broker)
                .buildBlocking();
        client.connect();
        try (Mqtt3BlockingClient.Mqtt3Publishes arrived = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("air/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            client.publishWith()
                    .topic("air/pm25")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("75".getBytes(UTF_8))
                    .send();

            assertThat(new String(arrived.receive().getPayloadAsBytes(), UTF_8)).isEqualTo("75");
        } finally {
            client.disconnect();
            server.stopServer();
        }
    }

    @Test
    void jtsH3AndProj4jAgreeOnWhereTheLakeIs() throws Exception {
        Geometry lake =
                new GeometryFactory().createPoint(new Coordinate(120.14, 30.24)).buffer(0.02);
        Geometry again = new GeoJsonReader().read(new GeoJsonWriter(6).write(lake));
        assertThat(again.getArea()).isBetween(lake.getArea() * 0.999, lake.getArea() * 1.001);

        H3Core h3 = H3Core.newInstance();
        assertThat(h3.isValidCell(h3.latLngToCellAddress(30.24, 120.14, 9))).isTrue();

        CRSFactory systems = new CRSFactory();
        CoordinateReferenceSystem degrees =
                systems.createFromParameters("degrees", "+proj=longlat +ellps=GRS80 +no_defs");
        CoordinateReferenceSystem metres = systems.createFromParameters(
                "cgcs2000", "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs");
        ProjCoordinate projected = new BasicCoordinateTransform(degrees, metres)
                .transform(new ProjCoordinate(120.14, 30.24), new ProjCoordinate());
        assertThat(projected.x).isBetween(513_000.0, 514_000.0);
    }

    @Test
    void graphhopperImportsStreetsAndWalks() throws Exception {
        Path streets = Files.writeString(temp.resolve("streets.osm"), """
                <osm version="0.6">
                  <node id="1" lat="30.2400" lon="120.1400"/><node id="2" lat="30.2410" lon="120.1400"/>
                  <node id="3" lat="30.2410" lon="120.1410"/>
                  <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
                  <way id="2"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/></way>
                </osm>""");
        GraphHopper hopper = new GraphHopper()
                .setOSMFile(streets.toString())
                .setGraphHopperLocation(temp.resolve("graph").toString())
                .setEncodedValuesString(
                        "foot_access, foot_average_speed, foot_priority, hike_rating, country, road_class, foot_road_access, mtb_rating")
                .setProfiles(new Profile("foot").setCustomModel(GHUtility.loadCustomModelFromJar("foot.json")))
                .setMinNetworkSize(0);
        hopper.importOrLoad();
        try {
            GHResponse walk = hopper.route(new GHRequest(30.2400, 120.1400, 30.2410, 120.1410).setProfile("foot"));

            assertThat(walk.getErrors()).isEmpty();
            assertThat(walk.getBest().getDistance()).isBetween(200.0, 215.0);
        } finally {
            hopper.close();
        }
    }

    @Test
    void hapiReadsWritesAndServesFhir() throws Exception {
        FhirContext fhir = FhirContext.forR4Cached();
        Patient patient = new Patient();
        patient.addName().setText("张三");

        String json = fhir.newJsonParser().encodeResourceToString(patient);

        assertThat(fhir.newJsonParser()
                        .parseResource(Patient.class, json)
                        .getNameFirstRep()
                        .getText())
                .isEqualTo("张三");
        assertThat(fhir.newXmlParser().encodeResourceToString(patient)).contains("张三");
        assertThat(get("/fhir/metadata?_format=json").body()).contains("CapabilityStatement");
    }

    @Test
    void luceneFindsWhatHanlpSplits() throws Exception {
        assertThat(hits(new Analyzer() {
                    @Override
                    protected TokenStreamComponents createComponents(String field) {
                        Tokenizer words = new HanlpTokenizer();
                        return new TokenStreamComponents(words);
                    }
                }))
                .isEqualTo(1);
        try (SmartChineseAnalyzer smart = new SmartChineseAnalyzer()) {
            assertThat(hits(smart)).isNotNegative();
        }
    }

    private static long hits(Analyzer analyzer) throws Exception {
        ByteBuffersDirectory directory = new ByteBuffersDirectory();
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
            Document document = new Document();
            document.add(new TextField("title", "住房保障局跨部门核验居民信息", Field.Store.YES));
            writer.addDocument(document);
        }
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
            return new IndexSearcher(reader).count(new TermQuery(new Term("title", "核验")));
        }
    }

    @Test
    void jsonSchemaRefusesWhatItShould() {
        var schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema("{\"type\":\"object\",\"required\":[\"id\"]}");

        assertThat(schema.validate("{\"id\":1}", InputFormat.JSON)).isEmpty();
        assertThat(schema.validate("{}", InputFormat.JSON)).hasSize(1);
    }

    @Test
    void datasketchesCountsTheDistinct() {
        HllSketch sketch = new HllSketch(12);
        for (int i = 0; i < 10_000; i++) {
            sketch.update(i % 1_000);
        }

        assertThat(sketch.getEstimate()).isBetween(950.0, 1_050.0);
    }

    @Test
    void bouncyCastleKnowsTheNationalAlgorithms() throws Exception {
        BouncyCastleProvider provider = new BouncyCastleProvider();

        assertThat(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SM3", provider).digest("abc".getBytes(UTF_8))))
                .isEqualTo("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
        generator.initialize(new ECGenParameterSpec("sm2p256v1"));
        KeyPair pair = generator.generateKeyPair();
        Signature sm2 = Signature.getInstance("SM3withSM2", provider);
        sm2.initSign(pair.getPrivate());
        sm2.update("receipt".getBytes(UTF_8));
        byte[] signature = sm2.sign();
        sm2.initVerify(pair.getPublic());
        sm2.update("receipt".getBytes(UTF_8));
        assertThat(sm2.verify(signature)).isTrue();
        Cipher sm4 = Cipher.getInstance("SM4/GCM/NoPadding", provider);
        sm4.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[16], "SM4"), new IvParameterSpec(new byte[12]));
        assertThat(sm4.doFinal(new byte[16])).hasSize(32);
    }

    @Test
    void bucket4jLimits() {
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(2).refillGreedy(1, Duration.ofHours(1)))
                .build();

        assertThat(bucket.tryConsume(2)).isTrue();
        assertThat(bucket.tryConsume(1)).isFalse();
    }

    @Test
    void fastexcelAndPoiReadWhatTheyWrote() throws Exception {
        ByteArrayOutputStream xlsx = new ByteArrayOutputStream();
        try (Workbook workbook = new Workbook(xlsx, "Qiantang", "1.0")) {
            Worksheet sheet = workbook.newWorksheet("居民");
            sheet.value(0, 0, "张三");
        }
        try (ReadableWorkbook workbook = new ReadableWorkbook(new ByteArrayInputStream(xlsx.toByteArray()))) {
            assertThat(workbook.getFirstSheet().read().getFirst().getCellText(0))
                    .isEqualTo("张三");
        }
        ByteArrayOutputStream xls = new ByteArrayOutputStream();
        try (HSSFWorkbook workbook = new HSSFWorkbook()) {
            workbook.createSheet("s").createRow(0).createCell(0).setCellValue("李四");
            workbook.write(xls);
        }
        try (HSSFWorkbook workbook = new HSSFWorkbook(new ByteArrayInputStream(xls.toByteArray()))) {
            assertThat(workbook.getSheetAt(0).getRow(0).getCell(0).getStringCellValue())
                    .isEqualTo("李四");
        }
    }

    @Test
    void openpdfPrintsAndZxingDrawsACode() throws Exception {
        ByteArrayOutputStream pdf = new ByteArrayOutputStream();
        try (org.openpdf.text.Document document = new org.openpdf.text.Document()) {
            PdfWriter.getInstance(document, pdf);
            document.open();
            document.add(new Paragraph("receipt"));
        }
        assertThat(new PdfReader(pdf.toByteArray()).getNumberOfPages()).isEqualTo(1);

        BitMatrix code = new QRCodeWriter().encode("qiantang", BarcodeFormat.QR_CODE, 64, 64);
        assertThat(code.getWidth()).isEqualTo(64);
    }

    @Test
    void duckdbWritesParquetThatIcebergCommits() throws Exception {
        Path file = temp.resolve("city.parquet");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("copy (select i::bigint as id from range(1000) t(i)) to '" + file + "' (format parquet)");
            try (ResultSet sum = statement.executeQuery("select sum(id)::bigint from '" + file + "'")) {
                sum.next();
                assertThat(sum.getLong(1)).isEqualTo(499_500);
            }
        }
        try (InMemoryCatalog catalog = new InMemoryCatalog()) {
            catalog.initialize("pins", Map.of());
            catalog.createNamespace(Namespace.of("raw"));
            Table table = catalog.createTable(
                    TableIdentifier.of("raw", "city"),
                    new Schema(Types.NestedField.required(1, "id", Types.LongType.get())));
            table.newAppend()
                    .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                            .withPath(file.toString())
                            .withFileSizeInBytes(Files.size(file))
                            .withRecordCount(1_000)
                            .build())
                    .commit();
            try (CloseableIterable<FileScanTask> plan = table.newScan().planFiles()) {
                assertThat(plan).hasSize(1);
            }
        }
    }

    @Test
    void tpchGenerates() {
        assertThat(TpchTable.NATION.createGenerator(1, 1, 1)).hasSize(25);
    }

    private HttpResponse<String> get(String path) throws Exception {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(uri(path)));
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(200);
        return answer;
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
