package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Mask;

/**
 * How sensitive a column is and how it is shown: by its content first, and by its name and comment, which may only raise the level.
 *
 * @param kind what the content was found to be, or null
 * @param share of the samples that were of that kind
 * @param mask never null from {@link Level#L3} up
 */
public record Classification(
        Level level,
        @Nullable ContentKind kind,
        double share,
        @Nullable Mask mask) {
    private static final Mask HIDE = new Mask.Hide();
    private static final double NAME_WITH_HINT = 0.3;

    /** What names and comments say; the most sensitive first, for the first that fits is taken. */
    private static final List<Hint> HINTS = List.of(
            new Hint(Level.L4, HIDE, "密码|口令|password|passwd|\\bpwd\\b|\\bsecret\\b|private key"),
            new Hint(
                    Level.L4,
                    HIDE,
                    "诊断|病历|病史|检验结果|化验结果|检查所见|影像所见|症状|过敏|手术名|既往|主诉|diagnos|\\bicd(?:10| code)?\\b|symptom|allerg|medical history"
                            + "|chief complaint|(?:lab|radiology|imaging) (?:result|finding|conclusion)s?|surgery"),
            new Hint(Level.L4, HIDE, "指纹|人脸|虹膜|基因|fingerprint|biometric|face (?:image|id)|犯罪|前科|criminal"),
            new Hint(
                    Level.L4,
                    new Mask.KeepEnds(4, 4),
                    "银行卡|银行账号|银行账户|开户账号|bank (?:card|account|acct)|card (?:no|number)|account (?:no|number)"),
            new Hint(
                    Level.L3,
                    new Mask.KeepEnds(1, 2),
                    "身份证|公民身份|证件号|证照号|护照|\\bid ?(?:card|no|number|num)\\b|identity (?:no|number|card)|citizen (?:id|no)|\\bsfzh?m?\\b|\\bzjhm\\b"
                            + "|passport|cert(?:ificate)? (?:no|number)|\\bssn\\b"),
            new Hint(
                    Level.L3,
                    new Mask.KeepEnds(3, 4),
                    "手机|电话|联系方式|联系号码|\\bphone\\b|\\bmobile\\b|\\btel\\b|telephone|\\bcell\\b|\\bsjhm?\\b|\\blxdh\\b"),
            new Hint(Level.L3, new Mask.KeepEnds(1, 0), "电子邮箱|电子邮件|邮箱|\\be ?mail\\b"),
            new Hint(
                    Level.L3,
                    new Mask.KeepEnds(1, 0),
                    "姓名|曾用名|\\bxm\\b|(?:full|first|last|given|family|person|patient|citizen|resident|owner|holder|student|doctor|applicant"
                            + "|contact|caller) name|surname"),
            new Hint(
                    Level.L3,
                    new Mask.KeepEnds(6, 0),
                    "住址|户籍地|居住地|家庭地址|联系地址|home address|residen\\w* address|living address|contact address"),
            new Hint(
                    Level.L3,
                    new Mask.KeepEnds(4, 0),
                    "出生日期|生日|birth ?(?:day|date)|date of birth|\\bdob\\b|\\bcsrq\\b"),
            new Hint(
                    Level.L3,
                    HIDE,
                    "工资|薪酬|月收入|年收入|salary|\\bwages?\\b|monthly income|annual income|政治面貌|宗教|religion|婚姻"),
            new Hint(Level.L2, null, "地址|address|\\baddr\\b|账号|余额|balance|联系人|负责人"));

    private static final Pattern NAME_HINT = Pattern.compile("名|\\bname\\b|联系人|负责人|法人|代表|经办");

    public Classification {
        requireNonNull(level, "level is null");
        if (level.isMasked() && mask == null) {
            throw new IllegalArgumentException("Nothing of level " + level + " is shown in clear");
        }
    }

    /**
     * @param type the lake's type label; only {@code string} columns are sampled
     * @param detections share of samples by {@link ContentKind}; empty when nothing was found or nothing was looked at
     */
    public static Classification of(String name, @Nullable String comment, String type, Map<String, Double> detections) {
        String words = words(name) + " " + (comment == null ? "" : comment.toLowerCase(Locale.ROOT));
        Classification byContent = byContent(words, detections);
        Hint hint = HINTS.stream().filter(each -> each.fits(words)).findFirst().orElse(null);
        if (hint != null && hint.level.compareTo(byContent.level) > 0) {
            return new Classification(hint.level, byContent.kind, byContent.share, hint.mask);
        }
        if (byContent.kind != null || hint != null) {
            return byContent;
        }
        // Text can hold anything, seen or not; numbers and dates that nothing speaks of cannot.
        return new Classification(type.equals("string") ? Level.L2 : Level.L1, null, 0, null);
    }

    private static Classification byContent(String words, Map<String, Double> detections) {
        Classification best = new Classification(Level.L1, null, 0, null);
        for (ContentKind kind : ContentKind.values()) {
            double share = detections.getOrDefault(kind.name(), 0.0);
            double threshold =
                    kind == ContentKind.NAME && NAME_HINT.matcher(words).find() ? NAME_WITH_HINT : kind.threshold();
            boolean better = best.kind == null
                    || kind.level().compareTo(best.level) > 0
                    || (kind.level() == best.level && share > best.share);
            if (share >= threshold && better) {
                best = new Classification(kind.level(), kind, share, kind.mask());
            }
        }
        return best;
    }

    /** {@code homeAddress}, {@code home_address} and {@code HOME-ADDRESS} all read as {@code home address}. */
    private static String words(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                .replaceAll("[^\\p{L}\\p{N}]+", " ")
                .toLowerCase(Locale.ROOT)
                .strip();
    }

    private record Hint(Level level, @Nullable Mask mask, Pattern pattern) {
        Hint(Level level, @Nullable Mask mask, String pattern) {
            this(level, mask, Pattern.compile(pattern));
        }

        boolean fits(String words) {
            return pattern.matcher(words).find();
        }
    }
}
