package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.core.Problem;

/**
 * The objects of an S3-compatible store below a prefix. The secret key never leaves this machine: requests are signed with it
 * ({@link AwsSignature}).
 */
final class S3Folder extends HttpFolder {
    private static final String DEFAULT_REGION = "us-east-1";

    private final URI endpoint;
    private final boolean bucketInPath;
    private final String bucket;
    private final String prefix;
    private final @Nullable AwsSignature signature;

    private S3Folder(
            URI endpoint, boolean bucketInPath, String bucket, String prefix, @Nullable AwsSignature signature) {
        this.endpoint = endpoint;
        this.bucketInPath = bucketInPath;
        this.bucket = bucket;
        this.prefix = prefix;
        this.signature = signature;
    }

    /**
     * The objects at {@code s3://bucket/prefix}. Settings: {@code endpoint}, a URL, when it is not Amazon's; {@code region}. The user
     * name is the access key's id; without one the bucket is read as anybody may.
     */
    static S3Folder open(SourceAccess access) {
        RemoteAddress address = RemoteAddress.parse(access.location());
        Map<String, String> settings = access.settings();
        String region = settings.getOrDefault("region", "").strip();
        region = region.isEmpty() ? DEFAULT_REGION : region;
        String given = settings.getOrDefault("endpoint", "").strip();
        String bucket = address.host();
        String url = given.isEmpty() ? "https://" + bucket + ".s3." + region + ".amazonaws.com" : given;
        URI endpoint;
        try {
            endpoint = URI.create(url.replaceFirst("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw new Problem(CollectProblem.BAD_REMOTE_ADDRESS);
        }
        if (endpoint.getHost() == null || !List.of("http", "https").contains(endpoint.getScheme())) {
            throw new Problem(CollectProblem.BAD_REMOTE_ADDRESS);
        }
        String prefix = address.path().replaceFirst("^/", "");
        return new S3Folder(
                endpoint,
                !given.isEmpty(),
                bucket,
                prefix,
                access.username().isEmpty()
                        ? null
                        : new AwsSignature(access.username(), access.secret(), region, "s3", Clock.systemUTC()));
    }

    @Override
    public String product() {
        return "S3";
    }

    @Override
    public Listing list() throws IOException {
        List<Entry> files = new ArrayList<>();
        String continuation = "";
        do {
            SortedMap<String, String> query = new TreeMap<>();
            query.put("list-type", "2");
            query.put("encoding-type", "url");
            query.put("prefix", prefix);
            if (!continuation.isEmpty()) {
                query.put("continuation-token", continuation);
            }
            HttpResponse<InputStream> response = send(request("", query));
            switch (response.statusCode()) {
                case 200 -> {}
                case 400, 401, 403 -> throw refusal(CollectProblem.SIGN_IN_REFUSED, response);
                default -> throw unreachable(response);
            }
            try (InputStream body = watched(response.body())) {
                continuation = page(body, files);
            } catch (XMLStreamException e) {
                throw new Problem(
                        CollectProblem.SOURCE_UNREACHABLE, "reason", "the store's list is not XML: " + e.getMessage());
            }
        } while (!continuation.isEmpty());
        return new Listing(files, List.of());
    }

    /** Takes a page of the list and returns where the next begins, or an empty string. */
    private String page(InputStream body, List<Entry> files) throws XMLStreamException {
        XMLStreamReader2 xml = Xml.reader(body);
        StringBuilder text = new StringBuilder();
        Map<String, String> object = new TreeMap<>();
        boolean inObject = false;
        boolean encoded = false;
        boolean more = false;
        String next = "";
        while (xml.hasNext()) {
            int event = Xml.next(xml);
            if (event == XMLStreamConstants.START_ELEMENT) {
                text.setLength(0);
                if (xml.getLocalName().equals("Contents")) {
                    inObject = true;
                    object.clear();
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                String name = xml.getLocalName();
                if (name.equals("Contents")) {
                    inObject = false;
                    add(object, encoded, files);
                } else if (inObject) {
                    object.put(name, text.toString());
                } else if (name.equals("EncodingType")) {
                    encoded = text.toString().strip().equals("url");
                } else if (name.equals("IsTruncated")) {
                    more = text.toString().strip().equals("true");
                } else if (name.equals("NextContinuationToken")) {
                    next = text.toString();
                }
            } else if (event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.CDATA) {
                text.append(xml.getText());
                if (text.length() > 1 << 16) {
                    throw new XMLStreamException("a value of more than 65536 characters");
                }
            }
        }
        return more ? next : "";
    }

    private void add(Map<String, String> object, boolean encoded, List<Entry> files) {
        String written = object.getOrDefault("Key", "");
        String key = encoded ? RemoteAddress.decode(written.replace("+", " ")) : written;
        if (key.isEmpty() || key.endsWith("/") || !key.startsWith(prefix)) {
            return;
        }
        String size = object.getOrDefault("Size", "").strip();
        String below = key.substring(prefix.lastIndexOf('/') + 1);
        files.add(new Entry(
                below,
                key,
                size.matches("\\d{1,18}") ? Long.parseLong(size) : 0,
                time(object.getOrDefault("LastModified", "").strip()),
                object.getOrDefault("ETag", "").strip()));
    }

    private static @Nullable Instant time(String text) {
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private HttpRequest.Builder request(String key, SortedMap<String, String> query) {
        String path = (bucketInPath ? "/" + bucket : "") + "/" + RemoteAddress.encode(key);
        String asked = query.entrySet().stream()
                .map(one -> AwsSignature.encode(one.getKey()) + "=" + AwsSignature.encode(one.getValue()))
                .collect(Collectors.joining("&"));
        URI uri = URI.create(endpoint + path + (asked.isEmpty() ? "" : "?" + asked));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
        if (signature != null) {
            signature.sign("GET", uri, Map.of()).forEach(request::header);
        }
        return request;
    }

    @Override
    public InputStream open(Entry entry) {
        HttpRequest.Builder request = request(entry.address(), new TreeMap<>());
        if (!entry.version().isEmpty()) {
            request.header("If-Match", entry.version());
        }
        return file(entry, send(request));
    }
}
