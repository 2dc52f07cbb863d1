package org.qiantang.catalog;

import java.io.Writer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Entry.Statement;
import org.qiantang.core.Site;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published directory as other portals harvest it: DCAT-AP 3.0. Only what is shared or opened is in it. The code lists' concepts that
 * it uses are named inside, so that it can be checked and read without asking anybody.
 */
@Service
public final class DcatExport {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 500;

    /** What is shared or opened, and not more open than its data have since been found to bear. */
    private static final String EXPORTED = """
             from catalog_entries e
            join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
            join org_departments d on d.id = e.department_id
            left join catalog_resources r on r.id = e.resource_id
            where e.state <> 'RETIRED' and
            """ + Entries.TOO_OPEN + """
             is not true
            and (v.statement ->> 'shareClass' <> 'NOT_SHARED' or v.statement ->> 'openClass' <> 'FORBIDDEN')""";

    private static final String OPENED = " and v.statement ->> 'openClass' in ('OPEN', 'RESTRICTED')";

    private static final String DCAT = "http://www.w3.org/ns/dcat#";
    private static final String DCT = "http://purl.org/dc/terms/";
    private static final String DCATAP = "http://data.europa.eu/r5r/";
    private static final String FOAF = "http://xmlns.com/foaf/0.1/";
    private static final String VCARD = "http://www.w3.org/2006/vcard/ns#";
    private static final String SKOS = "http://www.w3.org/2004/02/skos/core#";
    private static final String RDFS = "http://www.w3.org/2000/01/rdf-schema#";
    private static final String EU = "http://publications.europa.eu/resource/authority/";
    private static final String PUBLISHER_TYPES = "http://purl.org/adms/publishertype/1.0";
    private static final String ZH = "zh";
    private static final String EN = "en";

    private final JdbcClient jdbc;
    private final Site site;
    private final Clock clock;

    DcatExport(JdbcClient jdbc, Site site, Clock clock) {
        this.jdbc = jdbc;
        this.site = site;
        this.clock = clock;
    }

    /** @param base where this installation is found, without a slash at the end */
    public void write(RdfForm form, String base, Writer out) {
        form.write(out, nodes -> new Pass(base, EXPORTED, nodes).all());
    }

    /** The same of what is opened alone, for everybody. */
    public void writeOpen(RdfForm form, String base, Writer out) {
        form.write(out, nodes -> new Pass(base, EXPORTED + OPENED, nodes).all());
    }

    private record Published(
            UUID id,
            Department department,
            Statement statement,
            String code,
            int version,
            LocalDate first,
            LocalDate on) {}

    /** One writing of the whole. */
    private final class Pass {
        private final String base;
        private final String exported;
        private final Consumer<RdfNode> nodes;
        private final Map<String, Department> departments = new LinkedHashMap<>();
        private final Map<String, RdfNode> concepts = new LinkedHashMap<>();

        Pass(String base, String exported, Consumer<RdfNode> nodes) {
            this.base = base;
            this.exported = exported;
            this.nodes = nodes;
        }

        void all() {
            LocalDate today = LocalDate.now(clock);
            RdfNode catalogue = new RdfNode(base + "/api/directory/dcat", DCAT + "Catalog")
                    .text(DCT + "title", site.name() + " 公共数据目录", ZH)
                    .text(DCT + "title", site.name() + ": public data directory", EN)
                    .text(DCT + "description", "各部门已发布并可共享或开放的公共数据。", ZH)
                    .text(DCT + "description", "Public data that the departments have published to share or open.", EN)
                    .iri(DCT + "publisher", base + "/#publisher")
                    .iri(FOAF + "homepage", base + "/directory")
                    .iri(DCT + "language", listed("language/ZHO", "Chinese", DCT + "LinguisticSystem"))
                    .iri(DCT + "spatial", listed("country/CHN", "China", DCT + "Location"))
                    .iri(DCAT + "themeTaxonomy", scheme(EU + "data-theme", "Data theme"))
                    .date(DCT + "modified", today);
            LocalDate first = jdbc.sql("select min(published_on) from catalog_entry_versions")
                    .query((row, n) -> java.util.Optional.ofNullable(row.getDate(1)))
                    .single()
                    .map(java.sql.Date::toLocalDate)
                    .orElse(today);
            catalogue.date(DCT + "issued", first);
            nodes.accept(new RdfNode(base + "/directory", FOAF + "Document").text(DCT + "title", "公共数据目录", ZH));
            nodes.accept(agent(base + "/#publisher", site.name(), site.name()));
            UUID after = new UUID(0, 0);
            for (; ; ) {
                List<Published> page = page(exported, after);
                for (Published each : page) {
                    catalogue.iri(DCAT + "dataset", dataset(each.id));
                    dataset(each);
                }
                if (page.size() < PAGE) {
                    break;
                }
                after = page.getLast().id;
            }
            nodes.accept(catalogue);
            departments.values().forEach(department -> {
                nodes.accept(agent(agent(department), department.name(), department.nameEn()));
                nodes.accept(new RdfNode(agent(department) + "-contact", VCARD + "Kind", VCARD + "Organization")
                        .text(VCARD + "fn", department.name(), ZH)
                        .text(VCARD + "fn", department.nameEn(), EN));
            });
            concepts.values().forEach(nodes);
        }

