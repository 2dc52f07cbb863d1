package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What is known of a product beyond what its driver says.
 *
 * @param snapshotIsolation the isolation level at which a transaction sees one state of everything and stands in nobody's way, where
 *     there is one
 * @param session a statement that each connection begins with, or an empty string
 * @param systemSchemas a pattern for the schemas that are the product's own
 */
enum Product {
    H2(OptionalInt.of(Connection.TRANSACTION_SERIALIZABLE), "SET LAZY_QUERY_EXECUTION TRUE", "INFORMATION_SCHEMA"),
    SQLITE(OptionalInt.of(Connection.TRANSACTION_SERIALIZABLE), "", ""),
    ORACLE(
            OptionalInt.of(Connection.TRANSACTION_SERIALIZABLE),
            "ALTER SESSION SET TIME_ZONE = '+00:00'",
            "(?:APEX_|FLOWS_)\\w+|ANONYMOUS|APPQOSSYS|AUDSYS|CTXSYS|DBSFWUSER|DBSNMP|DIP|DVF|DVSYS|GGSYS|GSM\\w+|LBACSYS"
                    + "|MDDATA|MDSYS|OJVMSYS|OLAPSYS|ORACLE_OCM|ORDDATA|ORDPLUGINS|ORDSYS|OUTLN|REMOTE_SCHEDULER_AGENT"
                    + "|SI_INFORMTN_SCHEMA|SYS|SYS\\$UMF|SYSBACKUP|SYSDG|SYSKM|SYSRAC|SYSTEM|WMSYS|XDB|XS\\$NULL"),
    /** 人大金仓, openGauss and others that come from PostgreSQL. */
    POSTGRES_KIN(
            OptionalInt.of(Connection.TRANSACTION_REPEATABLE_READ),
            "SET TIME ZONE 'UTC'",
            "pg_.*|sys_.*|information_schema|sys|blockchain|cstore|db4ai|dbe_\\w+|dbms_\\w+|pkg_\\w+|snapshot|sqladvisor"
                    + "|src_restrict|sysaudit|sysmac|xlog_record_read|perf|utl_\\w+"),
    SQL_SERVER(
            OptionalInt.empty(),
            "",
            "sys|INFORMATION_SCHEMA|guest|db_(?:owner|accessadmin|securityadmin|ddladmin|backupoperator|datareader|datawriter"
                    + "|denydatareader|denydatawriter)"),
    DAMENG(OptionalInt.empty(), "", "SYS|SYSDBA_SYS|SYSAUDITOR|SYSSSO|CTISYS"),
    OTHER(OptionalInt.empty(), "", "(?i)sys\\w*|information_schema");

    final OptionalInt snapshotIsolation;
    final String session;
    final String systemSchemas;

    Product(OptionalInt snapshotIsolation, String session, String systemSchemas) {
        this.snapshotIsolation = snapshotIsolation;
        this.session = session;
        this.systemSchemas = systemSchemas;
    }

    static Product of(DatabaseLocation location) {
        return switch (location.scheme().toLowerCase(Locale.ROOT)) {
            case "h2" -> H2;
            case "sqlite" -> SQLITE;
            case "oracle" -> ORACLE;
            case "kingbase", "kingbase8", "opengauss", "gaussdb", "highgo", "vastbase" -> POSTGRES_KIN;
            case "sqlserver", "jtds" -> SQL_SERVER;
            case "dm" -> DAMENG;
            default -> OTHER;
        };
    }
}
