package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.collect.internal.files.Listed.Skipped;
import org.qiantang.core.Problem;

/**
 * A folder on a WebDAV server (RFC 4918), listed folder by folder. A password goes over HTTPS, or to this machine, or where somebody
 * has allowed otherwise.
 */
final class WebDavFolder extends HttpFolder {
    private static final String DAV = "DAV:";
    private static final int MULTI_STATUS = 207;
    private static final String ASKED = "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><getcontentlength/>"
            + "<getlastmodified/><getetag/><resourcetype/></prop></propfind>";

    private final String server;
    private final String root;
    private final String authorization;

    private WebDavFolder(String server, String root, String authorization) {
        this.server = server;
        this.root = root;
        this.authorization = authorization;
    }

    /** A folder at {@code webdav://host/path} or, over HTTPS, {@code webdavs://host/path}. */
    static WebDavFolder open(SourceAccess access) {
        RemoteAddress address = RemoteAddress.parse(access.location());
        boolean secure = address.scheme().equals("webdavs");
        String server =
                (secure ? "https://" : "http://") + address.host() + (address.port() < 0 ? "" : ":" + address.port());
        String authorization = "";
        if (!access.username().isEmpty()) {
            boolean allowed = "true".equals(access.settings().get("allowPlainText"));
            if (!secure && !allowed && !isThisMachine(URI.create(server))) {
                throw new Problem(CollectProblem.PASSWORD_IN_CLEAR);
            }
            String pair = access.username() + ":" + access.secret();
            authorization = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        }
        String path = address.path().isEmpty() ? "/" : address.path();
        return new WebDavFolder(server, path, authorization);
    }

    @Override
    public String product() {
        return "WebDAV";
    }

    /** What a server says of one resource. */
    private record Resource(String path, boolean isFolder, Entry entry) {}

    @Override
    public Listing list() throws IOException {
        List<Entry> files = new ArrayList<>();
        List<Skipped> others = new ArrayList<>();
        List<Resource> first = resources(root, others);
        if (first.size() == 1 && !first.getFirst().isFolder()) {
            Entry file = first.getFirst().entry();
            String name = root.substring(root.lastIndexOf('/') + 1);
            files.add(new Entry(name, file.address(), file.size(), file.modified(), file.version()));
            return new Listing(files, others);
        }
        String base = root.endsWith("/") ? root : root + "/";
        Set<String> seen = new HashSet<>(Set.of(base));
        List<String> folders = new ArrayList<>();
        take(base, first, seen, folders, files);
        while (!folders.isEmpty()) {
            String folder = folders.removeLast();
            take(base, resources(folder, others), seen, folders, files);
        }
        return new Listing(files, others);
    }

    /** Takes what lies below the folder; what a server names elsewhere is none of ours. */
    private static void take(
            String base, List<Resource> found, Set<String> seen, List<String> folders, List<Entry> files) {
        for (Resource resource : found) {
            String path =
                    resource.isFolder() && !resource.path().endsWith("/") ? resource.path() + "/" : resource.path();
            if (!path.startsWith(base) || ("/" + path + "/").contains("/../") || !seen.add(path)) {
                continue;
            }
            if (resource.isFolder()) {
                folders.add(path);
            } else {
                Entry entry = resource.entry();
                files.add(new Entry(
                        path.substring(base.length()),
                        entry.address(),
                        entry.size(),
                        entry.modified(),
                        entry.version()));
            }
        }
    }

    private List<Resource> resources(String folder, List<Skipped> others) throws IOException {
        HttpResponse<InputStream> response = send(request(folder)
                .method("PROPFIND", HttpRequest.BodyPublishers.ofString(ASKED))
                .header("Depth", "1")
                .header("Content-Type", "application/xml; charset=utf-8"));
        if (response.statusCode() == 401 || (response.statusCode() == 403 && folder.equals(root))) {
            throw refusal(CollectProblem.SIGN_IN_REFUSED, response);
        }
        if (response.statusCode() != MULTI_STATUS) {
            if (folder.equals(root)) {
                throw unreachable(response);
            }
            Problem refusal = refusal(CollectProblem.NO_FILE_ACCESS, response);
            others.add(new Skipped(
                    folder.substring(root.length()).replaceFirst("^/", "").replaceFirst("/$", ""),
                    new Unreadable(
                            refusal.code().id(),
                            String.valueOf(refusal.arguments().get("reason")))));
            return List.of();
        }
        try (InputStream body = watched(response.body())) {
            return parse(body);
        } catch (XMLStreamException e) {
            throw new Problem(
                    CollectProblem.SOURCE_UNREACHABLE, "reason", "the server's list is not XML: " + e.getMessage());
        }
    }

    private List<Resource> parse(InputStream body) throws XMLStreamException {
        List<Resource> found = new ArrayList<>();
        XMLStreamReader2 xml = Xml.reader(body);
        StringBuilder text = new StringBuilder();
        String href = "";
        String size = "";
        String modified = "";
        String tag = "";
        boolean folder = false;
        while (xml.hasNext()) {
            int event = Xml.next(xml);
            if (event == XMLStreamConstants.START_ELEMENT) {
                text.setLength(0);
                if (isDav(xml, "response")) {
                    href = size = modified = tag = "";
                    folder = false;
                } else if (isDav(xml, "collection")) {
                    folder = true;
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                String said = text.toString().strip();
                if (isDav(xml, "href") && href.isEmpty()) {
                    href = said;
                } else if (isDav(xml, "getcontentlength")) {
                    size = said;
                } else if (isDav(xml, "getlastmodified")) {
                    modified = said;
                } else if (isDav(xml, "getetag")) {
                    tag = said;
                } else if (isDav(xml, "response")) {
                    String raw = rawPath(href);
                    Entry entry = new Entry("", raw, size(size), time(modified), tag.startsWith("W/") ? "" : tag);
                    found.add(new Resource(RemoteAddress.decode(raw), folder, entry));
                }
            } else if (event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.CDATA) {
                text.append(xml.getText());
                if (text.length() > 1 << 16) {
                    throw new XMLStreamException("a property of more than 65536 characters");
                }
            }
        }
        return found;
    }

    private static boolean isDav(XMLStreamReader2 xml, String name) {
        return xml.getLocalName().equals(name) && DAV.equals(xml.getNamespaceURI());
    }

    /** The path of a reference, which may be a whole URL. */
    private static String rawPath(String href) {
        int scheme = href.indexOf("://");
        int slash = scheme < 0 ? 0 : href.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : href.substring(slash);
    }

    private static long size(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    private static @Nullable Instant time(String text) {
        try {
            return text.isEmpty()
                    ? null
                    : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private HttpRequest.Builder request(String path) {
        return to(RemoteAddress.encode(path));
    }

    private HttpRequest.Builder to(String encodedPath) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + encodedPath));
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    @Override
    public InputStream open(Entry entry) {
        HttpRequest.Builder request =
                to(RemoteAddress.encode(RemoteAddress.decode(entry.address()))).GET();
        if (!entry.version().isEmpty()) {
            request.header("If-Match", entry.version());
        }
        return file(entry, send(request));
    }
}
