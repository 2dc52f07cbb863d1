package org.qiantang.catalog;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at what stands in a column rather than at what it is called: identity numbers by check digit and date, names by surname,
 * addresses by their parts. Pure, and called where the values are, so that samples never leave the lake worker.
 *
 * <p>Only text is sampled. A phone number kept as a number is found by its column's name alone, see {@link Classification}.
 */
public final class Classifier {
    private static final int[] ID_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String ID_CHECKS = "10X98765432";
    private static final String USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final int[] USCC_WEIGHTS = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    private static final Set<String> PROVINCES = Set.of(
            "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
            "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83");

    private static final Pattern ID_18 = Pattern.compile("\\d{17}[\\dXx]");
    private static final Pattern ID_15 = Pattern.compile("\\d{15}");
    private static final Pattern USCC = Pattern.compile("[0-9A-HJ-NPQRTUWXY]{18}");
    private static final Pattern PHONE = Pattern.compile("(?:\\+?86[- ]?)?1[3-9]\\d{9}");
    private static final Pattern LANDLINE = Pattern.compile("\\(?0\\d{2,3}\\)?[- ]?\\d{7,8}(?:-\\d{1,6})?");
    private static final Pattern EMAIL = Pattern.compile("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+");
    private static final Pattern CARD = Pattern.compile("[3-6]\\d{15,18}");
    private static final Pattern PLATE = Pattern.compile(
            "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]" + "[A-HJ-NP-Z][·\\s]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]");
    private static final Pattern IPV4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)");
    private static final Pattern PLACE = Pattern.compile(
            "省|自治区|[\\p{IsHan}]市|[\\p{IsHan}]{2}区|[\\p{IsHan}]县|街道|[\\p{IsHan}]镇|[\\p{IsHan}]乡|社区|[\\p{IsHan}]村");
    private static final Pattern STREET = Pattern.compile("[\\p{IsHan}](?:路|大道|街|巷|弄|里|苑|园|坊|小区|花园|公寓|新村|组)");
    private static final Pattern DOOR = Pattern.compile("[0-9０-９一二三四五六七八九十甲乙丙丁]+\\s*(?:号|幢|栋|室|单元|弄|楼|组)");
    private static final Pattern PHONE_INSIDE = Pattern.compile("(?<![0-9A-Za-z])1[3-9]\\d{9}(?![0-9A-Za-z])");
    private static final Pattern ID_INSIDE = Pattern.compile("(?<![0-9A-Za-z])\\d{17}[\\dXx](?![0-9A-Za-z])");
    private static final Pattern PLAIN_NAME = Pattern.compile("\\p{IsHan}{2,4}");
    private static final Pattern DOTTED_NAME = Pattern.compile("\\p{IsHan}{1,12}(?:[·•‧・．.]\\p{IsHan}{1,12}){1,4}");

    private Classifier() {}

    /**
     * The share of the samples, 0 to 1, that are of each kind of {@link ContentKind}; kinds that were not seen are left out. Blank
     * samples do not count.
     */
    public static Map<String, Double> detect(List<String> samples) {
        Map<ContentKind, Integer> counts = new EnumMap<>(ContentKind.class);
        int seen = 0;
        for (String sample : samples) {
            String value = sample.strip();
            if (value.isEmpty()) {
                continue;
            }
            seen++;
            kindOf(value).ifPresent(kind -> counts.merge(kind, 1, Integer::sum));
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        for (Map.Entry<ContentKind, Integer> entry : counts.entrySet()) {
            shares.put(entry.getKey().name(), (double) entry.getValue() / seen);
        }
        return shares;
    }

    /** What one value is, by the most telling shape it has. */
    static Optional<ContentKind> kindOf(String value) {
        int length = value.length();
        Look look = Look.at(value);
        if (length <= 24 && (look.digits >= 4 || look.isPerhapsHan || length == 18)) {
            Optional<ContentKind> kind = shortKindOf(value, look);
            if (kind.isPresent()) {
                return kind;
            }
        }
        if (look.hasAt && length <= 120 && EMAIL.matcher(value).matches()) {
            return Optional.of(ContentKind.EMAIL);
        }
        if (look.longestNumber >= 11 && hasPersonalInside(value)) {
            return Optional.of(ContentKind.FREE_TEXT_WITH_PERSONAL);
        }
        if (look.isPerhapsHan && length >= 6 && length <= 80 && isAddress(value, look)) {
            return Optional.of(ContentKind.ADDRESS);
        }
        return Optional.empty();
    }

    private static Optional<ContentKind> shortKindOf(String value, Look look) {
        if (look.digits >= 15 && isIdNumber(value)) {
            return Optional.of(ContentKind.ID_NUMBER);
        }
        if (value.length() == 18 && USCC.matcher(value).matches() && isUscc(value)) {
            return Optional.of(ContentKind.USCC);
        }
        if (look.digits >= 10) {
            if (PHONE.matcher(value).matches()) {
                return Optional.of(ContentKind.PHONE);
            }
            if (LANDLINE.matcher(value).matches()) {
                return Optional.of(ContentKind.LANDLINE);
            }
            String digits = value.replace(" ", "");
            if (CARD.matcher(digits).matches() && passesLuhn(digits)) {
                return Optional.of(ContentKind.BANK_CARD);
            }
        }
        if (look.isPerhapsHan && PLATE.matcher(value).matches()) {
            return Optional.of(ContentKind.PLATE);
        }
        if (look.digits >= 4 && value.indexOf('.') > 0 && IPV4.matcher(value).matches()) {
            return Optional.of(ContentKind.IPV4);
        }
        return look.isPerhapsHan && isPersonName(value) ? Optional.of(ContentKind.NAME) : Optional.empty();
    }

    /** What a value consists of; most values are of no kind, and this shows it without trying each. */
    private record Look(
            int digits,
            int longestNumber,
            boolean hasAt,
            boolean isPerhapsHan,
            boolean isPerhapsStreet,
            boolean isPerhapsDoor) {
        /** Every Han character is here or above. */
        private static final char FIRST_HAN = '\u2e80';

        static Look at(String value) {
            int digits = 0;
            int number = 0;
            int longest = 0;
            boolean hasAt = false;
            boolean isPerhapsHan = false;
            boolean isPerhapsStreet = false;
            boolean isPerhapsDoor = false;
            for (int i = 0; i < value.length(); i++) {
                char each = value.charAt(i);
                if (each >= '0' && each <= '9') {
                    digits++;
                    number++;
                    longest = Math.max(longest, number);
                } else {
                    number = 0;
                    hasAt |= each == '@';
                    if (each >= FIRST_HAN) {
                        isPerhapsHan = true;
                        // The last characters of what STREET and DOOR look for.
                        isPerhapsStreet |= "路道街巷弄里苑园坊区寓村组".indexOf(each) >= 0;
                        isPerhapsDoor |= "号幢栋室元弄楼组".indexOf(each) >= 0;
                    }
                }
            }
            return new Look(digits, longest, hasAt, isPerhapsHan, isPerhapsStreet, isPerhapsDoor);
        }
    }

    private static boolean isIdNumber(String value) {
        if (ID_18.matcher(value).matches()) {
            return checksAsId(value) && isDate(value.substring(6, 14));
        }
        return ID_15.matcher(value).matches()
                && PROVINCES.contains(value.substring(0, 2))
                && isDate("19" + value.substring(6, 12));
    }

    private static boolean checksAsId(String value) {
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (value.charAt(i) - '0') * ID_WEIGHTS[i];
        }
        return ID_CHECKS.charAt(sum % 11) == Character.toUpperCase(value.charAt(17));
    }

    /** A birth date from 1800 on; the first six digits are not judged, because people keep abolished division codes for life. */
    private static boolean isDate(String yyyymmdd) {
        try {
            LocalDate date = LocalDate.of(
                    Integer.parseInt(yyyymmdd.substring(0, 4)),
                    Integer.parseInt(yyyymmdd.substring(4, 6)),
                    Integer.parseInt(yyyymmdd.substring(6, 8)));
            return date.getYear() >= 1800 && date.getYear() < 2100;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isUscc(String value) {
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += USCC_ALPHABET.indexOf(value.charAt(i)) * USCC_WEIGHTS[i];
        }
        return USCC_ALPHABET.charAt((31 - sum % 31) % 31) == value.charAt(17);
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
        return street && door || (street || door) && PLACE.matcher(value).find();
    }

    private static boolean hasPersonalInside(String value) {
        if (PHONE_INSIDE.matcher(value).find()) {
            return true;
        }
        Matcher ids = ID_INSIDE.matcher(value);
        while (ids.find()) {
            String id = ids.group().toUpperCase(Locale.ROOT);
            if (checksAsId(id) && isDate(id.substring(6, 14))) {
                return true;
            }
        }
        return false;
    }
}
