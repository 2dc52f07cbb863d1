package org.qiantang.exchange;

import java.util.List;

/**
 * Whom the platform may call: systems of the public internet by {@code https}, and those of the city's own network that its administrator
 * names. Nobody makes the platform knock at a door of their choosing.
 *
 * @param hosts names or addresses that may be private, {@code *.example.gov.cn} for all below a name
 * @param plainHttp whether {@code http} may be used
 */
public record ReceiverRules(List<String> hosts, PlainHttp plainHttp) {
    /** Whether calls may go out unprotected. */
    public enum PlainHttp {
        REFUSED,
        ALLOWED,
    }

    public ReceiverRules {
        hosts = List.copyOf(hosts);
    }

    boolean names(String host) {
        return hosts.stream()
                .anyMatch(each -> each.startsWith("*.")
                        ? host.endsWith(each.substring(1).toLowerCase(java.util.Locale.ROOT))
                        : host.equalsIgnoreCase(each));
    }
}
