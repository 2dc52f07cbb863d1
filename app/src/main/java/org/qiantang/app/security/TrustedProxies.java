package org.qiantang.app.security;

import java.util.List;
import org.apache.catalina.valves.RemoteIpValve;
import org.qiantang.app.QiantangProperties;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Where people come from, when a proxy stands before the platform: the proxies that the operator names may say it, and whether HTTPS was
 * spoken with them. Which
 * certificate they were shown they may say too. Of everybody else these headers are only text, for anybody can write them.
 */
@Component
final class TrustedProxies implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    private final List<String> addresses;

    TrustedProxies(QiantangProperties properties, Environment environment) {
        this.addresses = properties.trustedProxies();
        String strategy = environment.getProperty("server.forward-headers-strategy", "none");
        if (!strategy.equalsIgnoreCase("none")) {
            throw new IllegalStateException("server.forward-headers-strategy=" + strategy
                    + " would believe whole networks; name your proxies in qiantang.trusted-proxies instead");
        }
    }

    @Override
    public void customize(ConfigurableTomcatWebServerFactory factory) {
        List<String> masked = addresses.stream().map(TrustedProxies::masked).toList();
        RemoteIpValve valve = new RemoteIpValve();
        try {
            // With a mask each, for without any the list would be read as a regular expression.
            factory.addEngineValves(new ClientCertificateValve(masked));
            if (masked.isEmpty()) {
                return;
            }
            valve.setInternalProxies(String.join(",", masked));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "qiantang.trusted-proxies are addresses such as 10.0.0.5 or 10.0.0.0/28, not "
                            + String.join(", ", addresses),
                    e);
        }
        valve.setRemoteIpHeader("X-Forwarded-For");
        valve.setProtocolHeader("X-Forwarded-Proto");
        factory.addEngineValves(valve);
    }

    private static String masked(String address) {
        String text = address.strip();
        return text.contains("/") ? text : text + (text.contains(":") ? "/128" : "/32");
    }
}
