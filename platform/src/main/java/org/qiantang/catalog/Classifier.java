package org.qiantang.catalog;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.ELicenceIdentifier;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.UnifiedSocialCreditCode;
import org.qiantang.lake.Mask;

/**
 * Looks at what stands in a column rather than at what it is called: identity numbers by check digit and date, names by surname,
 * addresses by their parts. Pure, and called where the values are, so that samples never leave the lake worker.
 *
 * <p>What has no shape of its own (a date of birth, a coordinate, an insured person's number) is counted as alike; {@link Classification}
 * believes it when the column's name says the same.
 */
public final class Classifier {
    private static final int MOST_SHAPES = 3;
    private static final Set<String> PROVINCES = Set.of(
            "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
            "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83");

    private static final Pattern ID_18 = Pattern.compile("\\d{6}[12]\\d{3}[01]\\d[0-3]\\d{4}[\\dXx]");
    private static final Pattern ID_15 = Pattern.compile("\\d{15}");
    private static final Pattern USCC = Pattern.compile("[1-9ANY][0-9A-HJ-NPQRTUWXY]\\d{6}[0-9A-HJ-NPQRTUWXY]{10}");
    private static final Pattern E_LICENCE = Pattern.compile(
            "(?:1\\.2\\.156\\.3005\\.2\\.)?[0-9A-Z]{21}\\.[0-9A-Z]{6,18}\\.[0-9A-Z]+\\.\\d{3}\\.[0-9A-Z]");
    private static final Pattern MEDICAL_INSTITUTION = Pattern.compile("[HP][1-8]\\d{10}");
    private static final Pattern MEDICAL_STAFF = Pattern.compile("(?:D|N|HY|HJ)[1-8]\\d{11}");
    private static final Pattern DRUG_CODE =
            Pattern.compile("X[A-Z]\\d{2}[A-Z]{2}[A-Z]\\d{3}[A-Z]\\d{12}|Z[A-Z]\\d{2}[A-Z]{2}[A-Z]\\d{13}");
    private static final Pattern PHONE = Pattern.compile("(?:\\+?86[- ]?)?1[3-9]\\d{9}");
    private static final Pattern LANDLINE = Pattern.compile("\\(?0\\d{2,3}\\)?[- ]?\\d{7,8}(?:-\\d{1,6})?");
    private static final Pattern EMAIL = Pattern.compile("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+");
    private static final Pattern CARD = Pattern.compile("[3-6]\\d{15,18}");
    private static final Pattern PLATE = Pattern.compile(
            "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]" + "[A-HJ-NP-Z][·\\s]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]");
    private static final Pattern IPV4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)");
    private static final Pattern PLACE = Pattern.compile(
            "省|自治区|[\\p{IsHan}]市|[\\p{IsHan}]{2}(?<!小)区|[\\p{IsHan}]县|街道|[\\p{IsHan}]镇|[\\p{IsHan}]乡|社区|[\\p{IsHan}]村");
    private static final Pattern STREET = Pattern.compile("[\\p{IsHan}](?:路|大道|街(?!道)|巷|弄|里|苑|园|坊|小区|花园|公寓|新村|组)");
    /** A number that begins with a nought, or follows a bracket or 第, is that of a document. */
    private static final Pattern DOOR =
            Pattern.compile("(?:(?<![第〕）)0-9])[1-9][0-9]{0,4}|[０-９一二三四五六七八九十甲乙丙丁]+)\\s*(?:号|幢|栋|室|单元|弄|楼|组)");

    private static final Pattern LATIN_ADDRESS = Pattern.compile(
            "\\d+\\S*\\s+\\S+.*?\\s(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|way|boulevard|blvd|court|ct|place|pl|parkway"
                    + "|pkwy|terrace|highway|hwy|square|sq|passage|alley|circle|trail)\\b.*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PHONE_INSIDE = Pattern.compile("(?<![0-9A-Za-z])1[3-9]\\d{9}(?![0-9A-Za-z])");
    private static final Pattern ID_INSIDE = Pattern.compile("(?<![0-9A-Za-z])\\d{17}[\\dXx](?![0-9A-Za-z])");
    private static final Pattern PLAIN_NAME = Pattern.compile("\\p{IsHan}{2,4}");
    private static final Pattern DOTTED_NAME = Pattern.compile("\\p{IsHan}{1,12}(?:[·•‧・．.]\\p{IsHan}{1,12}){1,4}");
    private static final Pattern PAIR =
            Pattern.compile("[(\\[]?\\s*-?\\d{1,3}\\.\\d{3,}\\s*[,，; ]\\s*-?\\d{1,3}\\.\\d{3,}\\s*[)\\]]?"
                    + "|POINT ?\\(-?\\d{1,3}\\.\\d{3,} -?\\d{1,3}\\.\\d{3,}\\)");
    private static final Pattern DEGREES = Pattern.compile("-?1?\\d{1,2}\\.\\d{3,}");
    private static final Pattern METRES = Pattern.compile("-?[1-9]\\d{4,7}(?:\\.\\d+)?");
    private static final Pattern DAY = Pattern.compile(
            "(?:19|20)\\d{2}(?:-[01]?\\d-[0-3]?\\d|/[01]?\\d/[0-3]?\\d|[01]\\d[0-3]\\d|年.{3,6})(?:[ T].*)?");

    private Classifier() {}

    /**
     * What the samples of a column are.
     *
     * @param type the lake type's label; numbers and dates are given as text, dates by ISO 8601
     */
    public static Findings look(String type, List<String> samples) {
        Tally tally = new Tally();
        switch (type) {
            case "string" -> samples.forEach(sample -> text(sample.strip(), tally));
            case "date", "timestamp", "timestamptz" ->
                samples.forEach(sample -> tally.seen(sample, isDay(sample), ContentKind.BIRTH_DATE));
            case "boolean", "time", "uuid", "binary" -> {}
            default -> samples.forEach(sample -> number(sample, tally));
        }
        return tally.findings();
    }

    /** What one value is, by the most telling shape it has. */
    static Optional<ContentKind> kindOf(String value) {
        return Optional.ofNullable(kindOf(value, Look.at(value), new Tally()));
    }

    private static void text(String value, Tally tally) {
        if (value.isEmpty()) {
            return;
        }
        tally.seen++;
        Look look = Look.at(value);
        ContentKind kind = kindOf(value, look, tally);
        if (kind != null) {
            tally.matched(kind, value);
        }
        alike(value, look, tally);
    }

    private static void number(String value, Tally tally) {
        tally.seen++;
        Look look = Look.at(value);
        if (look.digits == value.length() && look.digits >= 11) {
            if (look.digits == 11 && PHONE.matcher(value).matches()) {
                tally.matched(ContentKind.PHONE, value);
            } else if (look.digits == 18 && isIdNumber(value, tally)) {
                tally.matched(ContentKind.ID_NUMBER, value);
            } else if (CARD.matcher(value).matches()) {
                tally.checked(ContentKind.BANK_CARD, value, passesLuhn(value));
            }
        }
        alike(value, look, tally);
    }

    private static @Nullable ContentKind kindOf(String value, Look look, Tally tally) {
        int length = value.length();
        if (length <= 24 && (look.digits >= 4 || look.isPerhapsHan || length == 18)) {
            ContentKind kind = shortKindOf(value, look, tally);
            if (kind != null) {
                return kind;
            }
        }
        if (look.hasAt && length <= 120 && EMAIL.matcher(value).matches()) {
            return ContentKind.EMAIL;
        }
        if (look.longestNumber >= 3 && look.dots >= 2) {
            if (length <= 60 && PAIR.matcher(value).matches()) {
                return ContentKind.COORDINATE;
            }
            if (length >= 36 && length <= 100 && E_LICENCE.matcher(value).matches()) {
                if (ELicenceIdentifier.find(value).isPresent()) {
                    return ContentKind.E_LICENCE;
                }
                tally.faulty(ContentKind.E_LICENCE);
            }
        }
        if (look.longestNumber >= 11 && hasPersonalInside(value)) {
            return ContentKind.FREE_TEXT_WITH_PERSONAL;
        }
        if (look.isPerhapsHan && length >= 6 && length <= 80 && isAddress(value, look)) {
            return ContentKind.ADDRESS;
        }
        if (look.startsWithDigit
                && look.letters >= 4
                && length <= 120
                && value.indexOf(' ') > 0
                && LATIN_ADDRESS.matcher(value).matches()) {
            return ContentKind.ADDRESS;
        }
        boolean isPerhapsTerm = look.isPerhapsHan ? look.isPerhapsMedical : look.letters > 0;
        return isPerhapsTerm && Health.isTerm(value, look.isPerhapsHan) ? ContentKind.HEALTH : null;
    }

    private static @Nullable ContentKind shortKindOf(String value, Look look, Tally tally) {
        int length = value.length();
        if (look.digits >= 15 && isIdNumber(value, tally)) {
            return ContentKind.ID_NUMBER;
        }
        if (length == 18 && USCC.matcher(value).matches()) {
            if (UnifiedSocialCreditCode.findFault(value).isEmpty()) {
                return ContentKind.USCC;
            }
            tally.faulty(ContentKind.USCC);
        }
        if (look.digits >= 10) {
            if (PHONE.matcher(value).matches()) {
                return ContentKind.PHONE;
            }
            if (LANDLINE.matcher(value).matches()) {
                return ContentKind.LANDLINE;
            }
            if (length == 12 && MEDICAL_INSTITUTION.matcher(value).matches()) {
                return ContentKind.MEDICAL_INSTITUTION;
            }
            if (length <= 14 && MEDICAL_STAFF.matcher(value).matches()) {
                return ContentKind.MEDICAL_STAFF;
            }
            if (length >= 20 && length <= 23 && DRUG_CODE.matcher(value).matches()) {
                return ContentKind.DRUG_CODE;
            }
            String digits = value.replace(" ", "");
            if (CARD.matcher(digits).matches()) {
                if (passesLuhn(digits)) {
                    return ContentKind.BANK_CARD;
                }
                tally.faulty(ContentKind.BANK_CARD);
            }
        }
        if (look.isPerhapsHan && PLATE.matcher(value).matches()) {
            return ContentKind.PLATE;
        }
        if (look.digits >= 4 && look.dots == 3 && IPV4.matcher(value).matches()) {
            return ContentKind.IPV4;
        }
        return look.isPerhapsHan && isPersonName(value) ? ContentKind.NAME : null;
    }

    /** Shapes that say nothing by themselves; each is cheap, for most values have one. */
    private static void alike(String value, Look look, Tally tally) {
        int length = value.length();
        if (look.isPerhapsHan) {
            if (look.isPerhapsMedical && Health.isFinding(value)) {
                tally.alike(ContentKind.HEALTH);
            } else if (look.digits >= 6 && length <= 30 && isDay(value)) {
                tally.alike(ContentKind.BIRTH_DATE);
            }
            return;
        }
        int others = length - look.digits - look.letters;
        if (look.digits >= 5 && length <= 30 && others == look.hyphens) {
            if (length <= 18) {
                tally.alike(ContentKind.ID_DOCUMENT);
            }
            if (others == 0 && look.digits >= 8) {
                tally.alike(ContentKind.INSURED_NO);
            }
        }
        if (look.letters == 0 && look.digits >= 12 && length <= 36 && others <= 7) {
            tally.alike(ContentKind.BANK_CARD);
        }
        if (look.letters <= 1 && look.digits >= 7 && look.digits <= 15 && others <= 6 && look.dots <= 3) {
            tally.alike(ContentKind.PHONE);
        }
        if (look.letters <= 2 && look.digits >= 6 && length <= 32 && isDay(value)) {
            tally.alike(ContentKind.BIRTH_DATE);
        }
        if (look.letters == 0
                && look.digits >= 4
                && length <= 24
                && (look.dots == 1 ? DEGREES : METRES).matcher(value).matches()) {
            tally.alike(ContentKind.COORDINATE);
        }
        if (look.letters >= 2 && length <= 60 && look.digits <= 7 && look.digits < look.letters && others <= 6) {
            tally.alike(ContentKind.NAME);
        }
        if (look.startsWithDigit && look.letters >= 3 && others >= 1 && length <= 120) {
            tally.alike(ContentKind.ADDRESS);
        }
        if (length <= 7 && Health.isCode(value)) {
            tally.alike(ContentKind.HEALTH);
        }
    }

    /** What was counted so far. */
    private static final class Tally {
        private static final int KINDS = ContentKind.values().length;

        private int seen;
        private final int[] matched = new int[KINDS];
        private final int[] faulty = new int[KINDS];
        private final int[] alike = new int[KINDS];
        private final Map<ContentKind, List<String>> shapes = new EnumMap<>(ContentKind.class);

        private void matched(ContentKind kind, String value) {
            if (matched[kind.ordinal()]++ < MOST_SHAPES) {
                shapes.computeIfAbsent(kind, any -> new ArrayList<>()).add(masked(kind, value));
            }
        }

        private void faulty(ContentKind kind) {
            faulty[kind.ordinal()]++;
        }

        private void checked(ContentKind kind, String value, boolean passes) {
            if (passes) {
                matched(kind, value);
            } else {
                faulty(kind);
            }
        }

        private void alike(ContentKind kind) {
            alike[kind.ordinal()]++;
        }

        private void seen(String sample, boolean isAlike, ContentKind kind) {
            if (!sample.isBlank()) {
                seen++;
                if (isAlike) {
                    alike(kind);
                }
            }
        }

        private Findings findings() {
            Map<ContentKind, Findings.Count> kinds = new EnumMap<>(ContentKind.class);
            for (ContentKind kind : ContentKind.values()) {
                int at = kind.ordinal();
                if (matched[at] + faulty[at] + alike[at] > 0) {
                    kinds.put(
                            kind,
                            new Findings.Count(
                                    matched[at], faulty[at], alike[at], shapes.getOrDefault(kind, List.of())));
                }
            }
            return new Findings(seen, kinds);
        }
    }

    /** As anybody sees it; of what is public anyway the first four characters. */
    private static String masked(ContentKind kind, String value) {
        Mask mask = kind.mask() == null ? new Mask.KeepEnds(4, 0) : kind.mask();
        int[] points = value.codePoints().limit(40).toArray();
        String shown = Masks.apply(mask, new String(points, 0, points.length));
        return shown == null ? "***" : shown;
    }

    /** What a value consists of; most values are of no kind, and this shows it without trying each. */
    private record Look(
            int digits,
            int longestNumber,
            int letters,
            int dots,
            int hyphens,
            boolean startsWithDigit,
            boolean hasAt,
            boolean isPerhapsHan,
            boolean isPerhapsStreet,
            boolean isPerhapsDoor,
            boolean isPerhapsMedical) {
        /** Every Han character is here or above. */
        private static final char FIRST_HAN = '\u2e80';

        private static final int STREETS = 1;
        private static final int DOORS = 2;
        private static final int MEDICAL = 4;
        /** What a Han character may be part of. */
        private static final byte[] PARTS = new byte[1 << 16];

        static {
            // The last characters of what STREET and DOOR look for.
            "路道街巷弄里苑园坊区寓村组".chars().forEach(each -> PARTS[each] |= STREETS);
            "号幢栋室元弄楼组".chars().forEach(each -> PARTS[each] |= DOORS);
            Health.CHARACTERS.chars().forEach(each -> PARTS[each] |= MEDICAL);
        }

        static Look at(String value) {
            int digits = 0;
            int number = 0;
            int longest = 0;
            int letters = 0;
            int dots = 0;
            int hyphens = 0;
            boolean hasAt = false;
            boolean isPerhapsHan = false;
            int parts = 0;
            for (int i = 0; i < value.length(); i++) {
                char each = value.charAt(i);
                if (each >= '0' && each <= '9') {
                    digits++;
                    number++;
                    longest = Math.max(longest, number);
                    continue;
                }
                number = 0;
                if (each >= FIRST_HAN) {
                    isPerhapsHan = true;
                    parts |= PARTS[each];
                } else if (each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z') {
                    letters++;
                } else if (each == '.') {
                    dots++;
                } else if (each == '-') {
                    hyphens++;
                } else {
                    hasAt |= each == '@';
                }
            }
            boolean startsWithDigit = !value.isEmpty() && value.charAt(0) >= '0' && value.charAt(0) <= '9';
            return new Look(
                    digits,
                    longest,
                    letters,
                    dots,
                    hyphens,
                    startsWithDigit,
                    hasAt,
                    isPerhapsHan,
                    (parts & STREETS) != 0,
                    (parts & DOORS) != 0,
                    (parts & MEDICAL) != 0);
        }
    }

    /**
     * The first six digits are not judged, because people keep abolished division codes for life. What has the shape and a possible date but
     * the wrong check digit is counted as faulty.
     */
    private static boolean isIdNumber(String value, Tally tally) {
        if (value.length() == 18) {
            if (!ID_18.matcher(value).matches()) {
                return false;
            }
            Optional<IdentityNumber.Fault> fault = IdentityNumber.findFault(value);
            if (fault.isPresent()) {
                if (fault.get() == IdentityNumber.Fault.CHECK_CHARACTER) {
                    tally.faulty(ContentKind.ID_NUMBER);
                }
                return false;
            }
            int century = (value.charAt(6) - '0') * 10 + value.charAt(7) - '0';
            return century >= 18 && century <= 20;
        }
        return ID_15.matcher(value).matches() && PROVINCES.contains(value.substring(0, 2)) && isDate(value);
    }

    private static boolean isDate(String fifteenDigits) {
        int month = Integer.parseInt(fifteenDigits.substring(8, 10));
        int day = Integer.parseInt(fifteenDigits.substring(10, 12));
        if (month < 1 || month > 12 || day < 1 || day > 31) {
            return false;
        }
        try {
            return LocalDate.of(1900 + Integer.parseInt(fifteenDigits.substring(6, 8)), month, day)
                            .getYear()
                    > 0;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDay(String value) {
        return (value.startsWith("19") || value.startsWith("20"))
                && DAY.matcher(value).matches();
    }

    private static boolean passesLuhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit : digit * 2;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return sum % 10 == 0;
    }

    private static boolean isPersonName(String value) {
        if (DOTTED_NAME.matcher(value).matches()) {
            return true;
        }
        return PLAIN_NAME.matcher(value).matches() && Surnames.looksLikeName(value);
    }

    private static boolean isAddress(String value, Look look) {
        boolean street = look.isPerhapsStreet && STREET.matcher(value).find();
        boolean door = look.isPerhapsDoor && DOOR.matcher(value).find();
        return (street && door || (street || door) && PLACE.matcher(value).find()) && !isSentence(value);
    }

    private static boolean isSentence(String value) {
        for (int i = 0; i < value.length(); i++) {
            if ("。；！？：".indexOf(value.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasPersonalInside(String value) {
        if (PHONE_INSIDE.matcher(value).find()) {
            return true;
        }
        Matcher ids = ID_INSIDE.matcher(value);
        Tally unused = new Tally();
        while (ids.find()) {
            if (isIdNumber(ids.group().toUpperCase(Locale.ROOT), unused)) {
                return true;
            }
        }
        return false;
    }
}
