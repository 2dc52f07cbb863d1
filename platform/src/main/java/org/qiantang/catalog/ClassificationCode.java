package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an entry stands in the city's directory (信息资源分类): 类 one digit, 项 two, 目 three, 细目 as many as needed. An entry's resource code
 * begins with it.
 *
 * @param text the digits
 */
public record ClassificationCode(String text) {
    private static final Pattern GRAMMAR = Pattern.compile("([1-3])(\\d{2})(\\d{3})(\\d{0,12})");

    public ClassificationCode {
        requireNonNull(text, "text is null");
        if (!GRAMMAR.matcher(text).matches()) {
            throw new IllegalArgumentException("Not a classification: " + text);
        }
    }

    public static Optional<ClassificationCode> find(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        return matcher.matches() ? Optional.of(new ClassificationCode(text)) : Optional.empty();
    }

    /** 类. */
    public Guide.Attribute attribute() {
        return Guide.Attribute.values()[text.charAt(0) - '1'];
    }

    /** The code of the resource with this number. */
    String resourceCode(int sequence) {
        return text + "/" + sequence;
    }

    @Override
    public String toString() {
        return text;
    }
}
