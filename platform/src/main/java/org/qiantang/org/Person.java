package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who works for the city. Phone and e-mail are masked wherever they are shown.
 *
 * @param username the account they sign in with
 */
public record Person(
        String id,
        String displayName,
        @Nullable String phone,
        @Nullable String email,
        @Nullable String username) {
    public Person {
        requireNonNull(id, "id is null");
        requireNonNull(displayName, "displayName is null");
    }

    /** The same person as others may see them: three and four digits of the phone, one letter of the e-mail, and no account to guess at. */
    public Person masked() {
        return new Person(id, displayName, maskedPhone(phone), maskedEmail(email), null);
    }

    private static @Nullable String maskedPhone(@Nullable String phone) {
        if (phone == null) {
            return null;
        }
        int length = phone.length();
        return length < 8
                ? "*".repeat(length)
                : phone.substring(0, 3) + "*".repeat(length - 7) + phone.substring(length - 4);
    }

    private static @Nullable String maskedEmail(@Nullable String email) {
        if (email == null) {
            return null;
        }
        int at = email.indexOf('@');
        return at < 1 ? "*".repeat(email.length()) : email.charAt(0) + "*".repeat(at - 1) + email.substring(at);
    }

    @Override
    public String toString() {
        return "Person[" + id + "]";
    }
}
