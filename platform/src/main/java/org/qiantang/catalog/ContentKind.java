package org.qiantang.catalog;

import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Mask;

/**
 * What the content of a column can be found to be, with the level it brings, whom or what it speaks of, and the share of samples from
 * which on it is believed: low where a check digit or a shape hardly ever comes by chance, high where ordinary words look alike. A name
 * or comment that speaks of the kind halves the burden of proof, but content that contradicts it is not believed.
 */
public enum ContentKind {
    /** 公民身份号码, GB 11643. */
    ID_NUMBER(Level.L3, new Mask.KeepEnds(1, 2), Subject.PERSON, 0.02, 0.02),
    /** 护照、通行证等证件: their shapes are those of many serial numbers, so that a name must speak of them. */
    ID_DOCUMENT(Level.L3, new Mask.KeepEnds(1, 2), Subject.PERSON, Threshold.NAMED_ONLY, 0.3),
    /** 统一社会信用代码, GB 32100: published, so not sensitive. */
    USCC(Level.L1, null, Subject.LEGAL_PERSON, 0.3, 0.3),
    /** 电子证照标识, GB/T 36904: published. */
    E_LICENCE(Level.L1, null, Subject.LICENCE, 0.3, 0.3),
    /** 定点医药机构编号. */
    MEDICAL_INSTITUTION(Level.L1, null, Subject.LEGAL_PERSON, 0.8, 0.5),
    /** 医保医师、护士、药师编号. */
    MEDICAL_STAFF(Level.L2, null, Subject.PERSON, 0.8, 0.5),
    /** 医保药品编码. */
    DRUG_CODE(Level.L1, null, Subject.THING, 0.5, 0.3),
    /** 社会保险、医疗保险个人编号: has no shape of its own, so that a name must speak of it. */
    INSURED_NO(Level.L3, new Mask.KeepEnds(4, 2), Subject.PERSON, Threshold.NAMED_ONLY, 0.5),
    PHONE(Level.L3, new Mask.KeepEnds(3, 4), Subject.PERSON, 0.15, 0.15),
    LANDLINE(Level.L3, new Mask.KeepEnds(4, 2), Subject.PERSON, 0.3, 0.3),
    NAME(Level.L3, new Mask.KeepEnds(1, 0), Subject.PERSON, 0.7, 0.3),
    ADDRESS(Level.L3, new Mask.KeepEnds(6, 0), Subject.PLACE, 0.3, 0.3),
    EMAIL(Level.L3, new Mask.KeepEnds(1, 0), Subject.PERSON, 0.05, 0.05),
    BANK_CARD(Level.L4, new Mask.KeepEnds(4, 4), Subject.PERSON, 0.5, 0.05),
    PLATE(Level.L3, new Mask.KeepEnds(3, 1), Subject.THING, 0.3, 0.3),
    /** 经纬度 or 平面坐标. */
    COORDINATE(Level.L2, null, Subject.PLACE, 0.6, 0.5),
    BIRTH_DATE(Level.L3, new Mask.KeepEnds(4, 0), Subject.PERSON, Threshold.NAMED_ONLY, 0.5),
    /** 疾病名称、诊断编码（ICD-10）、检查所见. */
    HEALTH(Level.L4, new Mask.Hide(), Subject.PERSON, 0.5, 0.2),
    IPV4(Level.L2, null, Subject.THING, 0.5, 0.5),
    /** A phone or identity number inside a longer text, such as a citizen's request. */
    FREE_TEXT_WITH_PERSONAL(Level.L3, new Mask.Hide(), Subject.PERSON, 0.02, 0.02);

    private final Level level;
    private final @Nullable Mask mask;
    private final Subject subject;
    private final double threshold;
    private final double namedThreshold;

    ContentKind(Level level, @Nullable Mask mask, Subject subject, double threshold, double namedThreshold) {
        this.level = level;
        this.mask = mask;
        this.subject = subject;
        this.threshold = threshold;
        this.namedThreshold = namedThreshold;
    }

    public Level level() {
        return level;
    }

    public @Nullable Mask mask() {
        return mask;
    }

    /** Whom or what such a value speaks of. */
    public Subject subject() {
        return subject;
    }

    /** The share of samples, 0 to 1, from which on a column counts as being of this kind; above 1 where content alone never says so. */
    public double threshold() {
        return threshold;
    }

    /** The share from which on it counts when the column's name or comment speaks of the kind. */
    public double namedThreshold() {
        return namedThreshold;
    }

    private static final class Threshold {
        private static final double NAMED_ONLY = 2;
    }
}