        private void dataset(Published published) {
            Statement statement = published.statement;
            String iri = dataset(published.id);
            departments.put(published.department.id(), published.department);
            RdfNode dataset = new RdfNode(iri, DCAT + "Dataset", RDFS + "Resource")
                    .text(DCT + "title", statement.title(), ZH)
                    .text(DCT + "description", statement.summary(), ZH)
                    .plain(DCT + "identifier", published.code)
                    .plain(DCAT + "version", Integer.toString(published.version))
                    .iri(DCT + "publisher", agent(published.department))
                    .iri(DCAT + "contactPoint", agent(published.department) + "-contact")
                    .iri(DCT + "language", listed("language/ZHO", "Chinese", DCT + "LinguisticSystem"))
                    .iri(DCT + "spatial", listed("country/CHN", "China", DCT + "Location"))
                    .iri(DCAT + "landingPage", base + "/directory/" + published.id)
                    .date(DCT + "issued", published.first)
                    .date(DCT + "modified", published.on)
                    .iri(DCAT + "distribution", iri + "#distribution");
            for (Statement.Item item : statement.items()) {
                dataset.text(DCAT + "keyword", item.name(), ZH);
            }
            if (statement.theme() != null) {
                dataset.text(DCAT + "keyword", statement.theme().zh(), ZH);
                dataset.iri(DCAT + "theme", theme(statement.theme()));
            }
            if (statement.updateCycle() != null) {
                dataset.iri(DCT + "accrualPeriodicity", frequency(statement.updateCycle()));
            }
            dataset.iri(DCT + "accessRights", accessRights(statement));
            for (String related : related(statement)) {
                dataset.iri(DCT + "relation", related);
            }
            nodes.accept(dataset);
            nodes.accept(new RdfNode(base + "/directory/" + published.id, FOAF + "Document", RDFS + "Resource")
                    .text(DCT + "title", statement.title(), ZH));
            distribution(published, iri);
        }

        private void distribution(Published published, String iri) {
            Statement statement = published.statement;
            RdfNode distribution = new RdfNode(iri + "#distribution", DCAT + "Distribution")
                    .text(DCT + "title", statement.title(), ZH)
                    .iri(DCAT + "accessURL", base + "/directory/" + published.id)
                    .date(DCT + "issued", published.on)
                    .iri(DCATAP + "availability", listed("planned-availability/STABLE", "Stable"))
                    .iri(DCT + "language", listed("language/ZHO", "Chinese", DCT + "LinguisticSystem"));
            StringBuilder words = new StringBuilder(
                    statement.shareMode() == null ? "" : statement.shareMode().zh());
            if (statement.format() != null) {
                words.append(words.isEmpty() ? "" : " · ")
                        .append(statement.format().zh());
            }
            distribution.text(DCT + "description", words.isEmpty() ? statement.title() : words.toString(), ZH);
            String fileType = fileType(statement);
            if (fileType != null) {
                distribution.iri(DCT + "format", listed("file-type/" + fileType, fileType, DCT + "MediaTypeOrExtent"));
            }
            String condition = condition(statement);
            if (condition != null) {
                String rights = iri + "#rights";
                distribution.iri(DCT + "rights", rights);
                nodes.accept(new RdfNode(rights, DCT + "RightsStatement").text(RDFS + "label", condition, ZH));
            }
            nodes.accept(distribution);
        }

        private String dataset(UUID id) {
            return base + "/api/directory/" + id;
        }

        private String agent(Department department) {
            return base + "/#department-" + department.id();
        }

        private RdfNode agent(String iri, String name, String nameEn) {
            return new RdfNode(iri, FOAF + "Agent")
                    .text(FOAF + "name", name, ZH)
                    .text(FOAF + "name", nameEn, EN)
                    .iri(
                            DCT + "type",
                            concept(
                                    "http://purl.org/adms/publishertype/LocalAuthority",
                                    scheme(PUBLISHER_TYPES, "Publisher type"),
                                    "Local authority"));
        }

