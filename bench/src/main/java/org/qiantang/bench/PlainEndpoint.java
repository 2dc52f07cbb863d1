package org.qiantang.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import tools.jackson.databind.ObjectMapper;

/**
 * The same row over HTTP as anybody would write it where nothing is governed: the same server, a pool of connections and one prepared
 * statement against PostgreSQL. No token, no grant, no mask, no quota, nothing written down.
 */
public final class PlainEndpoint extends HttpServlet {
    private static final long serialVersionUID = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final transient HikariDataSource pool;

    private PlainEndpoint(HikariDataSource pool) {
        this.pool = pool;
    }

    /** @param args the port, the database's address, its user and password, and a folder to work in */
    public static void main(String[] args) throws LifecycleException, IOException {
        HikariConfig configuration = new HikariConfig();
        configuration.setJdbcUrl(args[1]);
        configuration.setUsername(args[2]);
        configuration.setPassword(args[3]);
        // As many as the hub's.
        configuration.setMaximumPoolSize(16);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createDirectories(Path.of(args[4])).toString());
        tomcat.setPort(Integer.parseInt(args[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        tomcat.getConnector().getProtocolHandler().setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "plain", new PlainEndpoint(new HikariDataSource(configuration)));
        context.addServletMappingDecoded("/customers", "plain");
        tomcat.start();
        tomcat.getServer().await();
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (Connection connection = pool.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "select " + ServicesBench.COLUMNS + " from customer where c_custkey = ?")) {
            select.setLong(1, Long.parseLong(request.getParameter("custkey")));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Map<String, Object> values = new LinkedHashMap<>();
                    for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                        values.put(row.getMetaData().getColumnName(column), row.getString(column));
                    }
                    rows.add(values);
                }
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
        byte[] body = JSON.writeValueAsBytes(Map.of("rows", rows));
        response.setContentType("application/json;charset=UTF-8");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
