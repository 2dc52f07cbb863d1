package org.qiantang.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.modulith.core.ApplicationModules;

/** Who may import whom: you may only look left; and each library has one owner. */
class ModularityTests {
    private static final List<String> LADDER = List.of(
            "core", "org", "catalog", "quality", "refine", "collect", "share", "invoke", "exchange", "portal", "zone");

    /** Parts that stand beside each other. */
    private static final List<List<String>> RUNGS =
            List.of(List.of("collect", "share"), List.of("invoke", "exchange", "portal"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.qiantang");

    /** A library, and the packages that may use it. */
    private record Owned(String library, List<String> owners) {}

    private static final List<Owned> OWNERS = List.of(
            new Owned("org.duckdb..", List.of("org.qiantang.lake..")),
            new Owned("org.apache.arrow..", List.of("org.qiantang.lake..")),
            new Owned("org.apache.iceberg..", List.of("org.qiantang.lake..")),
            new Owned("io.trino..", List.of("org.qiantang.lake..")),
            new Owned("org.apache.poi..", List.of("org.qiantang.collect.internal.files..", "org.qiantang.app.demo..")),
            new Owned(
                    "org.dhatim..",
                    List.of(
                            "org.qiantang.core",
                            "org.qiantang.org",
                            "org.qiantang.catalog",
                            "org.qiantang.collect.internal.files..",
                            "org.qiantang.app.demo..")),
            new Owned("org.apache.jena..", List.of()),
            new Owned("org.apache.lucene..", List.of("org.qiantang.catalog.internal..")),
            new Owned("org.tartarus..", List.of("org.qiantang.catalog.internal..")),
            new Owned("com.hankcs..", List.of("org.qiantang.catalog.internal..")),
            new Owned("org.bouncycastle..", List.of("org.qiantang.core..", "org.qiantang.evidence..")),
            new Owned("com.fasterxml.aalto..", List.of("org.qiantang.collect.internal.files..")),
            new Owned("com.hivemq..", List.of("org.qiantang.collect.internal.events..")),
            new Owned("org.apache.kafka..", List.of("org.qiantang.collect.internal.events..")),
            new Owned("org.mariadb..", List.of("org.qiantang.collect.internal.jdbc..")),
            new Owned("com.github.shyiko..", List.of("org.qiantang.collect.internal.jdbc..")),
            new Owned(
                    "org.apache.commons.compress..",
                    List.of("org.qiantang.collect.internal.files..", "org.qiantang.app.install..")),
            new Owned("org.apache.sshd..", List.of("org.qiantang.collect.internal.files..")),
            new Owned(
                    "org.springframework.security.oauth2..",
                    List.of("org.qiantang.app.oidc..", "org.qiantang.app.tokens..")),
            new Owned("com.nimbusds..", List.of("org.qiantang.app.tokens..")),
            new Owned("org.springframework.web..", List.of("org.qiantang.*.web..", "org.qiantang.app..")),
            new Owned("io.swagger..", List.of("org.qiantang.*.web..", "org.qiantang.app..")),
            new Owned(
                    "org.postgresql..",
                    List.of(
                            "org.qiantang.lake..",
                            "org.qiantang.collect.internal.postgres..",
                            "org.qiantang.app.install..",
                            "org.qiantang.app.demo..",
                            "org.qiantang.bench..")));

    @Test
    void thePartsKeepTheirBoundaries() {
        ApplicationModules.of("org.qiantang", new ImportOption.DoNotIncludeTests())
                .verify();
    }

    @TestFactory
    Stream<DynamicTest> everyPartLooksLeftOnly() {
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < LADDER.size(); i++) {
            String part = LADDER.get(i);
            List<String> right = new ArrayList<>(List.of("org.qiantang.app..", "org.qiantang.scenario.."));
            LADDER.subList(i + 1, LADDER.size()).forEach(other -> right.add("org.qiantang." + other + ".."));
            ArchRule rule = noClasses()
                    .that()
                    .resideInAPackage("org.qiantang." + part + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(right.toArray(String[]::new));
            tests.add(DynamicTest.dynamicTest(part, () -> rule.check(CLASSES)));
        }
        for (List<String> rung : RUNGS) {
            for (String part : rung) {
                ArchRule beside = noClasses()
                        .that()
                        .resideInAPackage("org.qiantang." + part + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(rung.stream()
                                .filter(other -> !other.equals(part))
                                .map(other -> "org.qiantang." + other + "..")
                                .toArray(String[]::new));
                tests.add(DynamicTest.dynamicTest(part + " beside its neighbours", () -> beside.check(CLASSES)));
            }
        }
        ArchRule sharing = noClasses()
                .that()
                .resideInAnyPackage("org.qiantang.invoke..", "org.qiantang.exchange..", "org.qiantang.portal..")
                // What a peer shares with us comes in.
                .and()
                .haveNameNotMatching("org\\.qiantang\\.exchange\\.Mirrors?(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.qiantang.collect..");
        tests.add(DynamicTest.dynamicTest("what is shared does not look at how it came", () -> sharing.check(CLASSES)));
        ArchRule lake = noClasses()
                .that()
                .resideInAPackage("org.qiantang.lake..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.qiantang..")
                        .and(com.tngtech.archunit.base.DescribedPredicate.not(resideInAPackage("org.qiantang.lake.."))))
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..");
        tests.add(DynamicTest.dynamicTest("lake", () -> lake.check(CLASSES)));
        ArchRule evidence = noClasses()
                .that()
                .resideInAPackage("org.qiantang.evidence..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.qiantang..")
                        .and(com.tngtech.archunit.base.DescribedPredicate.not(
                                resideInAPackage("org.qiantang.evidence.."))))
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..");
        tests.add(DynamicTest.dynamicTest("evidence", () -> evidence.check(CLASSES)));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> everyLibraryHasItsOwner() {
        return OWNERS.stream().map(owned -> {
            ArchRule rule = noClasses()
                    .that()
                    .resideOutsideOfPackages(owned.owners.toArray(String[]::new))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(owned.library);
            return DynamicTest.dynamicTest(owned.library, () -> rule.check(CLASSES));
        });
    }
}
