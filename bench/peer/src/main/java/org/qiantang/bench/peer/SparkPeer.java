package org.qiantang.bench.peer;

import java.io.IOException;
import java.util.Locale;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** Copies tables of a PostgreSQL to Parquet by Spark's JDBC reader with two tasks: {@code URL USER PASSWORD FOLDER TABLE:COLUMN…}. */
public final class SparkPeer {
    private static final int PARALLEL = 2;

    private SparkPeer() {}

    /** Prints the seconds of the work, the session's start excluded. */
    public static void main(String[] args) throws IOException {
        try (SparkSession spark = SparkSession.builder()
                .master("local[" + PARALLEL + "]")
                .appName("peer")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.parquet.compression.codec", "zstd")
                .getOrCreate()) {
            spark.sparkContext().setLogLevel("WARN");
            long start = System.nanoTime();
            for (int i = 4; i < args.length; i++) {
                String table = args[i].substring(0, args[i].indexOf(':'));
                String column = args[i].substring(args[i].indexOf(':') + 1);
                DataFrameReader reader = spark.read()
                        .format("jdbc")
                        .option("url", args[0])
                        .option("user", args[1])
                        .option("password", args[2])
                        .option("driver", "org.postgresql.Driver")
                        .option("fetchsize", "10000");
                Row range = reader.option(
                                "query",
                                "select min(" + column + ")::bigint, max(" + column + ")::bigint from " + table)
                        .load()
                        .first();
                spark.read()
                        .format("jdbc")
                        .option("url", args[0])
                        .option("user", args[1])
                        .option("password", args[2])
                        .option("driver", "org.postgresql.Driver")
                        .option("fetchsize", "10000")
                        .option("dbtable", table)
                        .option("partitionColumn", column)
                        .option("lowerBound", Long.toString(range.getLong(0)))
                        .option("upperBound", Long.toString(range.getLong(1) + 1))
                        .option("numPartitions", Integer.toString(PARALLEL))
                        .load()
                        .write()
                        .mode(SaveMode.Overwrite)
                        .parquet(args[3] + "/" + table);
            }
            System.out.printf(Locale.ROOT, "seconds %.3f%n", (System.nanoTime() - start) / 1e9);
        }
    }
}
