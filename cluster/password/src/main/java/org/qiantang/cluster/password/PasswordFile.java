package org.qiantang.cluster.password;

import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.BasicPrincipal;
import io.trino.spi.security.PasswordAuthenticator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Names and derived passwords, a line each: {@code name:rounds:salt:hash} (PBKDF2 with HMAC-SHA-256). Read at the start of the server.
 * What was right once is remembered, for every request of a query brings its password along.
 */
final class PasswordFile implements PasswordAuthenticator {
    private static final HexFormat HEX = HexFormat.of();
    private static final int ROUNDS = 200_000;
    private static final int BITS = 256;

    private final Map<String, String[]> lines = new ConcurrentHashMap<>();
    private final Map<String, byte[]> right = new ConcurrentHashMap<>();

    PasswordFile(Path file) {
        try {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split(":");
                if (parts.length != 4) {
                    throw new IllegalArgumentException("Not name:rounds:salt:hash in " + file);
                }
                lines.put(parts[0], parts);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    @Override
    public Principal createAuthenticatedPrincipal(String user, String password) {
        byte[] given = digest(password);
        byte[] known = right.get(user);
        if (known == null || !MessageDigest.isEqual(known, given)) {
            String[] line = lines.get(user);
            if (line == null
                    || !MessageDigest.isEqual(
                            HEX.parseHex(line[3]),
                            derive(password, Integer.parseInt(line[1]), HEX.parseHex(line[2])))) {
                throw new AccessDeniedException("Invalid credentials");
            }
            right.put(user, given);
        }
        return new BasicPrincipal(user);
    }

    private static byte[] digest(String password) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] derive(String password, int rounds, byte[] salt) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, rounds, BITS))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Prints the line for the name in the first argument; the password comes on the standard input. */
    public static void main(String... arguments) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        try (Scanner input = new Scanner(System.in, StandardCharsets.UTF_8)) {
            byte[] hash = derive(input.nextLine(), ROUNDS, salt);
            System.out.println(
                    String.join(":", arguments[0], "" + ROUNDS, HEX.formatHex(salt), HEX.formatHex(hash)));
        }
    }
}
