package org.qiantang.app.oidc;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangProperties;
import org.qiantang.catalog.PublicBase;
import org.qiantang.core.Site;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/**
 * The address under which people use the platform, where a provider sends them back to. The operator says it; a request's own word for it
 * is anybody's, and believed on this machine alone.
 */
@Component
final class PublicAddress implements PublicBase {
    private static final Pattern HERE =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?::1]?|\\[?0:0:0:0:0:0:0:1]?");

    private final @Nullable String told;
    private final Site site;
    private final Environment environment;

    PublicAddress(QiantangProperties properties, Site site, Environment environment) {
        this.site = site;
        this.environment = environment;
        URI url = properties.publicUrl();
        if (url == null) {
            told = null;
            return;
        }
        boolean usable = ("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
                && url.getHost() != null
                && url.getUserInfo() == null
                && url.getQuery() == null
                && url.getFragment() == null
                && (url.getPath().isEmpty() || url.getPath().equals("/"));
        if (!usable) {
            throw new IllegalStateException(
                    "qiantang.public-url is the address people type, such as https://data.example.gov.cn,"
                            + " without a path; not " + url);
        }
        String text = url.toString();
        told = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    @Override
    public Optional<String> told() {
        return Optional.ofNullable(told);
    }

    @Override
    public Optional<String> reached() {
        String port = environment.getProperty("local.server.port");
        return told != null || site.kind() != Site.Kind.TRIAL || port == null
                ? told()
                : Optional.of("http://127.0.0.1:" + port);
    }

    /** Without a slash at its end; empty where nobody has told it and the request comes from elsewhere. */
    Optional<String> find(HttpServletRequest request) {
        if (told != null) {
            return Optional.of(told);
        }
        return HERE.matcher(request.getServerName()).matches()
                ? Optional.of(
                        ServletUriComponentsBuilder.fromContextPath(request).toUriString())
                : Optional.empty();
    }
}
