package org.qiantang.app.security;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.util.NetMask;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;

/**
 * Which certificate a program showed to the proxy before the platform (RFC 9440, {@code Client-Cert} and {@code Client-Cert-Chain}). Of
 * everybody but the proxies that the operator names these headers are forged, and nobody behind this ever sees them.
 */
public final class ClientCertificateValve extends ValveBase {
    private static final String CERTIFICATE = "Client-Cert";
    private static final String CHAIN = "Client-Cert-Chain";
    private static final String SHOWN = ClientCertificateValve.class.getName();
    private static final int LONGEST = 100_000;

    private final List<NetMask> proxies;

    ClientCertificateValve(List<String> proxies) {
        super(true);
        this.proxies = proxies.stream().map(NetMask::new).toList();
    }

    /** The certificate and what was shown with it; null where there is none. */
    public static X509Certificate @Nullable [] shown(ServletRequest request) {
        return request.getAttribute(SHOWN) instanceof X509Certificate[] chain && chain.length > 0
                ? chain.clone()
                : null;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        // By the connection itself: what stands in other headers is read after this.
        X509Certificate @Nullable [] chain = isProxy(request.getRemoteAddr()) ? read(request) : null;
        request.getCoyoteRequest().getMimeHeaders().removeHeader(CERTIFICATE);
        request.getCoyoteRequest().getMimeHeaders().removeHeader(CHAIN);
        if (chain != null) {
            request.setAttribute(SHOWN, chain);
        }
        getNext().invoke(request, response);
    }

    private boolean isProxy(@Nullable String address) {
        try {
            InetAddress from = InetAddress.ofLiteral(String.valueOf(address));
            return proxies.stream().anyMatch(proxy -> proxy.matches(from));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** None where it is not just as the standard says: what is half right is somebody's attempt. */
    private static X509Certificate @Nullable [] read(Request request) {
        List<String> first = Collections.list(request.getHeaders(CERTIFICATE));
        if (first.size() != 1 || first.getFirst().length() > LONGEST) {
            return null;
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            chain.add(certificate(first.getFirst()));
            for (String line : Collections.list(request.getHeaders(CHAIN))) {
                if (line.length() > LONGEST) {
                    return null;
                }
                for (String each : line.split(",")) {
                    chain.add(certificate(each));
                }
            }
            return chain.toArray(X509Certificate[]::new);
        } catch (CertificateException | IllegalArgumentException e) {
            return null;
        }
    }

    /** A byte sequence of RFC 8941. */
    private static X509Certificate certificate(String text) throws CertificateException {
        String stripped = text.strip();
        if (stripped.length() < 3 || !stripped.startsWith(":") || !stripped.endsWith(":")) {
            throw new CertificateException("no byte sequence");
        }
        byte[] der = Base64.getDecoder().decode(stripped.substring(1, stripped.length() - 1));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }
}
