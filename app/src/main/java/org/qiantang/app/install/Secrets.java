package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.qiantang.org.Account;
import org.qiantang.org.Obligation;
import org.qiantang.org.Role;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything of a home that must not be known to others, made by chance once and kept in files only the owner can read. There is no
 * default: two homes never share a password or a key.
 */
public final class Secrets {
    /** The trial's account of an officer who has to ask another department for its data. */
    static final String APPLICANT = "applicant";

    /** The trial's account of somebody who lives in the demo city. */
    public static final String RESIDENT = "resident";

    private static final String TRIAL_ACCOUNTS = "trial-accounts.json";
    // Without the letters and digits people confuse when they read a password from a screen.
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final SecureRandom CHANCE = new SecureRandom();

    private final Home home;
    private final String operatorToken;
    private final byte[] masterKey;
    private final PrivateKey receiptKey;
    private final PublicKey receiptPublicKey;

    /** An account that is there from the first start on. */
    public record FirstAccount(String username, String displayName, String displayNameEn, Role role, String password) {
        /** The account a production installation begins with: a data bureau engineer, for that is who sets it up. */
        static FirstAccount administrator() {
            return new FirstAccount("admin", "管理员", "Administrator", Role.ENGINEER, chance(4));
        }

        Account account() {
            return new Account(username, displayName, Set.of(role), null);
        }

        /** As {@link #account}, with a password that whoever comes in by it first has to change. */
        Account newcomer() {
            return new Account(username, displayName, Set.of(role), null, Set.of(Obligation.CHANGE_PASSWORD), 0);
        }

        @Override
        public String toString() {
            return "FirstAccount[" + username + ", " + role + "]";
        }
    }

    private Secrets(Home home, String operatorToken, byte[] masterKey, KeyPair receipts) {
        this.home = home;
        this.operatorToken = operatorToken;
        this.masterKey = masterKey;
        this.receiptKey = receipts.getPrivate();
        this.receiptPublicKey = receipts.getPublic();
    }

    /** Reads the secrets of a home and makes the missing ones. Call it holding the home's lock. */
    public static Secrets of(Home home) {
        KeyPair receipts = receiptKeys(home);
        return new Secrets(
                home,
                once(
                        home,
                        "operator.token",
                        () -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(32))),
                Base64.getDecoder()
                        .decode(once(
                                home, "master.key", () -> Base64.getEncoder().encodeToString(bytes(32)))),
                receipts);
    }

    /** Of the PostgreSQL of a trial installation. */
    public String postgresPassword() {
        return once(home, "postgres.password", () -> chance(8));
    }

    /** Lets the command line in as the operator of this home. */
    public String operatorToken() {
        return operatorToken;
    }

    /** AES-256, seals the passwords of sources. */
    public byte[] masterKey() {
        return masterKey.clone();
    }

    /** Ed25519, signs receipts. */
    public PrivateKey receiptKey() {
        return receiptKey;
    }

    public PublicKey receiptPublicKey() {
        return receiptPublicKey;
    }

    /** One account per role, and a second officer, for a trial installation. */
    public List<FirstAccount> trialAccounts() {
        JsonMapper json = JsonMapper.shared();
        Path file = home.secrets().resolve(TRIAL_ACCOUNTS);
        List<FirstAccount> known = Home.read(file)
                .map(text -> List.of(json.readValue(text, FirstAccount[].class)))
                .orElse(List.of());
        // A home of an earlier release lacks those whose roles are newer.
        List<FirstAccount> all = new ArrayList<>(known);
        Stream.of(
                        new FirstAccount("engineer", "数据局工程师", "Data bureau engineer", Role.ENGINEER, chance(4)),
                        new FirstAccount("officer", "部门人员", "Department officer", Role.OFFICER, chance(4)),
                        new FirstAccount("analyst", "分析师", "Analyst", Role.ANALYST, chance(4)),
                        new FirstAccount("auditor", "审计", "Auditor", Role.AUDITOR, chance(4)),
                        new FirstAccount(RESIDENT, "演示居民", "Resident", Role.RESIDENT, chance(4)),
                        new FirstAccount(APPLICANT, "申请部门人员", "Officer of another department", Role.OFFICER, chance(4)))
                .forEach(all::add);
        all.addAll(administrators());
        List<FirstAccount> whole = new ArrayList<>();
        for (FirstAccount each : all) {
            if (whole.stream().noneMatch(other -> other.username().equals(each.username()))) {
                whole.add(each);
            }
        }
        if (whole.size() > known.size()) {
            Home.write(file, json.writerWithDefaultPrettyPrinter().writeValueAsString(whole) + "\n");
        }
        return List.copyOf(whole);
    }

    /** The three who keep the platform between them, with new passwords. */
    static List<FirstAccount> administrators() {
        return List.of(
                new FirstAccount("sysadmin", "系统管理员", "System administrator", Role.SYSTEM_ADMIN, chance(4)),
                new FirstAccount("secadmin", "安全管理员", "Security administrator", Role.SECURITY_ADMIN, chance(4)),
                new FirstAccount("auditadmin", "审计管理员", "Audit administrator", Role.AUDIT_ADMIN, chance(4)));
    }

    /** A fresh bearer token, for a process that lives shorter than the home. */
    static String token() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(32));
    }

    /** The password of one of the trial city's own accounts, made when it is first asked for. */
    public static String trialPassword(Home home, String account) {
        return once(home, "trial-" + account + ".password", () -> chance(8));
    }

    private static String once(Home home, String name, Supplier<String> made) {
        return Home.read(home.secrets().resolve(name)).map(String::strip).orElseGet(() -> {
            String secret = made.get();
            Home.write(home.secrets().resolve(name), secret + "\n");
            return secret;
        });
    }

    private static KeyPair receiptKeys(Home home) {
        try {
            if (Home.read(home.secrets().resolve("receipt.key")).isEmpty()) {
                KeyPair made = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                // The private key is written last: where it exists its public half does too.
                Home.write(home.receiptKey(), pem("PUBLIC KEY", made.getPublic().getEncoded()));
                Home.write(
                        home.secrets().resolve("receipt.key"),
                        pem("PRIVATE KEY", made.getPrivate().getEncoded()));
            }
            KeyFactory factory = KeyFactory.getInstance("Ed25519");
            String secret = Home.read(home.secrets().resolve("receipt.key")).orElseThrow();
            String open = Home.read(home.receiptKey())
                    .orElseThrow(
                            () -> new IllegalStateException("The public receipt key is missing: " + home.receiptKey()));
            return new KeyPair(
                    factory.generatePublic(new X509EncodedKeySpec(der(open))),
                    factory.generatePrivate(new PKCS8EncodedKeySpec(der(secret))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The receipt key of " + home + " cannot be read", e);
        }
    }

    /** The bytes inside a PEM block. */
    public static byte[] der(String pem) {
        String body = requireNonNull(pem, "pem is null").replaceAll("-----[A-Z ]+-----", "");
        return Base64.getMimeDecoder().decode(body.strip());
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der)
                + "\n-----END " + kind + "-----\n";
    }

    /** Groups of four characters; four groups are 80 bits. */
    private static String chance(int groups) {
        List<String> parts = new ArrayList<>();
        for (int g = 0; g < groups; g++) {
            StringBuilder part = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                part.append(ALPHABET.charAt(CHANCE.nextInt(ALPHABET.length())));
            }
            parts.add(part.toString());
        }
        return String.join("-", parts);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        CHANCE.nextBytes(bytes);
        return bytes;
    }
}
