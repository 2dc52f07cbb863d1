package org.qiantang.lake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The catalogue as a cluster sees it. Trino asks for every table in lower case; departments' tables have the names they have. So beside
 * the catalogue's schema there is another, {@code …_cluster}, with views in which names with capitals are others. What a cluster commits
 * through them is committed to the catalogue itself, checked as always.
 */
final class ClusterCatalogue {
    private static final int HASH_DIGITS = 12;

    private ClusterCatalogue() {}

    /** Makes the views, or leaves them as they are. */
    static void prepare(LakeSettings settings) {
        try (Connection connection =
                        DriverManager.getConnection(settings.catalogUrl(), settings.user(), settings.password());
                Statement statement = connection.createStatement()) {
            String own;
            try (ResultSet row = statement.executeQuery("SELECT current_schema()")) {
                row.next();
                own = row.getString(1);
            }
            String schema = Sql.name(own + "_cluster");
            String tables = Sql.name(own) + ".iceberg_tables";
            String properties = Sql.name(own) + ".iceberg_namespace_properties";
            connection.setAutoCommit(false);
            // two workers may come at the same time
            statement.execute("SELECT pg_advisory_xact_lock(hashtext('qiantang cluster catalogue'))");
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
            statement.execute("CREATE OR REPLACE VIEW " + schema
                    + ".iceberg_tables AS SELECT catalog_name, table_namespace, "
                    + "CASE WHEN table_name = lower(table_name) THEN table_name ELSE regexp_replace(translate(table_name,"
                    + " 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), '[^a-z0-9_]', '', 'g') || '~' ||"
                    + " left(md5(table_name), " + HASH_DIGITS + ") END::varchar AS table_name, metadata_location,"
                    + " previous_metadata_location, iceberg_type FROM " + tables);
            statement.execute("CREATE OR REPLACE VIEW " + schema + ".iceberg_namespace_properties AS SELECT * FROM "
                    + properties);
            // a view that computes a name does not take one; whoever creates there gives it in lower case
            statement.execute("CREATE OR REPLACE FUNCTION " + schema
                    + ".created() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " INSERT INTO " + tables + " (catalog_name, table_namespace, table_name, metadata_location,"
                    + " previous_metadata_location, iceberg_type) VALUES (NEW.catalog_name, NEW.table_namespace, NEW.table_name,"
                    + " NEW.metadata_location, NEW.previous_metadata_location, NEW.iceberg_type); RETURN NEW; END $$");
            statement.execute("CREATE OR REPLACE TRIGGER created INSTEAD OF INSERT ON " + schema
                    + ".iceberg_tables FOR EACH ROW EXECUTE FUNCTION " + schema + ".created()");
            connection.commit();
        } catch (SQLException e) {
            throw new LakeException(
                    LakeException.Kind.STORAGE, "Cannot prepare the catalogue for a cluster: " + e.getMessage(), e);
        }
    }

    /** The name by which a cluster finds a table. */
    static String name(String name) {
        if (name.equals(name.toLowerCase(Locale.ROOT))) {
            return name;
        }
        StringBuilder plain = new StringBuilder();
        for (char c : name.toCharArray()) {
            char lower = c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
            if (lower >= 'a' && lower <= 'z' || lower >= '0' && lower <= '9' || lower == '_') {
                plain.append(lower);
            }
        }
        try {
            byte[] hash = MessageDigest.getInstance("MD5").digest(name.getBytes(StandardCharsets.UTF_8));
            return plain + "~" + HexFormat.of().formatHex(hash).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