        private List<String> related(Statement statement) {
            if (statement.relatedResourceCodes().isEmpty()) {
                return List.of();
            }
            return jdbc.sql("select e.id" + exported + " and e.resource_code in (:codes) order by e.id")
                    .param("codes", statement.relatedResourceCodes())
                    .query((row, n) -> dataset(row.getObject(1, UUID.class)))
                    .list();
        }

        private String accessRights(Statement statement) {
            String right = statement.shareClass() == Guide.ShareClass.NOT_SHARED
                    ? "NON_PUBLIC"
                    : statement.openClass() == Guide.OpenClass.OPEN
                            ? "PUBLIC"
                            : statement.openClass() == Guide.OpenClass.RESTRICTED ? "RESTRICTED" : "NON_PUBLIC";
            return listed("access-right/" + right, right.toLowerCase(java.util.Locale.ROOT), DCT + "RightsStatement");
        }

        private String theme(Guide.Theme theme) {
            return switch (theme) {
                case PUBLIC_SERVICE -> listed("data-theme/GOVE", "Government and public sector");
                case HEALTH, FOOD_AND_DRUG_SAFETY -> listed("data-theme/HEAL", "Health");
                case SOCIAL_SECURITY, COMMUNITY -> listed("data-theme/SOCI", "Population and society");
                case PRICES, CREDIT -> listed("data-theme/ECON", "Economy and finance");
                case ENERGY -> listed("data-theme/ENER", "Energy");
                case CONSTRUCTION -> listed("data-theme/REGI", "Regions and cities");
                case ENVIRONMENT -> listed("data-theme/ENVI", "Environment");
                case WORK_SAFETY, EMERGENCY -> listed("data-theme/JUST", "Justice, legal system and public safety");
            };
        }

        private String frequency(Guide.UpdateCycle cycle) {
            String code = switch (cycle) {
                case REALTIME -> "CONT";
                case HOURLY -> "HOURLY";
                case DAILY -> "DAILY";
                case WEEKLY -> "WEEKLY";
                case MONTHLY -> "MONTHLY";
                case QUARTERLY -> "QUARTERLY";
                case YEARLY -> "ANNUAL";
                case IRREGULAR -> "IRREG";
                case ONCE -> "NEVER";
            };
            return listed("frequency/" + code, cycle.name().toLowerCase(java.util.Locale.ROOT), DCT + "Frequency");
        }

        /** A concept of the European code lists, {@code list/CODE}. */
        private String listed(String listAndCode, String label, String... types) {
            String list = listAndCode.substring(0, listAndCode.indexOf('/'));
            return concept(EU + listAndCode, scheme(EU + list, list), label, types);
        }

        private String concept(String iri, String scheme, String label, String... types) {
            concepts.computeIfAbsent(iri, each -> {
                return new RdfNode(each, types)
                        .iri(RdfNode.RDF + "type", SKOS + "Concept")
                        .iri(SKOS + "inScheme", scheme)
                        .text(SKOS + "prefLabel", label, EN);
            });
            return iri;
        }

        private String scheme(String iri, String title) {
            concepts.computeIfAbsent(
                    iri, each -> new RdfNode(each, SKOS + "ConceptScheme").text(DCT + "title", title, EN));
            return iri;
        }
    }

    private static @Nullable String fileType(Statement statement) {
        return switch (statement.shareMode()) {
            case API -> "JSON";
            case FILE -> statement.format() == Guide.Format.SPREADSHEET ? "XLSX" : "CSV";
            case DB_TABLE, OFFLINE_MEDIA -> null;
            case null -> null;
        };
    }

    private static @Nullable String condition(Statement statement) {
        String open = statement.openCondition();
        String share = statement.shareCondition();
        return open != null && share != null ? "共享条件：" + share + "；开放条件：" + open : share != null ? share : open;
    }

    private List<Published> page(String exported, UUID after) {
        return jdbc.sql("""
                        select v.*, e.id, d.id did, d.name dname, d.name_en dname_en,
                            (select min(f.published_on) from catalog_entry_versions f where f.entry_id = e.id) first_on
                        """ + exported + " and e.id > :after order by e.id limit :limit")
                .param("after", after)
                .param("limit", PAGE)
                .query((row, n) -> published(row))
                .list();
    }

    private static Published published(ResultSet row) throws SQLException {
        return new Published(
                row.getObject("id", UUID.class),
                new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en")),
                JSON.readValue(row.getString("statement"), Statement.class),
                row.getString("resource_code"),
                row.getInt("version"),
                row.getDate("first_on").toLocalDate(),
                row.getDate("published_on").toLocalDate());
    }
}
