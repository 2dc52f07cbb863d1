package org.qiantang.collect;

import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.Sealing;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks a receipt with nothing but the installation's public key: that it is exactly what was signed, that this key signed it, and that
 * it does not contradict itself. Needs no process, network or database.
 */
public final class ReceiptVerifier {
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ReceiptVerifier() {}

    /**
     * @param json the file, byte for byte; one line break at its end is not held against it
     * @param trusted the key of the installation that is believed, from {@code keys/receipt.pub}
     */
    public static Result verify(byte[] json, PublicKey trusted) {
        List<Finding> findings = new ArrayList<>();
        @Nullable Receipt receipt = null;
        try {
            JsonNode document = STRICT.readTree(json);
            if (!document.isObject()
                    || !document.propertyNames().equals(Set.of("receipt", "signature"))
                    || !document.path("signature").isObject()) {
                return Result.of(null, List.of(new Finding("这不是归集回执。", "This is not a receipt.")));
            }
            if (!Arrays.equals(CanonicalJson.bytes(document), withoutLineBreak(json))) {
                findings.add(
                        new Finding(
                                "文件不是平台签发时的原样：它被改动或重新排版过。请重新下载。",
                                "The file is not as the platform issued it: it was changed or laid out anew. Download it again."));
            }
            receipt = STRICT.treeToValue(document.path("receipt"), Receipt.class);
            findings.addAll(signature(document, trusted, receipt));
            findings.addAll(contradictions(receipt));
        } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
            findings.add(new Finding("文件无法读取：它不是完整的归集回执。", "The file cannot be read: it is not a whole receipt."));
        }
        return Result.of(receipt, findings);
    }

    private static List<Finding> signature(JsonNode document, PublicKey trusted, Receipt receipt) {
        List<Finding> findings = new ArrayList<>();
        JsonNode signature = document.path("signature");
        Base64.Encoder base64 = Base64.getEncoder();
        if (!signature.propertyNames().equals(Set.of("algorithm", "publicKey", "value"))
                || !signature.path("algorithm").asString("").equals(Sealing.ALGORITHM)) {
            findings.add(new Finding("签名格式不正确。", "The signature's form is wrong."));
        }
        if (!signature.path("publicKey").asString("").equals(base64.encodeToString(trusted.getEncoded()))
                || !receipt.keyFingerprint().equals(Sealing.fingerprint(trusted))) {
            findings.add(new Finding(
                    "签发密钥不是所信任的密钥（" + receipt.keyFingerprint() + "）。",
                    "It was signed with another key than the one that is trusted (" + receipt.keyFingerprint() + ")."));
        }
        byte[] value = Base64.getDecoder().decode(signature.path("value").asString(""));
        if (!Sealing.verify(trusted, CanonicalJson.bytes(document.path("receipt")), value)) {
            findings.add(new Finding("签名与内容不符。", "The signature does not match the content."));
        }
        return findings;
    }

    /** What a receipt says against itself; nothing, for one this platform made. */
    static List<Finding> contradictions(Receipt receipt) {
        List<Finding> findings = new ArrayList<>();
        if (receipt.version() != Receipt.VERSION) {
            findings.add(new Finding(
                    "回执版本 " + receipt.version() + " 未知。", "Version " + receipt.version() + " is not known."));
        }
        if (!Receipt.Totals.of(receipt.objects()).equals(receipt.totals())) {
            findings.add(new Finding("合计与各表之和不符。", "The totals are not the sum of the objects."));
        }
        for (Receipt.Item item : receipt.objects()) {
            Receipt.Reason why = Receipt.contradiction(item);
            if (why != null) {
                findings.add(new Finding(
                        item.qualifiedName() + " 标为完整，但 " + why.detail(),
                        item.qualifiedName() + " is called complete, but " + why.detail()));
            }
        }
        boolean whole = receipt.objects().stream()
                .filter(Receipt.Item::isCopied)
                .allMatch(item -> item.state() == RunObject.State.COMPLETE);
        boolean saysComplete = receipt.verdict() == Receipt.Verdict.complete;
        if (saysComplete && (!whole || !receipt.missing().isEmpty())) {
            findings.add(new Finding("结论为完整，但有缺失。", "The verdict is complete, but something is missing."));
        }
        if (!saysComplete && receipt.missing().isEmpty()) {
            findings.add(new Finding("结论为不完整，但没有列出缺失。", "The verdict is incomplete, but nothing is named as missing."));
        }
        Set<String> named =
                receipt.missing().stream().map(Receipt.Missing::object).collect(Collectors.toCollection(TreeSet::new));
        for (Receipt.Item item : receipt.objects()) {
            if (item.state().isShort() && !named.contains(item.qualifiedName())) {
                findings.add(new Finding(
                        item.qualifiedName() + " 不完整，但未列入缺失。",
                        item.qualifiedName() + " is not whole, but is not named as missing."));
            }
        }
        return findings;
    }

    private static byte[] withoutLineBreak(byte[] json) {
        int end = json.length;
        if (end > 0 && json[end - 1] == '\n') {
            end--;
            if (end > 0 && json[end - 1] == '\r') {
                end--;
            }
        }
        return Arrays.copyOf(json, end);
    }

    /** What is wrong with a receipt, in a sentence. */
    public record Finding(String zh, String en) {}

    /**
     * The outcome of a check.
     *
     * @param receipt what was read, to be believed only when {@link #isValid}
     */
    public record Result(Optional<Receipt> receipt, List<Finding> findings) {
        public Result {
            findings = List.copyOf(findings);
        }

        static Result of(@Nullable Receipt receipt, List<Finding> findings) {
            return new Result(Optional.ofNullable(receipt), findings);
        }

        public boolean isValid() {
            return findings.isEmpty() && receipt.isPresent();
        }

        @Override
        public String toString() {
            return isValid() ? "valid" : findings.stream().map(Finding::en).collect(Collectors.joining(" "));
        }
    }
}
