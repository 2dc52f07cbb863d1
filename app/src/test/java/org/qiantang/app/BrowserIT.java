package org.qiantang.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.APIRequest;
import com.microsoft.playwright.APIRequestContext;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.RequestOptions;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.HubAddress;
import org.qiantang.collect.Receipt;
import org.qiantang.collect.ReceiptVerifier;
import org.qiantang.core.Sealing;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the people of the city do in a browser, from signing in to the count of what was collected. The program runs as it does for them. */
class BrowserIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final double MILLIS = PATIENCE.toMillis();
    private static final Path PICTURES = Path.of("target", "browser");

    private static final String IDENTITY_NUMBER = "11010519491231002X";
    /** The department of the trial's officer. */
    private static final String OFFICERS = "hotline";

    private static final String NAME = "欧阳建国";
    private static final String PHONE = "13800138000";
    private static final int RESIDENTS = 60;
    /** Enough rows for somebody to see the collection going on. */
    private static final int READINGS = 200_000;

    @TempDir
    static Path folder;

    private static Home home;
    private static Process hub;
    private static HubAddress address;
    private static Playwright playwright;
    private static Browser browser;
    private static boolean residentIsBound;

    private final List<String> errors = new ArrayList<>();
    private BrowserContext context;
    private Page page;

    @RegisterExtension
    final AfterTestExecutionCallback picture = test -> {
        if (test.getExecutionException().isPresent() && page != null) {
            page.screenshot(new Page.ScreenshotOptions()
                    .setFullPage(true)
                    .setPath(PICTURES.resolve(test.getRequiredTestMethod().getName() + ".png")));
        }
    };

    @BeforeAll
    static void start() throws IOException {
        assertThat(BrowserIT.class.getResource("/static/index.html"))
                .as("the console in app/target/classes/static: it is missing, bin/build makes it")
                .isNotNull();
        Files.createDirectories(PICTURES);
        home = Home.at(folder.resolve("home"));
        hub = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dfile.encoding=UTF-8",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Qiantang.class.getName(),
                        "hub",
                        "--home",
                        home.toString(),
                        "--empty",
                        "--port",
                        "0")
                .redirectErrorStream(true)
                .redirectOutput(PICTURES.resolve("hub.log").toFile())
                .start();
        address = await().atMost(PATIENCE)
                .failFast("The hub ended; see app/target/browser/hub.log", () -> !hub.isAlive())
                .until(() -> HubAddress.of(home).filter(found -> found.pid() == hub.pid()), Optional::isPresent)
                .orElseThrow();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        String chromium =
                Optional.ofNullable(System.getenv("QIANTANG_CHROMIUM")).orElse("/usr/bin/chromium");
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(chromium))
                        .setTimeout(MILLIS)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-background-networking",
                                "--disable-gpu",
                                "--disable-component-update",
                                "--no-first-run")));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (playwright != null) {
            playwright.close();
        }
        if (hub != null) {
            hub.destroy();
            if (!hub.waitFor(60, TimeUnit.SECONDS)) {
                hub.destroyForcibly().waitFor();
            }
        }
    }

    @BeforeEach
    void open() {
        open(1440, 900);
    }

    @AfterEach
    void close() {
        context.close();
        assertThat(errors).as("errors nobody caught on the page").isEmpty();
    }

    @Test
    void engineerCollectsFilesAndTheCityFindsThem() throws IOException {
        Path files = writeFiles("visit");
        signIn("engineer");

        addSource(files);
        String run = collect();
        seeVerdict();
        downloadReceipt(run);
        seeReject();
        findByChineseWord();
        seePreviewMasked();
        count();
    }

    @Test
    void wrongPasswordIsSaidInASentence() {
        fillSignIn("engineer", "not-the-password");

        assertThat(page.getByTestId("sign-in-error")).containsText("用户名或密码不正确。请检查后重试。");
        assertThat(page.getByTestId("sign-in-username")).hasValue("engineer");
        assertThat(page.getByTestId("menu")).isHidden();

        fillSignIn("engineer", password("engineer"));
        assertThat(page.getByTestId("overview")).isVisible();
    }

    @Test
    void phoneReachesTheMenuAndSeesEveryDepartment() throws IOException {
        HubClient client = client();
        collect(client, writeFiles("phone"));
        context.close();
        open(390, 844);
        signIn("officer");

        Locator menu = page.getByTestId("menu");
        BoundingBox box = menu.boundingBox();
        assertThat(box.y + box.height).as("lower edge of the menu").isLessThanOrEqualTo(844.5);
        assertThat(box.x + box.width).as("right edge of the menu").isLessThanOrEqualTo(390.5);
        for (JsonNode department : client.listDepartments()) {
            Locator row = page.getByTestId("matrix-row-" + department.path("id").asString());
            row.scrollIntoViewIfNeeded();
            assertThat(row).isVisible();
            assertThat(row).containsText(department.path("name").asString());
            BoundingBox at = row.boundingBox();
            assertThat(at.x + at.width).as("right edge of " + department).isLessThanOrEqualTo(390.5);
        }
        assertThat(page.getByTestId("departments")).containsText("公安局");
        assertThat(((Number) page.evaluate("document.documentElement.scrollWidth")).intValue())
                .as("width of what can be scrolled to")
                .isLessThanOrEqualTo(390);

        menu.getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("数据资源"))
                .click();
        assertThat(page.getByTestId("catalogue")).isVisible();
    }

    @Test
    void analystStopsAQueryThatTakesTooLong() {
        signIn("analyst");
        page.navigate(url("sql"));
        page.getByTestId("sql-editor").fill("SELECT sum(a.range * b.range) FROM range(9999999) a, range(9999999) b");

        Response answer = page.waitForResponse(response -> response.url().equals(url("api/sql")), () -> {
            page.getByTestId("sql-run").click();
            page.getByTestId("sql-stop").click();
        });

        // The call itself is answered so, which is only when the engine has ended the query.
        assertThat(answer.text()).contains("catalog.sql_stopped");
        assertThat(page.getByTestId("sql-page")).containsText("已停止，没有结果");
        assertThat(page.getByTestId("sql-run")).isVisible();
    }

    @Test
    void analystDrawsAnAnswerAndKeepsItForTheOthers() throws IOException {
        collect(client(), writeFiles("drawn"));
        signIn("analyst");
        page.navigate(url("sql"));
        page.getByTestId("sql-editor").fill("SELECT meter AS 表号, count(*) AS 读数 FROM raw_drawn.readings GROUP BY ALL");
        page.getByTestId("sql-run").click();
        assertThat(page.getByTestId("sql-level")).containsText("L");
        page.getByTestId("sql-as-chart").click();
        assertThat(page.getByTestId("chart-picture")).hasAttribute("aria-label", Pattern.compile("读数，沿 表号"));
        assertThat(page.locator("[data-testid=chart-picture] svg")).isVisible();
        choose("chart-kind", "折线");
        page.getByTestId("sql-save").click();
        page.getByTestId("save-title").fill("各表读数");
        page.getByTestId("save-shared").click();
        page.getByTestId("save-confirm").click();
        assertThat(page.getByTestId("saved-query")).containsText("各表读数");
        context.close();

        open(390, 844);
        fillSignIn("engineer", password("engineer"));
        assertThat(page.getByTestId("overview")).isVisible();
        page.navigate(url("sql"));
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("表").setExact(true))
                .click();
        page.getByTestId("sql-saved").click();
        page.getByTestId("saved-query").getByRole(AriaRole.BUTTON).first().click();
        assertThat(page.locator("[data-testid=chart-picture] svg")).isVisible();
        assertThat(page.getByTestId("chart-kind")).containsText("折线");
        assertThat(((Number) page.evaluate("document.documentElement.scrollWidth")).intValue())
                .isLessThanOrEqualTo(390);
    }

    @Test
    void officerIsToldThatSourcesAreForOthers() {
        signIn("officer");

        assertThat(page.getByTestId("menu").getByText("数源系统")).isHidden();
        page.navigate(url("sources"));
        assertThat(page.getByTestId("no-permission")).containsText("您的账号不能看这一页");
        assertThat(page.getByTestId("sources")).isHidden();

        page.navigate(url("sources/new"));
        assertThat(page.getByTestId("no-permission")).isVisible();
        assertThat(page.getByTestId("source-location")).isHidden();
        assertThat(page.request().get(url("api/sources")).status()).isEqualTo(403);
    }

    @Test
    void answerATicket() throws IOException {
        Path files = Files.createDirectory(folder.resolve("tickets"));
        writeRegister(files, "110105194912310021", "未婚");
        HubClient client = client();
        collect(client, files, OFFICERS);
        signIn("engineer");
        page.navigate(url("catalogue/" + resource("raw_tickets")));
        page.getByTestId("adopt").click();
        assertThat(page.getByTestId("rule-CHECK_DIGIT")).containsText("1 / 40 条有问题");
        page.getByTestId("rule-CHECK_DIGIT").getByTestId("rule-rows").click();
        assertThat(page.getByTestId("failing-rows")).containsText("1***************21");
        assertThat(page.getByTestId("failing-rows")).not().containsText("110105194912310021");
        context.close();

        open(1440, 900);
        signIn("officer");
        page.getByTestId("menu")
                .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("工单"))
                .click();
        page.getByTestId("ticket-row")
                .filter(new Locator.FilterOptions().setHasText("公民身份号码"))
                .getByRole(AriaRole.LINK)
                .click();
        page.getByTestId("act-ACCEPT").click();
        page.getByTestId("act-FIX").click();
        page.getByTestId("ticket-words").fill("已在人口系统中更正");
        page.getByTestId("ticket-confirm").click();
        assertThat(page.getByTestId("ticket-state")).containsText("已整改，待核验");

        writeRegister(files, IDENTITY_NUMBER, "未婚");
        client.startRun(client.findSource("tickets").orElseThrow().path("id").asString());
        assertThat(page.getByTestId("ticket-state"))
                .containsText("已办结", new LocatorAssertions.ContainsTextOptions().setTimeout(MILLIS));
        assertThat(page.getByTestId("ticket-steps")).containsText("核验通过");
    }

    /** Its card is entered by one, held against what its people read out by another, and that it does not answer is said. */
    @Test
    void anotherInstallationIsEnteredAndConfirmed() {
        signIn("engineer");
        page.navigate(url("interconnect"));
        JsonNode own = JsonMapper.shared().readTree(page.getByTestId("own-card").textContent());
        page.getByTestId("enter-card").click();
        page.getByTestId("peer-name").fill("province");
        page.getByTestId("peer-card").fill("{}");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("这不是一张名片");
        assertThat(page.getByTestId("peer-propose")).isDisabled();
        page.getByTestId("peer-card")
                .fill(JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "name",
                                "省一体化平台",
                                "address",
                                "http://127.0.0.1:1",
                                "publicKey",
                                java.util.Base64.getEncoder()
                                        .encodeToString(
                                                Sealing.newKeyPair().getPublic().getEncoded()),
                                "evidenceKey",
                                own.path("evidenceKey").asString())));
        page.getByTestId("peer-propose").click();
        assertThat(page.getByTestId("peer-page")).containsText("省一体化平台");
        assertThat(page.getByTestId("peer-state")).containsText("待核对");
        assertThat(page.getByTestId("confirm-peer")).hasCount(0);
        String digits = page.getByTestId("fingerprint").textContent().strip();
        context.close();

        open(390, 844);
        fillSignIn("secadmin", password("secadmin"));
        assertThat(page.getByTestId("sign-in-submit")).hasCount(0);
        page.navigate(url("interconnect/province"));
        page.getByTestId("compared").fill("00000 00000 00000 00000 00000 00000");
        page.getByTestId("confirm-peer").click();
        assertThat(page.getByTestId("peer-page")).containsText("指纹与本侧显示的不一致");
        page.getByTestId("compared").fill(digits);
        page.getByTestId("confirm-peer").click();
        assertThat(page.getByTestId("peer-state")).containsText("已确认");
        assertThat(page.getByTestId("peer-state"))
                .containsText("没有应答", new LocatorAssertions.ContainsTextOptions().setTimeout(MILLIS));
        assertThat(((Number) page.evaluate("document.documentElement.scrollWidth")).intValue())
                .isLessThanOrEqualTo(390);
        page.getByTestId("peer-end").click();
        page.getByTestId("peer-sure").click();
        assertThat(page.getByTestId("peer-state")).containsText("已终止");
    }

    @Test
    void objectAsAResident() throws IOException {
        Path files = Files.createDirectory(folder.resolve("objections"));
        writeRegister(files, IDENTITY_NUMBER, "未婚");
        collect(client(), files, OFFICERS);
        String resource = resource("raw_objections");
        publish(resource, "人口登记");
        bindResident();

        context.close();
        open(390, 844);
        fillSignIn("resident", password("resident"));
        assertThat(page.getByTestId("own-objections")).isVisible();
        page.getByTestId("raise").click();
        page.getByTestId("own-entry")
                .filter(new Locator.FilterOptions().setHasText("人口登记"))
                .click();
        assertThat(page.getByTestId("raise-page")).containsText(IDENTITY_NUMBER);
        page.getByTestId("own-item-婚姻状况").click();
        page.getByTestId("own-should").fill("已婚");
        page.getByTestId("own-reason").fill("结婚证在手");
        assertThat(((Number) page.evaluate("document.documentElement.scrollWidth")).intValue())
                .isLessThanOrEqualTo(390);
        page.getByTestId("own-send").click();
        assertThat(page.getByTestId("own-state")).containsText("已提交，等待受理");
        assertThat(page.request().get(url("api/resources")).status()).isEqualTo(403);
        context.close();

        open(1440, 900);
        signIn("officer");
        page.navigate(url("objections"));
        page.getByTestId("objection-row").getByRole(AriaRole.LINK).click();
        assertThat(page.getByTestId("objection-page")).containsText("已婚");
        page.getByTestId("act-ACCEPT").click();
        assertThat(page.getByTestId("objection-state")).containsText("已受理");
        context.close();

        open(1440, 900);
        signIn("analyst");
        page.navigate(url("catalogue/" + resource));
        assertThat(page.getByTestId("preview-contested")).containsText("raw_objections");
        context.close();

        open(390, 844);
        fillSignIn("resident", password("resident"));
        assertThat(page.getByTestId("own-objection")).containsText("已受理");
    }

    @Test
    void departmentsShareUnderAGrant() throws IOException {
        Path files = Files.createDirectory(folder.resolve("shared"));
        writeRegister(files, IDENTITY_NUMBER, "未婚");
        collect(client(), files, OFFICERS);
        String resource = resource("raw_shared");
        publish(resource, "婚姻状况登记");

        signIn("applicant");
        page.navigate(url("catalogue/" + resource));
        page.getByTestId("add-to-cart").click();
        page.getByTestId("to-cart").click();
        page.getByTestId("apply").click();
        page.getByTestId("asked-scenario").fill("低保资格复核");
        page.getByTestId("asked-legalBasis").fill("《社会救助暂行办法》第十七条");
        page.getByTestId("asked-purpose").fill("核对申请人的婚姻状况");
        page.getByTestId("asked-system").fill("大救助系统");
        page.getByTestId("asked-contact").fill("0571-12345");
        choose("asked-level", "^3");
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        page.getByTestId("asked-from").fill(today.toString());
        page.getByTestId("asked-to").fill(today.plusMonths(6).toString());
        for (String field : List.of("身份证号", "婚姻状况")) {
            page.getByTestId("field-" + field).click();
            page.getByTestId("reason-" + field).fill("按申请人核对");
        }
        page.getByTestId("asked-undertaken").click();
        page.getByTestId("act-EDIT").click();
        assertThat(page.getByTestId("todo")).containsText("已填写完整");
        page.getByTestId("act-SUBMIT").click();
        assertThat(page.getByTestId("application-state")).containsText("待合规审查");
        String application = page.url();
        page.navigate(url("sql"));
        assertThat(page.getByTestId("sql-no-grants")).isVisible();
        context.close();

        open(1440, 900);
        signIn("engineer");
        page.navigate(url("share?tab=WAITING"));
        Locator waiting = page.getByTestId("application-row").filter(new Locator.FilterOptions().setHasText("低保资格复核"));
        assertThat(waiting).containsText("民政局");
        waiting.getByRole(AriaRole.LINK).click();
        page.getByTestId("act-PASS").click();
        page.getByTestId("say-confirm").click();
        assertThat(page.getByTestId("application-state")).containsText("部门答复中");
        context.close();

        open(1440, 900);
        signIn("officer");
        page.navigate(url("share?tab=WAITING"));
        page.getByTestId("application-row")
                .filter(new Locator.FilterOptions().setHasText("低保资格复核"))
                .getByRole(AriaRole.LINK)
                .click();
        page.getByTestId("part-GRANT").click();
        // The department gives the words and keeps most of the number to itself.
        page.getByTestId("narrow-身份证号").click();
        page.getByRole(AriaRole.OPTION, new Page.GetByRoleOptions().setName("保留前 6 后 4 位"))
                .click();
        page.getByTestId("say-confirm").click();
        assertThat(page.getByTestId("part-state")).containsText("已授权");
        page.navigate(url("catalogue/" + resource));
        assertThat(page.getByTestId("reading").filter(new Locator.FilterOptions().setHasText("保留前 6 后 4 位")))
                .containsText("民政局");
        context.close();

        open(1440, 900);
        signIn("applicant");
        page.navigate(application);
        assertThat(page.getByTestId("part-state")).containsText("已授权");
        page.getByTestId("part-state").getByRole(AriaRole.LINK).click();
        assertThat(page.getByTestId("grant-state")).containsText("现在有效");
        String grant = page.url();
        page.navigate(url("sql"));
        assertThat(page.getByTestId("sql-grant")).isVisible();
        page.getByTestId("sql-case").fill("JZ-2026-0001");
        Locator editor = page.getByTestId("sql-editor");
        editor.fill("SELECT * FROM raw_shared.人口登记 WHERE 婚姻状况 = '未婚'");
        page.getByTestId("sql-run").click();
        Locator result = page.getByTestId("sql-result");
        assertThat(result.getByRole(AriaRole.GRIDCELL))
                .hasText(new String[] {IDENTITY_NUMBER.replaceAll("(?<=^.{6}).{8}", "********"), "未婚"});
        editor.fill("SELECT 编号 FROM raw_shared.人口登记");
        page.getByTestId("sql-run").click();
        assertThat(page.getByTestId("sql-error")).isVisible();
        context.close();

        open(1440, 900);
        signIn("officer");
        page.navigate(grant);
        assertThat(page.getByTestId("grant-state")).containsText("使用中");
        page.getByTestId("act-SUSPEND").click();
        page.getByTestId("say-words").fill("核实接收系统的安全等级");
        page.getByTestId("say-confirm").click();
        assertThat(page.getByTestId("grant-state")).containsText("现在无效");
        context.close();

        open(390, 844);
        fillSignIn("applicant", password("applicant"));
        assertThat(page.getByTestId("overview")).isVisible();
        page.navigate(grant);
        assertThat(page.getByTestId("grant-state")).containsText("已暂停");
        assertThat(page.getByTestId("grant-page")).containsText("核实接收系统的安全等级");
        page.navigate(url("sql"));
        assertThat(page.getByTestId("sql-no-grants")).isVisible();
    }

    @Test
    void seeWhoReadAboutMeAndAskWhy() throws IOException {
        Path files = Files.createDirectory(folder.resolve("footprints"));
        writeRegister(files, IDENTITY_NUMBER, "已婚");
        collect(client(), files, OFFICERS);
        publish(resource("raw_footprints"), "婚姻登记");
        bindResident();
        context.close();
        try (Asking operator = new Asking()) {
            operator.send("POST", "api/sql", Map.of("sql", "SELECT 身份证号 FROM raw_footprints.人口登记 WHERE 编号 = 'R0001'"));
        }

        open(390, 844);
        fillSignIn("resident", password("resident"));
        assertThat(page.getByTestId("own-objections")).isVisible();
        page.navigate(url("my/footprints"));
        Locator read = page.getByTestId("own-footprint")
                .filter(new Locator.FilterOptions().setHasText("数据局"))
                .first();
        assertThat(read).containsText("查到了您");
        assertThat(read).containsText("婚姻登记");
        assertThat(((Number) page.evaluate("document.documentElement.scrollWidth")).intValue())
                .isLessThanOrEqualTo(390);
        read.getByTestId("own-ask").click();
        read.getByTestId("own-question").fill("为什么查询我的婚姻登记？");
        read.getByTestId("own-question-send").click();
        assertThat(page.getByTestId("own-asked")).containsText("ZX");
        Download proof =
                page.waitForDownload(() -> read.getByTestId("own-proof").click());
        assertThat(Files.readString(proof.path(), UTF_8)).contains("c2sp.org/tlog-proof@v1");
        page.getByTestId("to-own-data").click();
        Locator holding = page.getByTestId("own-holding").filter(new Locator.FilterOptions().setHasText("婚姻登记"));
        holding.getByTestId("own-show").click();
        assertThat(page.getByTestId("own-record")).containsText(IDENTITY_NUMBER);
        assertThat(page.request().get(url("api/footprints/questions")).status()).isEqualTo(403);
        context.close();

        open(1440, 900);
        signIn("engineer");
        page.navigate(url("footprints"));
        Locator question = page.getByTestId("question-row").filter(new Locator.FilterOptions().setHasText("婚姻登记？"));
        question.getByTestId("answer").click();
        question.getByTestId("answer-words").fill("系统运维人员核对归集结果，未对外提供。");
        question.getByTestId("answer-send").click();
        assertThat(question).containsText("已答复");
        context.close();

        open(390, 844);
        fillSignIn("resident", password("resident"));
        assertThat(page.getByTestId("own-objections")).isVisible();
        page.navigate(url("my/questions"));
        assertThat(page.getByTestId("own-question-row")).containsText("核对归集结果");
    }

    @Test
    void findAndTakeOpenDataWithoutSigningIn() throws IOException {
        Path files = Files.createDirectory(folder.resolve("opened"));
        Files.writeString(files.resolve("公园名录.csv"), "公园,片区\n花港观鱼,西湖\n湖滨公园,上城\n", UTF_8);
        collect(client(), files, OFFICERS);
        String resource = resource("raw_opened");
        try (Asking operator = new Asking()) {
            for (String field : List.of("公园", "片区")) {
                JsonNode now = operator.get("api/resources/" + resource + "/classification")
                        .path("fields")
                        .valueStream()
                        .filter(each -> each.path("name").asString().equals(field))
                        .findFirst()
                        .orElseThrow();
                operator.send(
                        "POST",
                        "api/resources/" + resource + "/classification",
                        Map.of(
                                "field",
                                field,
                                "level",
                                "L1",
                                "grade",
                                "GENERAL",
                                "reason",
                                "公开的公园信息",
                                "proposedLevel",
                                now.path("proposedLevel").asString()));
            }
        }
        publish(resource, "公园名录", "OPEN");
        context.close();

        open(390, 844);
        page.navigate(url("open"));
        page.getByTestId("open-words").fill("公园");
        page.getByTestId("open-find").click();
        page.getByTestId("open-dataset").getByRole(AriaRole.LINK).first().click();
        assertThat(page.getByTestId("open-dataset-page")).containsText("公园名录");
        assertThat(page.getByTestId("open-rows")).containsText("花港观鱼");
        assertThat(((Number) page.evaluate("document.documentElement.scrollWidth")).intValue())
                .isLessThanOrEqualTo(390);
        Download csv = page.waitForDownload(() -> page.getByTestId("open-csv").click());
        assertThat(Files.readString(csv.path(), UTF_8)).contains("湖滨公园");
        assertThat(page.request().get(url("api/directory")).status()).isEqualTo(401);
    }

    /** A register of 40 people, the first of them with this number and this word. */
    private static void writeRegister(Path files, String number, String married) throws IOException {
        StringBuilder register = new StringBuilder("编号,身份证号,婚姻状况\n");
        register.append("R0001,%s,%s\n".formatted(number, married));
        for (int i = 2; i <= 40; i++) {
            register.append("R%04d,%s,已婚\n".formatted(i, identityNumber(i)));
        }
        Files.writeString(files.resolve("人口登记.csv"), register, UTF_8);
    }

    /** The only resource of a namespace. */
    private static String resource(String namespace) throws IOException {
        try (Asking operator = new Asking()) {
            return operator.get("api/resources?limit=200")
                    .path("items")
                    .valueStream()
                    .filter(each -> each.path("lakeTable").asString().startsWith(namespace + "."))
                    .findFirst()
                    .orElseThrow()
                    .path("id")
                    .asString();
        }
    }

    /** The operator of the installation, over the REST API. */
    private static final class Asking implements AutoCloseable {
        private final APIRequestContext requests;

        private Asking() throws IOException {
            requests = playwright
                    .request()
                    .newContext(new APIRequest.NewContextOptions()
                            .setExtraHTTPHeaders(Map.of(
                                    "Authorization",
                                    "Bearer "
                                            + Files.readString(home.operatorToken(), UTF_8)
                                                    .strip())));
        }

        private JsonNode get(String path) {
            return JsonMapper.shared().readTree(requests.get(url(path)).text());
        }

        private JsonNode send(String method, String path, Map<String, ?> body) {
            APIResponse answer = requests.fetch(
                    url(path),
                    RequestOptions.create()
                            .setMethod(method)
                            .setHeader("Content-Type", "application/json")
                            .setData(JsonMapper.shared().writeValueAsString(body)));
            assertThat(answer.status()).as(path + " " + answer.text()).isLessThan(300);
            return answer.text().isEmpty()
                    ? JsonMapper.shared().createObjectNode()
                    : JsonMapper.shared().readTree(answer.text());
        }

        @Override
        public void close() {
            requests.dispose();
        }
    }

    /** Said by one, reviewed by another. */
    private void publish(String resource, String title) throws IOException {
        publish(resource, title, "FORBIDDEN");
    }

    private void publish(String resource, String title, String openClass) throws IOException {
        try (Asking operator = new Asking()) {
            String entry = IntStream.iterate(0, offset -> offset < 1_000, offset -> offset + 100)
                    .boxed()
                    .flatMap(offset -> operator.get("api/directory?limit=100&offset=" + offset)
                            .path("items")
                            .valueStream())
                    .map(each -> each.path("id").asString())
                    .filter(id -> operator.get("api/directory/" + id)
                            .path("resource")
                            .asString("")
                            .equals(resource))
                    .findFirst()
                    .orElseThrow();
            JsonNode draft = operator.get("api/directory/" + entry);
            Map<String, Object> statement = Map.ofEntries(
                    Map.entry("classification", "306001"),
                    Map.entry("title", title),
                    Map.entry("summary", "本市人口的登记。"),
                    Map.entry("theme", "PUBLIC_SERVICE"),
                    Map.entry("format", "SPREADSHEET"),
                    Map.entry("items", draft.path("statement").path("items")),
                    Map.entry("shareClass", "CONDITIONAL"),
                    Map.entry("shareCondition", "限办理政务服务事项时核验"),
                    Map.entry("shareMode", "API"),
                    Map.entry("openClass", openClass),
                    Map.entry("updateCycle", "DAILY"),
                    Map.entry("relatedResourceCodes", List.of()));
            int revision = draft.path("revision").asInt();
            operator.send("PUT", "api/directory/" + entry, Map.of("revision", revision, "statement", statement));
            operator.send("POST", "api/directory/" + entry + "/submit", Map.of("revision", ++revision, "words", ""));
            signIn("engineer");
            page.navigate(url("directory/" + entry));
            page.getByTestId("act-TAKE").click();
            page.getByTestId("act-PUBLISH").click();
            assertThat(page.getByTestId("entry-page")).containsText("已发布");
            context.close();
            open(1440, 900);
        }
    }

    /** As the system administrator does it, who sets a second factor first. */
    private void bindResident() {
        if (residentIsBound) {
            return;
        }
        residentIsBound = true;
        fillSignIn("sysadmin", password("sysadmin"));
        assertThat(page.getByTestId("menu")).isVisible();
        String key = asSignedIn("POST", "api/session/second-factor", Map.of())
                .path("key")
                .asString();
        asSignedIn("PUT", "api/session/second-factor", Map.of("code", code(key)));
        asSignedIn("PUT", "api/accounts/resident/resident", Map.of("number", IDENTITY_NUMBER));
    }

    private JsonNode asSignedIn(String method, String path, Map<String, ?> body) {
        String token = context.cookies().stream()
                .filter(cookie -> cookie.name.equals("QT-CSRF"))
                .findFirst()
                .orElseThrow()
                .value;
        APIResponse answer = page.request()
                .fetch(
                        url(path),
                        RequestOptions.create()
                                .setMethod(method)
                                .setHeader("X-CSRF-Token", URLDecoder.decode(token, UTF_8))
                                .setHeader("Content-Type", "application/json")
                                .setData(JsonMapper.shared().writeValueAsString(body)));
        assertThat(answer.status()).as(path + " " + answer.text()).isLessThan(300);
        return answer.text().isEmpty()
                ? JsonMapper.shared().createObjectNode()
                : JsonMapper.shared().readTree(answer.text());
    }

    /** What an authenticator shows for a key in base 32 (RFC 6238). */
    private static String code(String key) {
        try {
            BigInteger bits = BigInteger.ZERO;
            int length = 0;
            for (char letter :
                    key.replaceAll("[ =]", "").toUpperCase(Locale.ROOT).toCharArray()) {
                bits = bits.shiftLeft(5).add(BigInteger.valueOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter)));
                length += 5;
            }
            byte[] secret = new byte[length / 8];
            bits = bits.shiftRight(length % 8);
            for (int i = secret.length - 1; i >= 0; i--) {
                secret[i] = bits.byteValue();
                bits = bits.shiftRight(8);
            }
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret, "HmacSHA1"));
            byte[] hash = mac.doFinal(ByteBuffer.allocate(8)
                    .putLong(Instant.now().getEpochSecond() / 30)
                    .array());
            int at = hash[hash.length - 1] & 15;
            int number = ByteBuffer.wrap(hash, at, 4).getInt() & Integer.MAX_VALUE;
            return "%06d".formatted(number % 1_000_000);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void followLineageFromAnIndicatorToASourceColumn() throws IOException {
        HubClient client = client();
        collect(client, writeFiles("lineage"));
        for (String text : List.of("""
                -- table: std_browser.reading
                -- title: 读数（标准）
                -- department: police
                -- key: id
                -- test: 数值是数
                -- given raw_lineage.readings: [{"id": "1", "meter": "M1", "value": "0.5"}]
                -- expect: [{"id": "1", "reading": 0.5}]
                SELECT id, meter, value::DOUBLE AS reading FROM raw_lineage.readings
                """, """
                -- table: ind_browser.by_meter
                -- title: 各表平均读数
                -- department: police
                -- key: meter
                SELECT meter, avg(reading) AS average FROM std_browser.reading GROUP BY meter
                """)) {
            String table = client.applyMapping(text).path("state").path("table").asString();
            assertThat(client.awaitMapping(table).path("state").path("state").asString())
                    .isEqualTo("CURRENT");
        }
        signIn("analyst");

        page.getByTestId("menu")
                .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("数据治理"))
                .click();
        page.getByTestId("mapping-ind_browser.by_meter").click();
        assertThat(page.getByTestId("mapping-page")).containsText("各表平均读数");
        // The page's address ends in the table's name.
        page.reload();
        assertThat(page.getByTestId("mapping-page")).containsText("各表平均读数");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("查看数据"))
                .click();
        page.getByTestId("lineage-full").click();
        page.locator("[aria-label='ind_browser.by_meter average']").click();
        // The indicator's column, the standard table's, the lake's and the file's light up; the meter's do not.
        for (String column :
                List.of("ind_browser.by_meter average", "std_browser.reading reading", "raw_lineage.readings value")) {
            assertThat(page.locator("[aria-label='" + column + "']")).hasClass(Pattern.compile(".*\\blit\\b.*"));
        }
        assertThat(page.locator("[aria-label='std_browser.reading id']"))
                .not()
                .hasClass(Pattern.compile(".*\\blit\\b.*"));
        page.locator("[aria-label='raw_lineage.readings value']").click();
        page.getByTestId("impact").click();
        assertThat(page.getByTestId("impact-dialog")).containsText("ind_browser.by_meter.average");
    }

    @Test
    void overrideALevel() throws IOException {
        HubClient client = client();
        collect(client, writeFiles("levels"));
        signIn("engineer");
        openResource("raw_levels.居民名册");

        page.getByTestId("class-编号").click();
        page.getByTestId("class-decide").click();
        page.getByTestId("class-level").click();
        page.getByRole(AriaRole.OPTION, new Page.GetByRoleOptions().setName(Pattern.compile("^L3")))
                .click();
        assertThat(page.getByTestId("class-level")).containsText("L3");
        page.getByTestId("class-reason").fill("编号可与户籍库关联到个人");
        page.getByTestId("class-save").click();

        assertThat(page.getByTestId("class-history")).containsText("编号可与户籍库关联到个人");
        page.reload();
        Locator grid = page.getByTestId("preview-grid");
        assertThat(grid).isVisible();
        assertThat(grid.getByTestId("masked-mark")).hasCount(5);
        assertThat(grid).not().containsText("R0001");
    }

    @Test
    void publishAResource() throws IOException {
        HubClient client = client();
        collect(client, writeFiles("published"), "hotline");
        signIn("officer");
        page.navigate(url("directory?q=payments"));
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(Pattern.compile("payments")))
                .first()
                .click();
        page.getByTestId("field-title").fill("缴费登记");
        page.getByTestId("field-summary").fill("市民热线登记的缴费，一行一笔。");
        choose("field-classification-kind", "^3");
        page.getByTestId("field-classification-item").fill("06");
        page.getByTestId("field-classification-part").fill("001");
        choose("field-shareClass", "^有条件共享");
        page.getByTestId("field-shareCondition").fill("办理缴费核对时查询");
        chooseLabelled("共享方式", "^接口");
        chooseLabelled("开放属性", "^禁止开放");
        chooseLabelled("更新周期", "^每日");
        page.getByTestId("save").click();
        assertThat(page.getByTestId("todo")).not().containsText("1");
        page.getByTestId("act-SUBMIT").click();
        assertThat(page.getByTestId("entry-page")).containsText("待审核");
        String entry = page.url();
        context.close();
        open(1440, 900);

        signIn("engineer");
        page.navigate(entry);
        page.getByTestId("act-TAKE").click();
        page.getByTestId("act-PUBLISH").click();

        assertThat(page.getByTestId("entry-page")).containsText("已发布");
        assertThat(page.getByTestId("entry-page")).containsText(Pattern.compile("306001/[1-9]"));
    }

    private void openResource(String table) {
        page.navigate(url("catalogue"));
        page.getByTestId("catalogue-search").fill(table);
        page.getByTestId("resource-" + table).getByRole(AriaRole.LINK).first().click();
        assertThat(page.getByTestId("classification")).isVisible();
        // Nothing moves any more.
        assertThat(page.getByTestId("skeleton")).hasCount(0);
    }

    private void choose(String testId, String option) {
        page.getByTestId(testId).click();
        page.getByRole(AriaRole.OPTION, new Page.GetByRoleOptions().setName(Pattern.compile(option)))
                .click();
    }

    private void chooseLabelled(String label, String option) {
        page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName(label))
                .press("Enter");
        page.getByRole(AriaRole.OPTION, new Page.GetByRoleOptions().setName(Pattern.compile(option)))
                .click();
    }

    private void addSource(Path files) {
        page.getByTestId("menu")
                .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("数源系统"))
                .click();
        page.getByTestId("add-source").first().click();
        page.getByTestId("source-location").fill(files.toString());
        page.getByTestId("test-connection").click();
        assertThat(page.getByTestId("test-result")).containsText("3");
        page.getByTestId("source-department").click();
        page.getByRole(AriaRole.OPTION, new Page.GetByRoleOptions().setName("公安局"))
                .click();
        page.getByTestId("source-title").fill("公安局人口文件");
        page.getByTestId("source-name").fill("visit");
        page.getByTestId("save-source").click();
        assertThat(page.getByTestId("source-page")).containsText("公安局人口文件");
    }

    /** Starts the collection from the source's page and waits on the run's page until it has ended. */
    private String collect() {
        page.getByTestId("run-now").click();
        page.waitForURL(Pattern.compile(".*/runs/[^/]+$"));
        assertThat(page.getByTestId("run-progress")).isVisible();
        assertThat(page.getByTestId("verdict")).hasAttribute("data-state", Pattern.compile("QUEUED|RUNNING"));
        assertThat(page.getByTestId("run-progress"))
                .isHidden(new LocatorAssertions.IsHiddenOptions().setTimeout(MILLIS));
        return page.url().replaceAll(".*/", "");
    }

    private void seeVerdict() {
        assertThat(page.getByTestId("verdict")).hasAttribute("data-state", "INCOMPLETE");
        assertThat(page.getByTestId("verdict")).containsText("不完整：3 张表中有 1 张没有收全");
        assertThat(page.getByTestId("missing")).containsText("payments");
        assertThat(page.getByTestId("total-rejected")).containsText("1");
        page.getByTestId("tab-receipt").click();
        assertThat(page.getByTestId("receipt-fingerprint")).not().isEmpty();
    }

    private void downloadReceipt(String run) throws IOException {
        Download download =
                page.waitForDownload(() -> page.getByTestId("download-receipt").click());
        assertThat(download.suggestedFilename()).isEqualTo("receipt-visit-" + run + ".json");

        ReceiptVerifier.Result checked = ReceiptVerifier.verify(
                Files.readAllBytes(download.path()), Sealing.publicKey(Files.readAllBytes(home.receiptKey())));

        assertThat(checked.isValid()).as(checked.toString()).isTrue();
        Receipt receipt = checked.receipt().orElseThrow();
        assertThat(receipt.verdict()).isEqualTo(Receipt.Verdict.incomplete);
        assertThat(receipt.missing()).extracting(Receipt.Missing::object).containsExactly("payments.csv");
        assertThat(receipt.totals().rowsLanded()).isEqualTo(RESIDENTS + READINGS + 2L);
        assertThat(receipt.totals().rowsRejected()).isEqualTo(1);
    }

    private void seeReject() {
        page.getByTestId("tab-rejects").click();
        Locator row = page.getByTestId("rejects")
                .getByRole(AriaRole.ROW)
                .filter(new Locator.FilterOptions().setHasText("P2"));
        assertThat(row).hasCount(1);
        // The third line of the file: a heading, one whole row, and then the one with a cell too many.
        assertThat(row.getByRole(AriaRole.GRIDCELL).nth(0)).containsText("3");
        assertThat(row).containsText("P2,80.00,too,many");
        assertThat(row.getByRole(AriaRole.GRIDCELL).nth(2)).containsText(Pattern.compile("4\\D+2"));
    }

    private void findByChineseWord() {
        page.getByTestId("menu")
                .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("数据资源"))
                .click();
        page.getByTestId("catalogue-search").fill("居民名册");
        Locator found = page.getByTestId("resource-raw_visit.居民名册");
        assertThat(found).isVisible();
        assertThat(found).containsText("公安局");
        page.getByTestId("catalogue-search").fill("身份证");
        assertThat(found).containsText("身份证号");
        Response preview = page.waitForResponse(
                Pattern.compile(".*/preview.*"),
                () -> found.getByRole(AriaRole.LINK).first().click());
        assertThat(preview.text()).doesNotContain(IDENTITY_NUMBER, NAME, PHONE);
    }

    private void seePreviewMasked() {
        Locator grid = page.getByTestId("preview-grid");
        // Names, identity numbers, telephones and addresses.
        assertThat(grid.getByTestId("masked-mark")).hasCount(4);
        assertThat(grid.locator("[data-masked]").first()).containsText("*");
        assertThat(grid).containsText("R0001");
        assertThat(page.content()).doesNotContain(IDENTITY_NUMBER, NAME, PHONE);
    }

    private void count() {
        page.getByTestId("open-in-sql").click();
        Locator editor = page.getByTestId("sql-editor");
        assertThat(editor).isVisible();
        editor.fill("SELECT count(*) AS n FROM raw_visit.\"居民名册\"");
        page.getByTestId("sql-run").click();
        Locator result = page.getByTestId("sql-result");
        assertThat(result.getByRole(AriaRole.GRIDCELL)).hasText(new String[] {String.valueOf(RESIDENTS)});
        assertThat(page.getByTestId("sql-used-table")).containsText("raw_visit.居民名册");
        assertThat(page.getByTestId("sql-masked")).isHidden();

        editor.fill("SELECT 姓名 AS 名字, count(*) FROM raw_visit.\"居民名册\" GROUP BY 1");
        page.getByTestId("sql-run").click();
        assertThat(page.getByTestId("sql-masked")).containsText("姓名");
        assertThat(result.getByTestId("masked-mark")).hasCount(1);
    }

    private void open(int width, int height) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setLocale("zh-CN")
                .setTimezoneId("Asia/Shanghai")
                .setAcceptDownloads(true)
                .setViewportSize(width, height));
        page = context.newPage();
        page.setDefaultTimeout(60_000);
        page.onPageError(errors::add);
        page.navigate(address.url());
    }

    private static String url(String path) {
        return URI.create(address.url()).resolve("/" + path).toString();
    }

    private void signIn(String username) {
        fillSignIn(username, password(username));
        assertThat(page.getByTestId("overview")).isVisible();
    }

    private void fillSignIn(String username, String password) {
        page.getByTestId("sign-in-username").fill(username);
        page.getByTestId("sign-in-password").fill(password);
        page.getByTestId("sign-in-submit").click();
    }

    /** The password of a trial account, read where the sign-in page says it is. */
    private static String password(String username) {
        try {
            String accounts = Files.readString(home.secrets().resolve("trial-accounts.json"), UTF_8);
            return JsonMapper.shared()
                    .readTree(accounts)
                    .valueStream()
                    .filter(account -> account.path("username").asString().equals(username))
                    .findFirst()
                    .orElseThrow()
                    .path("password")
                    .asString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HubClient client() throws IOException {
        return new HubClient(
                address.url(), Files.readString(home.operatorToken(), UTF_8).strip(), "zh-CN");
    }

    private static void collect(HubClient client, Path files) {
        collect(client, files, "police");
    }

    private static void collect(HubClient client, Path files, String department) {
        String name = files.getFileName().toString();
        String source = client.createSource(name, name, department, files.toString(), "", "")
                .path("id")
                .asString();
        String run = client.startRun(source).path("id").asString();
        await().atMost(PATIENCE)
                .until(() -> Set.of("COMPLETE", "INCOMPLETE", "FAILED")
                        .contains(client.getRun(run).path("state").asString()));
    }

    /** A department's folder: a register of people, a long table of readings, and payments of which one row is ragged. */
    private static Path writeFiles(String name) throws IOException {
        Path files = Files.createDirectory(folder.resolve(name));
        StringBuilder residents = new StringBuilder("编号,姓名,身份证号,手机号,居住地\n");
        residents.append("R0001,%s,%s,%s,杭州市\n".formatted(NAME, IDENTITY_NUMBER, PHONE));
        for (int i = 2; i <= RESIDENTS; i++) {
            residents.append("R%04d,%s%s,%s,139%08d,杭州市\n"
                    .formatted(
                            i,
                            "王李张刘陈杨赵黄周吴".charAt(i % 10),
                            List.of("伟", "秀英", "建国", "丽", "志强").get(i % 5),
                            identityNumber(i),
                            10_000_000 + i));
        }
        Files.writeString(files.resolve("居民名册.csv"), residents, UTF_8);
        Files.writeString(files.resolve("payments.csv"), "id,amount\nP1,79.50\nP2,80.00,too,many\nP3,81.25\n", UTF_8);
        StringBuilder readings = new StringBuilder("id,meter,value\n");
        for (int i = 0; i < READINGS; i++) {
            readings.append(i)
                    .append(",M")
                    .append(i % 500)
                    .append(',')
                    .append(i % 97)
                    .append(".5\n");
        }
        Files.writeString(files.resolve("readings.csv"), readings, UTF_8);
        return files;
    }

    /** A number of the form of GB 11643 that passes its check digit and belongs to nobody. */
    private static String identityNumber(int serial) {
        String first = "110105%d%02d%02d%03d".formatted(1950 + serial % 50, 1 + serial % 12, 1 + serial % 28, serial);
        int[] weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * Character.digit(first.charAt(i), 10);
        }
        return first + "10X98765432".charAt(sum % 11);
    }
}
