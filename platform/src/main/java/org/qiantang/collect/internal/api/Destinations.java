package org.qiantang.collect.internal.api;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * Where a request may go: a department's interface, and none of the addresses at which clouds give out their machines' credentials or at
 * which this installation itself listens. Asked before each request, so a name that is pointed elsewhere later is noticed.
 */
public final class Destinations {
    private Destinations() {}

    /**
     * @param allowPlain whether HTTP without TLS may leave this machine
     * @param ownPorts where this installation listens
     */
    public static void check(URI uri, boolean allowPlain, Set<Integer> ownPorts) {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(uri.getHost());
        } catch (UnknownHostException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "no such host: " + uri.getHost());
        }
        for (InetAddress address : addresses) {
            if (isForbidden(address)) {
                throw refused(uri, "it leads to " + address.getHostAddress() + ", which belongs to no department");
            }
            if (ownPorts.contains(port(uri)) && isThisMachine(address)) {
                throw refused(uri, "this platform itself listens there");
            }
        }
        boolean plain = uri.getScheme().toLowerCase(Locale.ROOT).equals("http");
        if (plain && !allowPlain && !Arrays.stream(addresses).allMatch(InetAddress::isLoopbackAddress)) {
            throw refused(uri, "http:// is read by anybody on the way; use https://, or allow it with allowPlain");
        }
    }

    static boolean isSameOrigin(URI a, URI b) {
        return b.getHost() != null
                && a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getHost().equalsIgnoreCase(b.getHost())
                && port(a) == port(b);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /** Link-local, unspecified and multicast addresses, and the metadata services that stand outside of the link-local range. */
    static boolean isForbidden(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet6Address) {
            boolean amazon = bytes[0] == (byte) 0xfd && bytes[1] == 0 && bytes[2] == 0x0e && bytes[3] == (byte) 0xc2;
            boolean translated =
                    bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == (byte) 0xff && bytes[3] == (byte) 0x9b;
            if (amazon || (translated && isForbidden(lastFour(bytes)))) {
                return true;
            }
        } else if (bytes[0] == 100 && bytes[1] == 100 && bytes[2] == 100 && bytes[3] == (byte) 200) {
            return true;
        }
        return address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || bytes[0] == 0 && bytes.length == 4;
    }

    private static InetAddress lastFour(byte[] bytes) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isThisMachine(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true;
        }
    }

    private static Problem refused(URI uri, String reason) {
        return new Problem(
                CollectProblem.ADDRESS_REFUSED,
                "address",
                uri.getScheme() + "://" + uri.getRawAuthority(),
                "reason",
                reason);
    }
}
