package org.qiantang.collect.internal.files;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.collect.internal.files.Listed.Skipped;
import org.qiantang.core.Problem;

/**
 * A folder on an SFTP server. Nothing, and least of all a password, is sent to a server whose key is not the one that a person has
 * confirmed.
 */
final class SftpFolder implements RemoteFolder {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PORT = 22;

    private final SshClient client;
    private final ClientSession session;
    private final SftpClient sftp;
    private final String root;

    private SftpFolder(SshClient client, ClientSession session, SftpClient sftp, String root) {
        this.client = client;
        this.session = session;
        this.sftp = sftp;
        this.root = root;
    }

    /** Connects to {@code sftp://host:port/path}; {@code hostKey} among the settings is the confirmed key's fingerprint. */
    static SftpFolder open(SourceAccess access) {
        RemoteAddress address = RemoteAddress.parse(access.location());
        HostKey hostKey =
                new HostKey(access.settings().getOrDefault("hostKey", "").strip());
        SshClient client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(hostKey::verify);
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ofMinutes(30));
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, Duration.ofSeconds(20));
        client.start();
        try {
            int port = address.port() < 0 ? PORT : address.port();
            ClientSession session = client.connect(access.username(), address.host(), port)
                    .verify(PATIENCE)
                    .getSession();
            signIn(session, access.secret(), hostKey);
            SftpClient sftp = SftpClientFactory.instance().createSftpClient(session);
            String path = address.path();
            String root = path.startsWith("/~/") || path.equals("/~") ? "." + path.substring(2) : path;
            return new SftpFolder(client, session, sftp, sftp.canonicalPath(root.isEmpty() ? "/" : root));
        } catch (Problem e) {
            client.stop();
            throw e;
        } catch (IOException | RuntimeException e) {
            client.stop();
            Problem refusal = hostKey.refusal();
            throw refusal != null
                    ? refusal
                    : new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", FileTables.explain(e));
        }
    }

    private static void signIn(ClientSession session, String secret, HostKey hostKey) throws IOException {
        if (secret.startsWith("-----BEGIN ")) {
            try {
                Iterable<KeyPair> keys = SecurityUtils.loadKeyPairIdentities(
                        session, () -> "key", new ByteArrayInputStream(secret.getBytes(StandardCharsets.UTF_8)), null);
                for (KeyPair key : keys) {
                    session.addPublicKeyIdentity(key);
                }
            } catch (GeneralSecurityException | IOException | RuntimeException e) {
                throw new Problem(
                        CollectProblem.SIGN_IN_REFUSED, "reason", "the private key cannot be read: " + e.getMessage());
            }
        } else {
            session.addPasswordIdentity(secret);
        }
        try {
            session.auth().verify(PATIENCE);
        } catch (IOException e) {
            Problem refusal = hostKey.refusal();
            if (refusal != null) {
                throw refusal;
            }
            if (hostKey.isTrusted()) {
                throw new Problem(CollectProblem.SIGN_IN_REFUSED, "reason", FileTables.explain(e));
            }
            throw e;
        }
    }

    /** The key the server must have. */
    private static final class HostKey {
        private final String pinned;
        private volatile String shown = "";

        HostKey(String pinned) {
            this.pinned = pinned;
        }

        boolean verify(ClientSession session, SocketAddress address, PublicKey key) {
            shown = KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
            return isTrusted();
        }

        boolean isTrusted() {
            return !pinned.isEmpty() && pinned.equals(shown);
        }

        @Nullable
        Problem refusal() {
            if (shown.isEmpty() || isTrusted()) {
                return null;
            }
            return pinned.isEmpty()
                    ? new Problem(CollectProblem.HOST_KEY_NOT_CONFIRMED, "fingerprint", shown)
                    : new Problem(CollectProblem.HOST_KEY_DIFFERS, "fingerprint", shown, "confirmed", pinned);
        }
    }

    @Override
    public String product() {
        return "SFTP";
    }

    @Override
    public Listing list() throws IOException {
        List<Entry> files = new ArrayList<>();
        List<Skipped> others = new ArrayList<>();
        SftpClient.Attributes attributes = attributes(root);
        if (attributes.isRegularFile()) {
            files.add(entry(root.substring(root.lastIndexOf('/') + 1), root, attributes));
        } else {
            List<String> folders = new ArrayList<>(List.of(""));
            while (!folders.isEmpty()) {
                list(folders.removeLast(), folders, files, others);
            }
        }
        return new Listing(files, others);
    }

    private void list(String folder, List<String> folders, List<Entry> files, List<Skipped> others) throws IOException {
        List<SftpClient.DirEntry> entries = new ArrayList<>();
        try {
            String path = folder.isEmpty() ? root : address(folder);
            sftp.readEntries(path).forEach(entries::add);
        } catch (SftpException e) {
            if (folder.isEmpty()) {
                throw e;
            }
            others.add(new Skipped(folder, new Unreadable(CollectProblem.NO_FILE_ACCESS.id(), FileTables.explain(e))));
            return;
        }
        for (SftpClient.DirEntry entry : entries) {
            String name = entry.getFilename();
            if (name.equals(".") || name.equals("..") || name.contains("/")) {
                continue;
            }
            String relative = folder.isEmpty() ? name : folder + "/" + name;
            SftpClient.Attributes attributes = entry.getAttributes();
            if (attributes.isDirectory()) {
                folders.add(relative);
            } else if (attributes.isRegularFile()) {
                files.add(entry(relative, address(relative), attributes));
            } else {
                CollectProblem code =
                        attributes.isSymbolicLink() ? CollectProblem.SYMBOLIC_LINK : CollectProblem.UNSUPPORTED_FORMAT;
                others.add(new Skipped(relative, new Unreadable(code.id(), "a link or device on the server")));
            }
        }
    }

    private String address(String relative) {
        return root.endsWith("/") ? root + relative : root + "/" + relative;
    }

    private static Entry entry(String relative, String address, SftpClient.Attributes attributes) {
        Instant modified = attributes.getFlags().contains(SftpClient.Attribute.ModifyTime)
                ? attributes.getModifyTime().toInstant()
                : null;
        return new Entry(relative, address, attributes.getSize(), modified, "");
    }

    private SftpClient.Attributes attributes(String path) throws IOException {
        try {
            return sftp.stat(path);
        } catch (SftpException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", path + ": " + e.getMessage());
        }
    }

    @Override
    public InputStream open(Entry entry) throws IOException {
        try {
            return new FilterInputStream(sftp.read(entry.address())) {
                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    try {
                        return super.read(target, offset, length);
                    } catch (SftpException e) {
                        throw e;
                    } catch (IOException e) {
                        throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", FileTables.explain(e));
                    }
                }
            };
        } catch (SftpException e) {
            if (e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                throw new Problem(CollectProblem.SOURCE_CHANGED, "file", entry.relative(), "reason", "it is gone");
            }
            throw new Problem(CollectProblem.NO_FILE_ACCESS, "reason", FileTables.explain(e));
        } catch (IOException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", FileTables.explain(e));
        }
    }

    @Override
    public void close() {
        try {
            sftp.close();
            session.close();
        } catch (IOException e) {
            System.getLogger(SftpFolder.class.getName()).log(System.Logger.Level.DEBUG, "The server was gone", e);
        } finally {
            client.stop();
        }
    }
}
