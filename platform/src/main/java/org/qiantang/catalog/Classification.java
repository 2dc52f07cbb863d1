package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Evidence.Basis;
import org.qiantang.lake.Mask;

/**
 * How sensitive a column is and how it is shown, as the machine proposes it: by its content first, and by its name and comment, which may
 * raise the level and say what a shape of many meanings is.
 *
 * @param kind what it holds, or null
 * @param share of the samples that were of that kind
 * @param mask never null from {@link Level#L3} up
 */
public record Classification(
        Level level,
        @Nullable ContentKind kind,
        double share,
        @Nullable Mask mask,
        Evidence evidence) {
    private static final Mask HIDE = new Mask.Hide();
    /** Of the samples of a column whose name speaks of a kind, so many must at least look alike. */
    private static final double OF_ONE_KIND = 0.9;

    private static final double ENOUGH_ALIKE = 0.5;
    /** A number of the shape of a telephone's is one by chance far more often than a text. */
    private static final double NUMBERS = 0.9;

    /** What names and comments say; the most sensitive first, for the first that fits is taken. */
    private static final List<Hint> HINTS = List.of(
            new Hint(null, Level.L4, HIDE, "密码|口令|password|passwd|\\bpwd\\b|\\bsecret\\b|private key"),
            new Hint(
                    ContentKind.HEALTH,
                    Level.L4,
                    HIDE,
                    "诊断|病种|疾病(?:名|编码|代码)|病历|病史|检验结果|化验结果|检查所见|影像所见|症状|过敏|手术名|既往|主诉|diagnos|\\bicd ?(?:10| code)?\\b|symptom|allerg"
                            + "|medical history|chief complaint|(?:lab|radiology|imaging) (?:result|finding|conclusion)s?|surgery"),
            new Hint(null, Level.L4, HIDE, "指纹|人脸|虹膜|基因|fingerprint|biometric|face (?:image|id)|犯罪|前科|criminal"),
            new Hint(
                    ContentKind.BANK_CARD,
                    Level.L4,
                    new Mask.KeepEnds(4, 4),
                    "银行卡|银行账号|银行账户|开户账号|bank (?:card|account|acct)|card (?:no|number)|account (?:no|number)"),
            new Hint(
                    ContentKind.ID_DOCUMENT,
                    Level.L3,
                    new Mask.KeepEnds(1, 2),
                    "证件号|护照|通行证|驾驶证|居留证|\\bid ?(?:card|no|number|num)\\b|identity (?:no|number|card)|citizen (?:id|no)|passport|\\bdrivers?\\b|\\bssn\\b"),
            new Hint(
                    null,
                    Level.L3,
                    new Mask.KeepEnds(1, 2),
                    "身份证|公民身份|证照号|\\bsfzh?m?\\b|\\bzjhm\\b|cert(?:ificate)? (?:no|number)"),
            new Hint(
                    ContentKind.INSURED_NO,
                    Level.L3,
                    new Mask.KeepEnds(4, 2),
                    "参保(?:人|个人)?(?:号|编号)|社保(?:编)?号|医保(?:编)?号|社会保障号|\\bpsn no\\b|insur(?:ed|ance) (?:no|number|id)|social insurance"),
            new Hint(
                    ContentKind.PHONE,
                    Level.L3,
                    new Mask.KeepEnds(3, 4),
                    "手机|电话|联系方式|联系号码|\\bphone\\b|\\bmobile\\b|\\btel\\b|telephone|\\bcell\\b|\\bsjhm?\\b|\\blxdh\\b"),
            new Hint(ContentKind.EMAIL, Level.L3, new Mask.KeepEnds(1, 0), "电子邮箱|电子邮件|邮箱|\\be ?mail\\b"),
            new Hint(
                    ContentKind.NAME,
                    Level.L3,
                    new Mask.KeepEnds(1, 0),
                    "姓名|曾用名|\\bxm\\b|(?:full|first|middle|last|given|family|maiden|person|patient|citizen|resident|owner|holder|student"
                            + "|doctor|applicant|contact|caller) name|surname|^(?:first|middle|last|given|maiden)\\s*$"),
            new Hint(
                    ContentKind.ADDRESS,
                    Level.L3,
                    new Mask.KeepEnds(6, 0),
                    "住址|户籍地|居住地|家庭地址|联系地址|home address|residen\\w* address|living address|contact address"),
            new Hint(
                    ContentKind.BIRTH_DATE,
                    Level.L3,
                    new Mask.KeepEnds(4, 0),
                    "出生日期|出生时间|出生年月|生日|birth ?(?:day|date)|date of birth|\\bdob\\b|\\bcsrq\\b|\\bbrdy\\b"),
            new Hint(
                    null,
                    Level.L3,
                    HIDE,
                    "工资|薪酬|月收入|年收入|salary|\\bwages?\\b|monthly income|annual income|政治面貌|宗教|religion|婚姻"),
            new Hint(ContentKind.ADDRESS, Level.L2, null, "地址|住所|坐落|address|\\baddr\\b|\\bstreet\\b"),
            // Every register numbers its persons; only a number of the insurance's shape is theirs.
            new Hint(ContentKind.INSURED_NO, Level.L2, null, "个人编号|人员编号"),
            new Hint(null, Level.L2, null, "账号|余额|balance|联系人|负责人"),
            new Hint(
                    ContentKind.COORDINATE,
                    Level.L1,
                    null,
                    "经度|纬度|坐标|longitude|latitude|\\blat\\b|\\blng\\b|\\blon\\b|\\bcoordinates?\\b"));

    private static final Pattern NAME_HINT = Pattern.compile("名|\\bname\\b|联系人|负责人|法人|代表|经办");

    public Classification {
        requireNonNull(level, "level is null");
        if (level.isMasked() && mask == null) {
            throw new IllegalArgumentException("Nothing of level " + level + " is shown in clear");
        }
    }

    /**
     * @param type the lake type's label
     * @param findings of the column's samples; {@link Findings#NONE} when nothing was looked at
     */
    public static Classification of(String name, @Nullable String comment, String type, Findings findings) {
        String words = words(name) + " " + (comment == null ? "" : comment.toLowerCase(Locale.ROOT));
        List<Spoken> spoken =
                HINTS.stream().flatMap(hint -> hint.spokenIn(words)).toList();
        Classification byContent = byContent(words, spoken, type, findings);
        if (!spoken.isEmpty() && spoken.getFirst().hint.level.compareTo(byContent.level) > 0) {
            Spoken loudest = spoken.getFirst();
            return new Classification(
                    loudest.hint.level,
                    byContent.kind,
                    byContent.share,
                    loudest.hint.mask,
                    evidence(Basis.NAME, byContent.kind, loudest.words, findings));
        }
        if (byContent.kind != null || !spoken.isEmpty()) {
            return byContent;
        }
        // Text can hold anything, seen or not; numbers and dates that nothing speaks of cannot.
        return new Classification(type.equals("string") ? Level.L2 : Level.L1, null, 0, null, byContent.evidence);
    }

    private static Classification byContent(String words, List<Spoken> spoken, String type, Findings findings) {
        boolean isText = type.equals("string");
        boolean isPerhapsName = NAME_HINT.matcher(words).find();
        Classification best = new Classification(Level.L1, null, 0, null, evidence(Basis.TYPE, null, null, findings));
        for (ContentKind kind : findings.kinds().keySet().stream().sorted().toList()) {
            String named = named(spoken, kind);
            double share = findings.share(kind);
            double threshold = named != null || kind == ContentKind.NAME && isPerhapsName
                    ? kind.namedThreshold()
                    : isText ? kind.threshold() : Math.max(NUMBERS, kind.threshold());
            if (share >= threshold && isBetter(kind, share, best)) {
                best = of(kind, share, named == null ? Basis.CONTENT : Basis.CONTENT_AND_NAME, named, findings);
            }
        }
        Classification byShape = best;
        for (Spoken each : spoken) {
            ContentKind kind = each.hint.kind;
            if (kind == null || byShape.kind != null && kind.level().compareTo(byShape.level) <= 0) {
                continue;
            }
            double share = findings.share(kind) + findings.alikeShare(kind);
            if (share >= ENOUGH_ALIKE) {
                byShape = of(kind, Math.min(1, share), Basis.NAME_AND_SHAPE, each.words, findings);
            }
        }
        return byShape;
    }

    private static boolean isBetter(ContentKind kind, double share, Classification best) {
        return best.kind == null
                || kind.level().compareTo(best.level) > 0
                || kind.level() == best.level && share > best.share;
    }

    private static Classification of(
            ContentKind kind, double share, Basis basis, @Nullable String words, Findings findings) {
        // What else stands in a column of several kinds must not be shown by the way of one of them.
        boolean mixed = basis == Basis.CONTENT && kind.level().isMasked() && share < OF_ONE_KIND;
        Mask mask = mixed ? HIDE : kind.mask();
        return new Classification(kind.level(), kind, share, mask, evidence(basis, kind, words, findings));
    }

    private static Evidence evidence(
            Basis basis, @Nullable ContentKind kind, @Nullable String words, Findings findings) {
        Findings.Count count = kind == null ? new Findings.Count(0, 0, 0, List.of()) : findings.of(kind);
        return new Evidence(
                basis, findings.seen(), count.matched(), count.faulty(), count.alike(), words, count.shapes());
    }

    private static @Nullable String named(List<Spoken> spoken, ContentKind kind) {
        return spoken.stream()
                .filter(each ->
                        each.hint.kind == kind || kind == ContentKind.LANDLINE && each.hint.kind == ContentKind.PHONE)
                .map(Spoken::words)
                .findFirst()
                .orElse(null);
    }

    /** {@code homeAddress}, {@code home_address} and {@code HOME-ADDRESS} all read as {@code home address}. */
    private static String words(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                .replaceAll("[^\\p{L}\\p{N}]+", " ")
                .toLowerCase(Locale.ROOT)
                .strip();
    }

    /** A hint that a name or comment gives, and in which words. */
    private record Spoken(Hint hint, String words) {}

    private record Hint(
            @Nullable ContentKind kind,
            Level level,
            @Nullable Mask mask,
            Pattern pattern) {
        Hint(@Nullable ContentKind kind, Level level, @Nullable Mask mask, String pattern) {
            this(kind, level, mask, Pattern.compile(pattern));
        }

        Stream<Spoken> spokenIn(String words) {
            Matcher matcher = pattern.matcher(words);
            return matcher.find() ? Stream.of(new Spoken(this, matcher.group().strip())) : Stream.empty();
        }
    }
}
