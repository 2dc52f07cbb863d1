package org.qiantang.app;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.exchange.ReceiverRules;
import org.qiantang.org.PasswordRules;
import org.qiantang.org.SecondFactors;
import org.qiantang.share.AnswerDays;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Every key under {@code qiantang.}; any other stops the start.
 *
 * @param home the installation's folder
 * @param installation its name, as receipts and screens show it
 * @param timeZone where the city's clocks stand: its days begin there, and schedules are meant so
 * @param trial whether data and accounts are made up
 * @param masterKeyFile seals source passwords; by default {@code secrets/master.key} of the home
 * @param receiptKeyFile signs receipts (Ed25519, PKCS #8); by default {@code secrets/receipt.key} of the home
 * @param operatorTokenFile what the command line shows to come in; by default {@code secrets/operator.token} of the home
 * @param collectors how many workers collect at the same time (1 to 16); each takes up to 1 GiB of memory
 * @param historyDays for how many days the lake can be read as it was (1 to 1,100)
 * @param importantPersons from so many identified persons on a table's personal fields are proposed as important data (GB/T 43697)
 * @param profiles whether what is collected and what is made of it is profiled, {@code on} or {@code off}
 * @param profileAlarms from where on a change between two collections is an alarm
 * @param wordsFile words of the city's own that mean the same to the search, in the form of docs/search.md
 * @param passwordMinLength how many characters a password has at least (10 to 64)
 * @param secondFactor who has to have one, {@code administrators} or {@code everybody}
 * @param sessionLongest after how long one has to sign in again, however busy one is (at most 24 hours)
 * @param events by which ways events come in
 * @param database a PostgreSQL of one's own instead of the one the hub starts
 * @param engine who answers SQL: {@code duckdb}, which is the lake worker itself, or {@code trino}
 * @param trino the cluster, when it is the engine
 * @param openlineage who is told of lineage
 * @param quality deadlines of tickets and objections
 * @param share deadlines of applications, and what silence means
 * @param zone what holds in authorised operation zones
 * @param evidence how evidence is made, and for how long it can be read
 * @param portal on what terms data are open to everybody
 * @param webhooks whom subscriptions may call
 * @param publicUrl the address people use, such as {@code https://data.example.gov.cn}; needed to sign in by a provider from elsewhere
 * @param trustedProxies addresses (or networks, {@code 10.0.0.0/28}) of the proxies whose {@code X-Forwarded-For} and
 *     {@code X-Forwarded-Proto} count; by default nobody's do
 * @param clientAuthorities certificates (PEM) of those who may say whose a client's certificate is; without them clients are known by
 *     certificates of their own alone
 * @param oidc providers of identities by which people may sign in, each under a name of one's own
 */
@ConfigurationProperties("qiantang")
public record QiantangProperties(
        Path home,
        @DefaultValue("钱塘") String installation,
        @DefaultValue(QiantangProperties.TIME_ZONE) ZoneId timeZone,
        @DefaultValue("false") boolean trial,
        @Nullable Path masterKeyFile,
        @Nullable Path receiptKeyFile,
        @Nullable Path operatorTokenFile,
        @DefaultValue("1") int collectors,
        @DefaultValue("" + HISTORY_DAYS) int historyDays,
        @DefaultValue("1000000") long importantPersons,
        @DefaultValue("on") String profiles,
        @DefaultValue ProfileAlarms profileAlarms,
        @Nullable Path wordsFile,
        @DefaultValue("" + PasswordRules.LEAST_LENGTH) int passwordMinLength,
        @DefaultValue("administrators") SecondFactors.Obliged secondFactor,
        @DefaultValue("12h") Duration sessionLongest,
        @Nullable Events events,
        @Nullable Database database,
        @DefaultValue("duckdb") String engine,
        @Nullable Trino trino,
        @Nullable Openlineage openlineage,
        @DefaultValue Quality quality,
        @DefaultValue Share share,
        @DefaultValue Zone zone,
        @DefaultValue Evidence evidence,
        @DefaultValue Portal portal,
        @DefaultValue Webhooks webhooks,
        @Nullable URI publicUrl,
        @DefaultValue List<String> trustedProxies,
        @Nullable Path clientAuthorities,
        @DefaultValue Map<String, Oidc> oidc) {
    /** Unless the operator says otherwise. */
    public static final int HISTORY_DAYS = 7;

    /** Unless the operator or the trial's city says otherwise. */
    public static final String TIME_ZONE = "Asia/Shanghai";

    /**
     * What {@link org.qiantang.catalog.AlarmLimits} says of each.
     *
     * @param leastRows of tables with fewer rows nothing is said
     * @param rowsFall share of the rows that is lost
     * @param rowsRise times the rows that there were
     * @param nulls by how much the share of rows without a value rises
     * @param distinct share of the different values that is lost
     * @param range by how many times its width the range is left
     * @param pattern share of the values written in a way that was not there before
     * @param late times the usual age of the newest value, and a day
     */
    public record ProfileAlarms(
            @DefaultValue("20") long leastRows,
            @DefaultValue("0.5") double rowsFall,
            @DefaultValue("3") double rowsRise,
            @DefaultValue("0.2") double nulls,
            @DefaultValue("0.5") double distinct,
            @DefaultValue("1") double range,
            @DefaultValue("0.2") double pattern,
            @DefaultValue("2") double late) {}

    /**
     * Ports at which events come in besides HTTP; nobody listens at 0.
     *
     * @param hj212Port for instruments
     * @param mqttPort for devices that publish by MQTT, usually 1883
     */
    public record Events(
            @DefaultValue("0") int hj212Port,
            @DefaultValue("0") int mqttPort) {}

    /** A PostgreSQL 16 or newer. */
    public record Database(
            String url, @Nullable String username, @Nullable String password) {
        @Override
        public String toString() {
            return "Database[" + url + "]";
        }
    }

    /**
     * A Trino cluster over the same tables, as {@code bin/cluster} starts one.
     *
     * @param url {@code https://host:port} of its coordinator
     * @param certificate PEM of whom to trust; by default the authorities Java knows
     */
    public record Trino(
            String url,
            @Nullable String username,
            @Nullable String password,
            @Nullable Path certificate) {
        @Override
        public String toString() {
            return "Trino[" + url + "]";
        }
    }

    /**
     * How many working days there are for what.
     *
     * @param answerDays for a department to mend what a ticket says
     * @param escalateDays beyond that, until those above are told
     * @param objectionDays for a department to settle an objection
     */
    public record Quality(
            @DefaultValue("5") int answerDays,
            @DefaultValue("2") int escalateDays,
            @DefaultValue("10") int objectionDays) {}

    /**
     * How many working days there are for each answer to an application.
     *
     * @param complianceDays for the bureau to review it
     * @param providerDays for a source department to answer it, and to settle a negotiation
     * @param decisionDays for the bureau to decide what was escalated
     * @param escalateDays beyond a source department's day, until its silence has consequences
     * @param silence what those are: {@code escalate} to the bureau, or {@code grant} what was asked for
     */
    public record Share(
            @DefaultValue("2") int complianceDays,
            @DefaultValue("5") int providerDays,
            @DefaultValue("5") int decisionDays,
            @DefaultValue("2") int escalateDays,
            @DefaultValue("escalate") AnswerDays.Silence silence) {}

    /**
     * What holds in every authorised operation zone.
     *
     * @param leastK of fewer persons nothing is released (5 or more)
     * @param mostRows of a result (at most 1,000,000)
     * @param runsADay of one zone
     * @param reviewDays working days for the bureau to review a result
     */
    public record Zone(
            @DefaultValue("5") int leastK,
            @DefaultValue("100000") int mostRows,
            @DefaultValue("200") int runsADay,
            @DefaultValue("5") int reviewDays) {}

    /**
     * The log of who read what and who did what.
     *
     * @param suite the hash and the signature: {@code sha256-ed25519}, or the national {@code sm3-sm2}; each has a log of its own
     * @param years for how long its entries can be read (3 to 100); that they were there can be proved for ever
     */
    public record Evidence(
            @DefaultValue("sha256-ed25519") EvidenceSuite suite,
            @DefaultValue("3") int years) {}

    /** By which cryptography evidence is made. */
    public enum EvidenceSuite {
        SHA256_ED25519,
        SM3_SM2,
    }

    /**
     * On what terms data are open to everybody.
     *
     * @param licence under which they may be used
     * @param smallCell statistics of fewer are not told, unless an entry says another number
     * @param callsAMinute from one address
     * @param mostRows of a file; what is larger is read page by page
     */
    public record Portal(
            @DefaultValue("CC BY 4.0") String licence,
            @DefaultValue("5") int smallCell,
            @DefaultValue("120") int callsAMinute,
            @DefaultValue("1000000") long mostRows) {}

    /**
     * Receivers of webhooks.
     *
     * @param hosts names or addresses in the city's own network that may be called ({@code *.example.gov.cn} for all below a name);
     *     any other has to be a public address
     * @param plainHttp whether they may be called by {@code http}: {@code refused} or {@code allowed}
     */
    public record Webhooks(
            @DefaultValue List<String> hosts,
            @DefaultValue("refused") ReceiverRules.PlainHttp plainHttp) {}

    /**
     * A platform that takes OpenLineage events.
     *
     * @param url where they are posted
     * @param apiKey what it asks for, as a bearer token
     */
    public record Openlineage(String url, @Nullable String apiKey) {
        @Override
        public String toString() {
            return "Openlineage[" + url + "]";
        }
    }

    /**
     * An OpenID Connect provider.
     *
     * @param issuer where it is, exactly as its tokens name it; {@code https} unless on this machine
     * @param clientId what it calls this installation
     * @param clientSecretFile a file with the secret it gave this installation; by default the client is public and has none
     * @param clientSecret the same in place of a file, for what passes secrets in the environment
     * @param scopes what is asked of it, {@code openid} among it
     * @param name what the sign-in page calls it, in Chinese
     * @param nameEn the same in English
     * @param nameClaim the claim with the person's name
     * @param usernameClaim the claim with the user name here, when people are bound by it on their first visit; by default only an
     *     administrator binds
     * @param secondFactorAcr the values of {@code acr} that say a second factor was seen
     * @param secondFactorAmr the values of {@code amr} that say the same
     */
    public record Oidc(
            String issuer,
            String clientId,
            @Nullable Path clientSecretFile,
            @Nullable String clientSecret,
            @DefaultValue({"openid", "profile"}) List<String> scopes,
            @DefaultValue("统一身份认证") String name,
            @DefaultValue("Unified identity") String nameEn,
            @DefaultValue("name") String nameClaim,
            @Nullable String usernameClaim,
            @DefaultValue List<String> secondFactorAcr,
            @DefaultValue List<String> secondFactorAmr) {
        @Override
        public String toString() {
            return "Oidc[" + issuer + "]";
        }
    }

    Path masterKey() {
        return masterKeyFile == null ? home.resolve("secrets", "master.key") : masterKeyFile;
    }

    Path receiptKey() {
        return receiptKeyFile == null ? home.resolve("secrets", "receipt.key") : receiptKeyFile;
    }

    /** The file the operator's token is in. */
    public Path operatorToken() {
        return operatorTokenFile == null ? home.resolve("secrets", "operator.token") : operatorTokenFile;
    }
}
