package org.qiantang.app.tokens;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangProperties;
import org.springframework.stereotype.Component;

/**
 * Who may say which subject a client's certificate is of ({@code qiantang.client-authorities}). A proxy that lets every certificate through
 * makes nobody an authority.
 */
@Component
final class ClientAuthorities {
    private static final String CLIENTS = "1.3.6.1.5.5.7.3.2";

    private final Set<TrustAnchor> anchors;
    private final Clock clock;

    ClientAuthorities(QiantangProperties properties, Clock clock) {
        @Nullable Path file = properties.clientAuthorities();
        this.anchors = file == null ? Set.of() : read(file);
        this.clock = clock;
    }

    private static Set<TrustAnchor> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Set<TrustAnchor> anchors = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(each -> new TrustAnchor((X509Certificate) each, null))
                    .collect(Collectors.toSet());
            if (anchors.isEmpty()) {
                throw new IllegalStateException("qiantang.client-authorities: " + file + " holds no certificate");
            }
            return anchors;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("qiantang.client-authorities cannot be read: " + file, e);
        }
    }

    boolean areThere() {
        return !anchors.isEmpty();
    }

    /** Whether one of them issued it, through those that were shown with it, for a client and for now. */
    boolean vouchFor(X509Certificate[] chain) {
        if (anchors.isEmpty()) {
            return false;
        }
        try {
            List<? extends Certificate> shown = Arrays.stream(chain)
                    .filter(each -> anchors.stream().noneMatch(anchor -> each.equals(anchor.getTrustedCert())))
                    .toList();
            List<String> uses = chain[0].getExtendedKeyUsage();
            if (shown.isEmpty() || uses != null && !uses.contains(CLIENTS)) {
                return false;
            }
            PKIXParameters rules = new PKIXParameters(anchors);
            // Whether one was revoked is the proxy's to ask, which speaks TLS with whoever shows it.
            rules.setRevocationEnabled(false);
            rules.setDate(Date.from(clock.instant()));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(shown), rules);
            return true;
        } catch (GeneralSecurityException notTheirs) {
            return false;
        }
    }
}
