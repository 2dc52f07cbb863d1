package org.qiantang.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.qiantang.catalog.AlarmLimits;
import org.qiantang.catalog.Extracts;
import org.qiantang.catalog.Grading;
import org.qiantang.catalog.OpenLineageTarget;
import org.qiantang.catalog.SearchWords;
import org.qiantang.collect.EventPorts;
import org.qiantang.collect.Sources;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.evidence.Ed25519Suite;
import org.qiantang.evidence.Sm2Suite;
import org.qiantang.evidence.Suite;
import org.qiantang.exchange.ReceiverRules;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.EvidenceRetention;
import org.qiantang.org.PasswordRules;
import org.qiantang.org.SecondFactors;
import org.qiantang.org.Sessions;
import org.qiantang.org.TrailHead;
import org.qiantang.portal.PortalTerms;
import org.qiantang.quality.Deadlines;
import org.qiantang.refine.Measuring;
import org.qiantang.share.AnswerDays;
import org.qiantang.zone.ZoneFolder;
import org.qiantang.zone.ZoneTerms;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The hub (中枢): web, API, accounts, catalogue, runs and receipts; everything transactional. Whoever starts it provides the lake worker's
 * two faces, {@link org.qiantang.collect.CollectionWorker} and {@link org.qiantang.lake.Queries}, as beans.
 */
@SpringBootApplication(scanBasePackages = "org.qiantang")
@EnableConfigurationProperties(QiantangProperties.class)
public class QiantangHub {
    @Bean
    static BeanFactoryPostProcessor knownKeysOnly(ConfigurableEnvironment environment) {
        return beans -> KnownKeys.check(environment);
    }

    @Bean
    Clock clock(QiantangProperties properties) {
        return Clock.system(properties.timeZone());
    }

    @Bean
    Grading grading(QiantangProperties properties) {
        return new Grading(properties.importantPersons());
    }

    @Bean
    AlarmLimits alarmLimits(QiantangProperties properties) {
        QiantangProperties.ProfileAlarms alarms = properties.profileAlarms();
        return new AlarmLimits(
                alarms.leastRows(),
                alarms.rowsFall(),
                alarms.rowsRise(),
                alarms.nulls(),
                alarms.distinct(),
                alarms.range(),
                alarms.pattern(),
                alarms.late());
    }

    @Bean
    Measuring measuring(QiantangProperties properties) {
        return properties.profiles().strip().equalsIgnoreCase("off") ? Measuring.OFF : Measuring.ON;
    }

    @Bean
    SearchWords searchWords(QiantangProperties properties) {
        return new SearchWords(properties.wordsFile());
    }

    @Bean
    Site site(QiantangProperties properties) {
        return new Site(properties.installation(), properties.trial() ? Site.Kind.TRIAL : Site.Kind.PRODUCTION);
    }

    @Bean
    Sealing sealing(QiantangProperties properties) {
        return new Sealing(masterKey(properties.masterKey()), Sealing.keyPair(read(properties.receiptKey())));
    }

    @Bean
    TrailHead trailHead(QiantangProperties properties) {
        return new TrailHead(properties.home().resolve("audit.head"));
    }

    @Bean
    EvidenceRecords evidenceRecords(QiantangProperties properties, Site site, Sealing sealing, JdbcClient jdbc) {
        Suite suite = switch (properties.evidence().suite()) {
            case SHA256_ED25519 -> new Ed25519Suite();
            case SM3_SM2 -> new Sm2Suite();
        };
        String folder = suite instanceof Sm2Suite ? "evidence-" + suite.id() : "evidence";
        return new EvidenceRecords(properties.home().resolve(folder), site, suite, sealing, jdbc);
    }

    @Bean
    EvidenceRetention.Kept evidenceKept(QiantangProperties properties) {
        return new EvidenceRetention.Kept(properties.evidence().years());
    }

    @Bean
    PasswordRules passwordRules(QiantangProperties properties) {
        return new PasswordRules(properties.passwordMinLength(), Set.of(properties.installation()));
    }

    @Bean
    SecondFactors.Obliged obligedToSecondFactor(QiantangProperties properties) {
        return properties.secondFactor();
    }

    @Bean
    Sessions.Longest longestSession(QiantangProperties properties) {
        return new Sessions.Longest(properties.sessionLongest());
    }

    @Bean
    Sources.HomeFolder homeFolder(QiantangProperties properties) {
        return new Sources.HomeFolder(properties.home());
    }

    @Bean
    Extracts.Folder extractsFolder(QiantangProperties properties) {
        return new Extracts.Folder(properties.home().toAbsolutePath().resolve("extracts"));
    }

    /** The web's port and the database's, wherever that runs. */
    @Bean
    Sources.OwnPorts ownPorts(ConfigurableEnvironment environment) {
        return () -> Stream.of(
                        environment.getProperty("local.server.port", ""),
                        environment
                                .getProperty("spring.datasource.url", "")
                                .replaceFirst("^[^/]*//[^/]*:(\\d+)/.*$", "$1"))
                .filter(port -> port.matches("\\d{1,5}"))
                .map(Integer::valueOf)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Bean
    OpenLineageTarget openLineageTarget(QiantangProperties properties) {
        QiantangProperties.Openlineage told = properties.openlineage();
        return told == null
                ? new OpenLineageTarget(null, null)
                : new OpenLineageTarget(URI.create(told.url()), told.apiKey());
    }

    @Bean
    Deadlines deadlines(QiantangProperties properties) {
        QiantangProperties.Quality quality = properties.quality();
        return new Deadlines(quality.answerDays(), quality.escalateDays(), quality.objectionDays());
    }

    @Bean
    PortalTerms portalTerms(QiantangProperties properties) {
        QiantangProperties.Portal portal = properties.portal();
        return new PortalTerms(portal.licence(), portal.smallCell(), portal.callsAMinute(), portal.mostRows());
    }

    @Bean
    ZoneTerms zoneTerms(QiantangProperties properties) {
        QiantangProperties.Zone zone = properties.zone();
        return new ZoneTerms(zone.leastK(), zone.mostRows(), zone.runsADay(), zone.reviewDays());
    }

    @Bean
    ZoneFolder zoneFolder(QiantangProperties properties) {
        return new ZoneFolder(properties.home().toAbsolutePath().resolve("zones"));
    }

    @Bean
    AnswerDays answerDays(QiantangProperties properties) {
        QiantangProperties.Share share = properties.share();
        return new AnswerDays(
                share.complianceDays(),
                share.providerDays(),
                share.decisionDays(),
                share.escalateDays(),
                share.silence());
    }

    @Bean
    ReceiverRules receiverRules(QiantangProperties properties) {
        return new ReceiverRules(
                properties.webhooks().hosts(), properties.webhooks().plainHttp());
    }

    @Bean
    EventPorts eventPorts(QiantangProperties properties) {
        QiantangProperties.Events events = properties.events();
        return events == null ? new EventPorts(0, 0) : new EventPorts(events.hj212Port(), events.mqttPort());
    }

    /** 32 bytes, as they are or as base64. */
    private static byte[] masterKey(Path file) {
        byte[] bytes = read(file);
        return bytes.length == 32
                ? bytes
                : Base64.getMimeDecoder().decode(new String(bytes, StandardCharsets.US_ASCII).strip());
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read the key " + file + ". The installation makes it at its first start.", e);
        }
    }
}
